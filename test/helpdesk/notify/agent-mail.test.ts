import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import type { Conversation } from '../../../src/helpdesk/conversation.ts'
import { findItems } from '../../../src/helpdesk/conversations.ts'
import type { Incoming } from '../../../src/helpdesk/incoming.ts'
import { agentForwardOf } from '../../../src/helpdesk/notify/agent-forward.ts'
import { agentMailOf } from '../../../src/helpdesk/notify/agent-mail.ts'
import { notify } from '../../../src/helpdesk/notify/notify.ts'
import { createNumbers } from '../../../src/helpdesk/numbers.ts'
import { createField } from '../../../src/helpdesk/triage/settings.ts'
import { type InboundMailId, newId } from '../../../src/lib/ids.ts'
import { automaticOf } from '../../../src/mail/automatic.ts'
import { parseMail } from '../../../src/mail/parse.ts'
import { replyKeysOf } from '../../../src/mail/reply-keys.ts'
import { splitQuoted } from '../../../src/mail/visible-text.ts'
import { type World, world } from '../../support/world.ts'
import { type Desk, desk } from '../desk.ts'

const ANN = 'ann.agent@shop.example'
const PROOF = 'DMARC passed for shop.example'
const deps = (w: World) => ({ blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' })

async function read(w: World, raw: string): Promise<Incoming> {
  const parsed = await parseMail(Buffer.from(raw.replaceAll('\n', '\r\n')))
  if (parsed.kind !== 'parsed') throw new Error(parsed.reason)
  const { mail } = parsed
  return {
    workspaceId: w.workspaceId,
    inboundId: newId<InboundMailId>(w.clock.now().getTime()),
    rfcMessageId: mail.messageId,
    from: mail.from ?? { name: '', address: '' },
    ...{ replyTo: mail.replyTo, to: mail.to, cc: mail.cc, subject: mail.subject, body: splitQuoted(mail), files: [] },
    keys: replyKeysOf(mail, []),
    automatic: automaticOf(mail, null),
    authentication: { dmarc: 'pass' },
  }
}

/** Bob writes in a conversation of Ann, she is told by mail; what she got. */
async function annIsTold(settings: Parameters<typeof desk>[1] = {}) {
  const w = await world()
  const d = await desk(w, settings)
  const { conversation } = await d.conversation({ assigneeId: d.agent.id })
  const item = await d.customerWrites(conversation.id, 'Still nothing.')
  await w.inWorkspace((tx) =>
    notify(tx, deps(w), { event: 'customer_replied', conversation, itemId: item.id, actor: null }, w.clock.now()),
  )
  await w.dispatch()
  const mail = await PostalMime.parse(w.smtp.messages[0]!.content)
  return { w, d, conversation, mail }
}

interface Answer {
  readonly from?: string
  readonly headers?: string
  readonly provenBy?: string | null
  readonly quote?: boolean
  readonly subject?: string
}

async function answer(
  w: World,
  mail: { messageId?: string | undefined; text?: string | undefined },
  text: string,
  given: Answer = {},
) {
  const quoted =
    given.quote === false ? '' : `\n\nOn Sat, Nov 21, 2026, Bob (Support) wrote:\n${(mail.text ?? '').replace(/^/gm, '> ')}`
  const raw = `From: ${given.from ?? ANN}\nTo: support@example.com\nSubject: ${given.subject ?? 'Re: Parcel'}\nIn-Reply-To: ${mail.messageId}\n${given.headers ?? ''}\n${text}${quoted}\n`
  const incoming = await read(w, raw)
  const asked: string[] = []
  const mayAnswer = async (_: unknown, address: string) => asked.push(address) > 0
  const provenBy = given.provenBy === undefined ? PROOF : given.provenBy
  const outcome = await w.inWorkspace((tx) => agentMailOf(tx, deps(w), { incoming, provenBy }, mayAnswer, w.clock.now()))
  return { outcome, told: asked }
}

const itemsOf = async (w: World, { id }: Conversation) =>
  (await findItems(w.database.db, w.workspaceId, id, { before: null, limit: 20 })).filter(({ kind }) => kind !== 'activity')

test('an agent answers a notification, and the customer gets what was written above it and nothing else', async () => {
  const { w, d, conversation, mail } = await annIsTold()
  const { outcome } = await answer(w, mail, 'It comes *tomorrow*.')
  expect(outcome).toMatchObject({ kind: 'reply_added', conversationId: conversation.id })
  await w.dispatch()
  const sent = w.smtp.messages.at(-1)!
  expect(sent.recipients).toEqual(['bob@customer.example'])
  const read = await PostalMime.parse(sent.content)
  expect(read.from?.address).toBe('support@example.com')
  expect(read.text).toContain('It comes *tomorrow*.')
  for (const internal of ['above this line', 'Open it', 'waybill.example.com', mail.messageId ?? '-'])
    expect(sent.content).not.toContain(internal)
  const [reply] = await itemsOf(w, conversation)
  expect(reply).toMatchObject({
    kind: 'reply',
    userId: d.agent.id,
    bodyText: 'It comes *tomorrow*.',
    authentication: { dmarc: 'pass' },
  })
  expect((await d.find(conversation.id)).status).toBe('pending')
})

test.each([
  ['@note\nHe is right, of course.', 'note', 'He is right, of course.', 'open', null],
  ['@close\n@assign ben\n\nDone.', 'reply', 'Done.', 'closed', 'Ben'],
  ['@close', 'note', '@close', 'closed', null],
  ['@Ben have a look', 'reply', '@Ben have a look', 'pending', null],
])('first lines ask for things: %j', async (text, kind, body, status, assignee) => {
  const { w, d, conversation, mail } = await annIsTold()
  const ben = await d.hire('Ben')
  await answer(w, mail, text)
  const [item] = await itemsOf(w, conversation)
  expect(item).toMatchObject({ kind, bodyText: body })
  const after = await d.find(conversation.id)
  expect(after.status).toBe(status)
  expect(after.assigneeId).toBe(assignee === null ? d.agent.id : ben.id)
  await w.dispatch()
  const customers = w.smtp.messages.filter(({ recipients }) => recipients.includes('bob@customer.example'))
  expect(customers).toHaveLength(kind === 'reply' ? 1 : 0)
})

test('an inbox that closes what is answered leaves it open where a required field is empty, sends the answer all the same and says why', async () => {
  const { w, d, conversation, mail } = await annIsTold({ status_after_reply: 'closed' })
  const field = { inboxId: null, name: 'Order', type: 'text', options: [], isRequired: true, inList: false } as const
  await w.inWorkspace((tx) => createField(tx, field, d.agent, w.clock.now()))
  const ben = await d.hire('Ben')
  const { outcome } = await answer(w, mail, '@assign ben\n\nIt comes tomorrow.')
  expect(outcome).toMatchObject({ kind: 'reply_added' })
  expect(await d.find(conversation.id)).toMatchObject({ status: 'open', assigneeId: ben.id, waitingSince: null })
  const [note] = (await itemsOf(w, conversation)).filter(({ kind }) => kind === 'note')
  expect(note?.bodyText).toBe('Before this conversation is closed, fill in: "Order".')
})

test('whoever cannot show token, own address, proof, access and a fresh notification does not answer in an agent’s name', async () => {
  const { w, d, conversation, mail } = await annIsTold()
  await d.hire('Ben')
  const before = await itemsOf(w, conversation)
  const refused = async (given: Answer, told: string[] = []) => {
    const result = await answer(w, mail, 'Send me the money.', given)
    expect(result.outcome).toMatchObject({ kind: 'quarantined', reason: 'agent_not_proven' })
    expect(result.told).toEqual(told)
  }
  await refused({ from: 'bob@customer.example' })
  await refused({ from: 'ben@shop.example' })
  await refused({ provenBy: null }, [ANN])
  const machine = await answer(w, mail, 'I am away.', { headers: 'Auto-Submitted: auto-replied\n' })
  expect(machine.outcome).toMatchObject({ kind: 'ignored', reason: 'answer_to_notification' })
  // A token of ours that is changed by one letter is none, and neither is what only refers to the conversation.
  const forged = (mail.messageId ?? '').replace(/<n\.(.)/, (_, letter) => `<n.${letter === 'a' ? 'b' : 'a'}`)
  expect((await answer(w, { messageId: forged }, 'Hello', { quote: false })).outcome).toBeNull()
  expect(
    (await answer(w, { messageId: `<conversation.${conversation.id}@example.com>` }, 'Hello', { quote: false })).outcome,
  ).toBeNull()

  await sql`insert into inbox_access values (${w.workspaceId}, ${d.inbox.id}, ${d.agent.id}, 'none')`.execute(w.database.db)
  await refused({}, [ANN])
  await sql`delete from inbox_access`.execute(w.database.db)
  await sql`update membership set role = 'viewer' where user_id = ${d.agent.id}`.execute(w.database.db)
  await refused({}, [ANN])
  await sql`update membership set role = 'agent' where user_id = ${d.agent.id}`.execute(w.database.db)
  await sql`update notification set created_at = created_at - interval '91 days'`.execute(w.database.db)
  await refused({}, [ANN])
  await sql`delete from membership where user_id = ${d.agent.id}`.execute(w.database.db)
  await refused({})
  expect(await itemsOf(w, conversation)).toEqual(before)

  await w.dispatch()
  const notices = w.smtp.messages.filter(({ content }) => content.includes('Subject: Not sent'))
  expect(notices.length).toBeGreaterThan(0)
  for (const { sender, recipients, content } of notices) {
    expect([sender, recipients]).toEqual(['', [ANN]])
    expect(content).toContain('Auto-Submitted: auto-replied')
    expect(content).not.toContain('Send me the money')
  }
})

test('an answer in which the notification still stands becomes a note, and its writer is told that it was not sent', async () => {
  const { w, conversation, mail } = await annIsTold()
  const below = (mail.text ?? '').split('\n').slice(2).join('\n')
  const { outcome } = await answer(w, mail, `See below.\n\n${below}`, { quote: false })
  expect(outcome).toMatchObject({ kind: 'note_added' })
  expect((await itemsOf(w, conversation))[0]?.kind).toBe('note')
  await w.dispatch()
  expect(w.smtp.messages.some(({ recipients }) => recipients.includes('bob@customer.example'))).toBe(false)
  expect(w.smtp.messages.at(-1)?.content).toContain('did not arrive')
})

test.each(['Fwd: Parcel', 'WG: Parcel', 'Re: Fwd: Parcel', 'Parcel (fwd)'])(
  'what an agent writes above a notification that they pass on as "%s" reaches the customer only where it is an answer',
  async (subject) => {
    const { w, conversation, mail } = await annIsTold()
    const head = `---------- Forwarded message ---------\nFrom: Support <support@example.com>\nSubject: ${mail.subject}\nTo: ${ANN}`
    const text = `Ben, what do you think of this one?\n\n${head}\n\n${mail.text}`
    const { outcome } = await answer(w, mail, text, { quote: false, subject, headers: 'Cc: ben@elsewhere.example\n' })
    const isAnswer = subject.startsWith('Re:')
    expect(outcome).toMatchObject({ kind: isAnswer ? 'reply_added' : 'note_added' })
    expect((await itemsOf(w, conversation))[0]?.kind).toBe(isAnswer ? 'reply' : 'note')
    await w.dispatch()
    const reached = w.smtp.messages.filter(({ recipients }) => recipients.includes('bob@customer.example'))
    expect(reached).toHaveLength(isAnswer ? 1 : 0)
    if (!isAnswer) expect(w.smtp.messages.at(-1)?.content).toContain('did not arrive')
  },
)

const FORWARD = `From: ${ANN}
To: support@example.com
Subject: Fwd: Where is it?

@fwd
He rang, too.

---------- Forwarded message ---------
From: Carla Customer <carla@customer.example>
Date: Sat, Nov 21, 2026
Subject: Where is it?
To: Ann Agent <${ANN}>

My parcel has not come.
`

async function forward(d: Desk, w: World, raw: string, provenBy: string | null = PROOF) {
  const incoming = await read(w, raw)
  const numbers = createNumbers(w.database, w.clock)
  const own = new Map([['support@example.com', d.inbox.id]])
  const all = { ...deps(w), numbers }
  return await w.inWorkspace((tx) =>
    agentForwardOf(tx, all, { incoming, provenBy }, d.inbox, own, () => numbers.take(w.workspaceId), w.clock.now()),
  )
}

test('@fwd makes a conversation of whoever wrote the mail first', async () => {
  const w = await world()
  const d = await desk(w)
  const outcome = await forward(d, w, FORWARD)
  const conversation = await d.find(outcome!.conversationId)
  expect(conversation).toMatchObject({ requester: 'carla@customer.example', subject: 'Where is it?' })
  expect((await itemsOf(w, conversation)).map(({ kind, bodyText, from }) => [kind, bodyText, from.name])).toEqual([
    ['note', 'He rang, too.', ''],
    ['customer', 'My parcel has not come.', 'Carla Customer'],
  ])
})

test.each([
  ['it is not proven', FORWARD, null],
  ['somebody else got it too', FORWARD.replace('\nSubject', '\nCc: boss@shop.example\nSubject'), PROOF],
  ['its sender is no agent', FORWARD.replace(`From: ${ANN}`, 'From: eve@customer.example'), PROOF],
  ['it does not say who wrote first', FORWARD.replace(/\nFrom: Carla.*/, ''), PROOF],
  ['who wrote first is an inbox of ours', FORWARD.replace('carla@customer.example', 'support@example.com'), PROOF],
  ['its first line is another', FORWARD.replace('@fwd', 'Hello'), PROOF],
])('a mail with @fwd is nothing special when %s', async (_, raw, provenBy) => {
  const w = await world()
  const d = await desk(w)
  expect(await forward(d, w, raw, provenBy)).toBeNull()
})
