/**
 * Somebody who is customer and agent at one address, and everything like it: whoever shares an address with whom, each decision to tell or to answer
 * somebody is one message with a time at which it is due, and who a mail is from is decided by the token it carries.
 */
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addNote } from '../../src/helpdesk/answering/note.ts'
import type { Incoming } from '../../src/helpdesk/incoming.ts'
import { agentMailOf } from '../../src/helpdesk/notify/agent-mail.ts'
import { type ConversationId, type InboundMailId, newId } from '../../src/lib/ids.ts'
import { parseMail } from '../../src/mail/parse.ts'
import { replyKeysOf } from '../../src/mail/reply-keys.ts'
import { splitQuoted } from '../../src/mail/visible-text.ts'
import { type Agent, type Desk, desk } from '../helpdesk/desk.ts'
import { type Inlet, inlet } from '../inbound/support.ts'
import { type World, world } from '../support/world.ts'

const ROLES = ['customer', 'agent', 'inbox', 'alias'] as const
type Assignment = Readonly<Record<(typeof ROLES)[number], string>>

/** Every way to share addresses among the roles: the partitions of a set of four. */
function partitions(): number[][] {
  const found: number[][] = []
  const extend = (head: number[]) => {
    if (head.length === ROLES.length) found.push(head)
    else for (let block = 0; block <= Math.max(-1, ...head) + 1; block++) extend([...head, block])
  }
  extend([])
  return found
}

interface Cast {
  readonly address: Assignment
  readonly agent: Agent
  readonly boss: Agent
  readonly inboxId: string
  readonly conversationId: ConversationId
  /** The Message-ID with which the customer began. */
  readonly first: string
}

let casts = 0

/** An inbox, its agent and a customer who wrote to it: with the addresses of this partition, on a domain of their own. */
async function cast(w: World, d: Desk, way: Inlet, boss: Agent, blocks: readonly number[]): Promise<Cast> {
  casts += 1
  const domain = `case${casts}.example`
  const address = Object.fromEntries(ROLES.map((role, i) => [role, `p${blocks[i]}@${domain}`])) as unknown as Assignment
  const agent = await d.hire(`Agent ${casts}`)
  await sql`update user_account set email = ${address.agent} where id = ${agent.id}`.execute(w.database.db)
  const { id: inboxId } = await d.addInbox(`Case${casts}`, { default_assignee: agent.id, assign_on_reply: 'never' })
  await sql`update inbox set address = ${address.inbox} where id = ${inboxId}`.execute(w.database.db)
  await sql`delete from inbox_address where inbox_id = ${inboxId}`.execute(w.database.db)
  for (const each of new Set([address.inbox, address.alias]))
    await sql`insert into inbox_address values (${w.workspaceId}, ${each}, ${inboxId}, true, ${w.clock.now()})`.execute(
      w.database.db,
    )
  const first = `<first.${casts}@${domain}>`
  const mail = `From: ${address.customer}\nTo: ${address.alias}\nSubject: Hello ${casts}\nMessage-ID: ${first}\n\nWhere is it?\n`
  const settled = await way.take(mail, { recipients: [address.alias] })
  expect(settled).toMatchObject({ state: 'settled', outcome: 'conversation_started' })
  return { address, agent, boss, inboxId, conversationId: settled.conversationId as ConversationId, first }
}

interface Sent {
  readonly purpose: string
  readonly recipient: string
  readonly state: string
  readonly reason: string | null
  readonly due: boolean
  readonly rfcMessageId: string
}

/** Everything that was decided about a conversation, as its waybills say it. */
async function sentAbout(w: World, conversationId: ConversationId): Promise<Sent[]> {
  const { rows } = await sql<Sent>`
    select m.origin->>'purpose' as purpose, d.recipient, d.state, d.reason->>'code' as reason, d.due_at is not null as due, m.rfc_message_id as "rfcMessageId"
      from message m join delivery d on d.message_id = m.id
     where m.origin->>'conversation_id' = ${conversationId}
     order by m.id, d.id`.execute(w.database.db)
  return rows
}

/** The mail that told the agent last. */
async function lastTold(w: World, { conversationId, agent }: Cast): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select m.rfc_message_id as id from notification n join message m on m.id = n.message_id
     where n.conversation_id = ${conversationId} and n.user_id = ${agent.id} order by n.id desc limit 1`.execute(w.database.db)
  return rows[0]?.id ?? ''
}

async function read(w: World, raw: string): Promise<Incoming> {
  const parsed = await parseMail(Buffer.from(raw))
  if (parsed.kind !== 'parsed') throw new Error(parsed.reason)
  const { mail } = parsed
  return {
    workspaceId: w.workspaceId,
    inboundId: newId<InboundMailId>(w.clock.now().getTime()),
    rfcMessageId: mail.messageId,
    from: mail.from ?? { name: '', address: '' },
    ...{ replyTo: mail.replyTo, to: mail.to, cc: mail.cc, subject: mail.subject, body: splitQuoted(mail), files: [] },
    keys: replyKeysOf(mail, []),
    automatic: null,
    authentication: null,
  }
}

const ACTS = ['customer_writes', 'boss_notes', 'agent_answers', 'agent_unproven'] as const
type Act = (typeof ACTS)[number]

let mails = 0

/** Does it, and says which messages it decides. */
async function act(w: World, way: Inlet, what: Act, person: Cast): Promise<string[]> {
  const { address, boss, conversationId, first } = person
  mails += 1
  const told = `notification to ${address.agent}`
  switch (what) {
    case 'customer_writes': {
      const mail = `From: ${address.customer}\nTo: ${address.inbox}\nMessage-ID: <more.${mails}@x.example>\nIn-Reply-To: ${first}\n\nHello? ${mails}\n`
      expect(await way.take(mail, { recipients: [address.inbox] })).toMatchObject({ outcome: 'reply_added', conversationId })
      return [told]
    }
    case 'boss_notes': {
      const request = { content: { html: `<p>Note ${mails}</p>`, files: [] }, mentions: { users: [], teams: [] }, change: {} }
      await w.inWorkspace((tx) => addNote(tx, { ...way.deps, db: tx }, boss, conversationId, request, w.clock.now()))
      return [told]
    }
    case 'agent_answers': {
      const raw = `From: ${address.agent}\r\nTo: ${address.inbox}\r\nIn-Reply-To: ${await lastTold(w, person)}\r\n\r\nTomorrow. ${mails}\r\n`
      const mail = { incoming: await read(w, raw), provenBy: 'DMARC passed' }
      const outcome = await w.inWorkspace((tx) => agentMailOf(tx, way.deps, mail, async () => true, w.clock.now()))
      const isToUs = [address.inbox, address.alias].includes(address.customer)
      expect(outcome?.kind).toBe(isToUs ? 'note_added' : 'reply_added')
      return isToUs ? [told] : [`reply to ${address.customer}`]
    }
    case 'agent_unproven': {
      // From the address of the agent, who may be the customer, and nothing proves it: not the agent's, and not the customer's either.
      const raw = `From: ${address.agent}\nTo: ${address.inbox}\nMessage-ID: <no.${mails}@x.example>\nIn-Reply-To: ${await lastTold(w, person)}\n\nNo. ${mails}\n`
      const settled = await way.take(raw, { recipients: [address.inbox] })
      expect(settled).toMatchObject({ state: 'quarantined', reason: 'agent_not_proven' })
      return []
    }
  }
}

test('whoever shares an address with whom, every decision is one message with its time, and none waits silently', async () => {
  const w = await world()
  const d = await desk(w)
  const way = inlet(w)
  const boss = await d.hire('Boss')
  const people: Cast[] = []
  const expected = new Map<Cast, string[]>()
  for (const blocks of partitions()) {
    const person = await cast(w, d, way, boss, blocks)
    people.push(person)
    expected.set(person, [`notification to ${person.address.agent}`])
  }
  expect(people).toHaveLength(15)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...ACTS), { minLength: 2, maxLength: 5 }), async (acts) => {
      for (const person of people) for (const what of acts) expected.get(person)?.push(...(await act(w, way, what, person)))
    }),
    { numRuns: 2, endOnFailure: true, examples: [[[...ACTS]]] },
  )

  for (const person of people) {
    const sent = await sentAbout(w, person.conversationId)
    expect(sent.map(({ purpose, recipient }) => `${purpose} to ${recipient}`)).toEqual(expected.get(person))
    for (const { state, due, reason } of sent) expect(state === 'queued' ? due : reason !== null).toBe(true)
    expect(new Set(sent.map(({ rfcMessageId }) => rfcMessageId)).size).toBe(sent.length)
  }
  await w.dispatch()
  for (const person of people) for (const { state } of await sentAbout(w, person.conversationId)) expect(state).toBe('sent')
  const decided = [...expected.values()].flat().length
  expect(w.smtp.messages.length).toBeGreaterThanOrEqual(decided)

  // Where everybody is at one address, all of it comes back to the inbox: and ends there.
  const one = people.find(({ address }) => new Set(Object.values(address)).size === 1) as Cast
  const sent = await sentAbout(w, one.conversationId)
  const came = w.smtp.messages.filter(({ recipients }) => recipients.includes(one.address.inbox))
  expect(came.length).toBeGreaterThanOrEqual(sent.length)
  for (const { content } of came) {
    const settled = await way.take(Buffer.from(content, 'latin1'), { recipients: [one.address.inbox] })
    expect(settled).toMatchObject({ state: 'settled', outcome: 'ignored' })
  }
  expect(await sentAbout(w, one.conversationId)).toHaveLength(sent.length)
}, 120_000)
