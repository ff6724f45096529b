import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import type { Tx } from '../../../src/db/database.ts'
import { groundOf, prepareAnswer } from '../../../src/helpdesk/answering/answer.ts'
import { sendAnswer } from '../../../src/helpdesk/answering/send-answer.ts'
import { undoSend } from '../../../src/helpdesk/answering/undo-send.ts'
import type { Conversation } from '../../../src/helpdesk/conversation.ts'
import { BLANK_DRAFT } from '../../../src/helpdesk/drafts/draft.ts'
import { listNotifications } from '../../../src/helpdesk/notify/bell.ts'
import type { Cause } from '../../../src/helpdesk/notify/cause.ts'
import { failedAnswerFollower } from '../../../src/helpdesk/notify/failed-answers.ts'
import { notify } from '../../../src/helpdesk/notify/notify.ts'
import { readReplyToken, replyKey } from '../../../src/helpdesk/outgoing/reply-token.ts'
import { base64url, newEphemeral } from '../../../src/helpdesk/push/encrypt.ts'
import { sendDuePushes } from '../../../src/helpdesk/push/push-job.ts'
import { subscribe } from '../../../src/helpdesk/push/subscriptions.ts'
import { changeConversations } from '../../../src/helpdesk/triage/change.ts'
import type { ItemId, UserId } from '../../../src/lib/ids.ts'
import { parseMail } from '../../../src/mail/parse.ts'
import { replyKeysOf } from '../../../src/mail/reply-keys.ts'
import { caughtUp } from '../../support/caught-up.ts'
import { fixedResolver } from '../../support/dns.ts'
import { type World, world } from '../../support/world.ts'
import { type Agent, desk } from '../desk.ts'

interface Row {
  readonly who: string
  readonly event: string
  readonly reason: string
  readonly in_app: boolean
  readonly mailed: boolean
}

async function told(w: World): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select u.name as who, n.event, n.reason, n.in_app, n.message_id is not null as mailed
      from notification n join user_account u on u.id = n.user_id order by n.id`.execute(w.database.db)
  return rows
}

function cause(conversation: Conversation, over: Partial<Cause> = {}): Cause {
  return { event: 'customer_replied', conversation, itemId: null, actor: null, ...over }
}

const deps = (w: World) => ({ blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' })
const tell = (w: World, what: Cause) => w.inWorkspace((tx) => notify(tx, deps(w), what, w.clock.now()))

const choose = (w: World, agent: Agent, choices: object, muted: readonly string[] = []) =>
  sql`insert into notification_setting (workspace_id, user_id, choices, muted, updated_at)
      values (${w.workspaceId}, ${agent.id}, ${JSON.stringify(choices)}::jsonb, ${muted}::uuid[], ${w.clock.now()})`.execute(
    w.database.db,
  )

test('an agent is told by mail of an answer in a conversation of theirs; the mail names its recipient by a token', async () => {
  const w = await world()
  const d = await desk(w)
  const ben = await d.hire('Ben')
  const { conversation, first } = await d.conversation({ assigneeId: d.agent.id })
  const item = await d.customerWrites(conversation.id, 'Still nothing. <b>Really</b>')
  await tell(w, cause(conversation, { itemId: item.id }))
  await choose(w, ben, { customer_replied_others: ['email'] })
  await tell(w, cause(conversation, { itemId: item.id }))
  await w.dispatch()

  expect(await told(w)).toEqual([
    { who: 'Ann Agent', event: 'customer_replied', reason: 'customer_replied_mine', in_app: true, mailed: true },
    { who: 'Ben', event: 'customer_replied', reason: 'customer_replied_others', in_app: false, mailed: true },
  ])
  expect(w.smtp.messages.map(({ recipients }) => recipients)).toEqual([['ann.agent@shop.example'], ['ben@shop.example']])
  const mail = await PostalMime.parse(w.smtp.messages[0]!.content)
  expect(mail.subject).toBe(`[#${conversation.number}] Where is my parcel?`)
  expect(mail.from).toMatchObject({ address: 'support@example.com', name: 'Bob (Support)' })
  expect(mail.text).toContain('Bob answered in conversation #')
  expect(mail.text).toContain('Still nothing. <b>Really</b>')
  expect(mail.text).toContain(`> ${first.bodyText}`)
  expect(mail.html).not.toContain('<b>Really')
  expect(mail.text).toContain(`https://waybill.example.com/conversations/${conversation.number}`)
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
  expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' })
  expect(mail.inReplyTo).toBe(`<conversation.${conversation.id}@example.com>`)

  const answer = await parseMail(Buffer.from(`From: ann.agent@shop.example\r\nIn-Reply-To: ${mail.messageId}\r\n\r\nOn its way.`))
  const [token = ''] = answer.kind === 'parsed' ? replyKeysOf(answer.mail, []).tokens : []
  expect(readReplyToken(token, [replyKey(w.secrets)])?.purpose).toBe('notification')
})

test('people are told by what concerns them, never of what they did themselves, and not of what they may not see', async () => {
  const w = await world()
  const d = await desk(w, { restricted: true })
  const [ben, cleo, dora] = [await d.hire('Ben'), await d.hire('Cleo', 'admin'), await d.hire('Dora')]
  const { conversation } = await d.conversation({ assigneeId: ben.id })
  const access = (agent: Agent, level: string) =>
    sql`insert into inbox_access values (${w.workspaceId}, ${d.inbox.id}, ${agent.id}, ${level})`.execute(w.database.db)
  await access(d.agent, 'full')
  await access(ben, 'assigned_only')
  const mentioned: UserId[] = [dora.id, d.agent.id]
  await tell(w, cause(conversation, { event: 'note_added', actor: cleo.id, mentioned }))

  expect((await told(w)).map(({ who, reason }) => [who, reason])).toEqual([
    ['Ann Agent', 'mentioned'],
    ['Ben', 'agent_replied_mine'],
  ])
  // Dora may not enter and does not follow from now on; Ann does. Of a colleague's conversation, Ben is told nothing.
  await tell(w, cause({ ...conversation, assigneeId: cleo.id }, { event: 'agent_replied', actor: cleo.id }))
  expect((await told(w)).slice(2).map(({ who, reason }) => [who, reason])).toEqual([['Ann Agent', 'followed']])
})

test('a muted inbox is silent, but for what concerns the person', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation } = await d.conversation()
  await choose(w, d.agent, {}, [d.inbox.id])
  await tell(w, cause(conversation, { event: 'conversation_started' }))
  expect(await told(w)).toEqual([])
  await tell(w, cause({ ...conversation, assigneeId: d.agent.id }, { event: 'assigned' }))
  expect((await told(w)).map(({ reason }) => reason)).toEqual(['assigned_me'])
})

test('one act on many conversations tells each agent once, by one mail that lists them', async () => {
  const w = await world()
  const d = await desk(w)
  const [boss, ben, cleo] = [await d.hire('Boss', 'owner'), await d.hire('Ben'), await d.hire('Cleo')]
  await choose(w, ben, { assigned_me: ['in_app', 'email'] })
  await choose(w, cleo, { assigned_others: ['in_app'] })
  await choose(w, d.agent, { assigned_me: [], assigned_others: [] })
  const made = []
  for (let i = 0; i < 60; i += 1) made.push((await d.conversation({ subject: `Parcel ${i}` })).conversation)
  const bulk = (ids: readonly Conversation[], assigneeId: UserId) =>
    w.inWorkspace((tx) =>
      changeConversations(
        tx,
        deps(w),
        ids.map(({ id }) => id),
        { assigneeId },
        boss,
        w.clock.now(),
      ),
    )
  expect((await bulk(made, ben.id)).changed).toHaveLength(60)
  await w.dispatch()

  const rows = await told(w)
  expect(rows.map(({ who, reason, mailed }) => [who, reason, mailed])).toEqual([
    ['Ben', 'assigned_me', true],
    ['Cleo', 'assigned_others', false],
  ])
  const [theirs] = await w.inWorkspace((tx) => listNotifications(tx, ben, { onlyUnread: true, after: null, limit: 9 }))
  expect(theirs).toMatchObject({ headline: 'Boss assigned 60 conversations to you', count: 60, number: made[0]?.number })
  expect(w.smtp.messages).toHaveLength(1)
  const mail = await PostalMime.parse(w.smtp.messages[0]!.content)
  expect(mail.subject).toBe('Boss assigned 60 conversations to you')
  expect(mail.text).toContain(`#${made[49]?.number} Parcel 49`)
  expect(mail.text).not.toContain('Parcel 50')
  expect(mail.text).toContain('And 10 more.')
  // Nobody can know which conversation an answer to it would be meant for.
  expect(mail.text).not.toContain('Write your answer')
  const { rows: events } = await sql`select from event where type = 'conversation.notified'`.execute(w.database.db)
  expect(events).toHaveLength(1)

  // One is told as ever, and by the name of whoever did it.
  await bulk(made.slice(0, 1), cleo.id)
  await bulk(made.slice(0, 1), ben.id)
  await w.dispatch()
  const single = await PostalMime.parse(w.smtp.messages[1]!.content)
  expect(single.text).toContain(`Boss assigned conversation #${made[0]?.number} to you`)
  const [, own] = await w.inWorkspace((tx) => listNotifications(tx, cleo, { onlyUnread: true, after: null, limit: 9 }))
  expect(own).toMatchObject({ headline: `Boss assigned conversation #${made[0]?.number} to you`, count: 1 })
})

test('it takes as many statements for forty agents as for one', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation, first } = await d.conversation({ assigneeId: null })
  await choose(w, d.agent, { started: ['in_app', 'email', 'push'] })
  const counted = async (itemId: ItemId | null) => {
    let statements = 0
    await w.inWorkspace(async (tx) => {
      const count = (inner: Tx): Tx =>
        new Proxy(inner, {
          get: (target, name) => {
            const value = Reflect.get(target, name)
            if (name !== 'getExecutor') return typeof value === 'function' ? value.bind(target) : value
            return () => {
              const executor = target.getExecutor()
              return new Proxy(executor, {
                get: (of, key) => {
                  const found = Reflect.get(of, key)
                  if (key === 'executeQuery') statements += 1
                  return typeof found === 'function' ? found.bind(of) : found
                },
              })
            }
          },
        })
      await notify(count(tx), deps(w), cause(conversation, { event: 'conversation_started', itemId }), w.clock.now())
    })
    return statements
  }
  const one = await counted(first.id)
  for (let i = 0; i < 39; i += 1) await choose(w, await d.hire(`Agent ${i}`), { started: ['in_app', 'email', 'push'] })
  const item = await d.customerWrites(conversation.id, 'Hello?')
  expect(await counted(item.id)).toBe(one)
  expect(one).toBeGreaterThan(5)
  expect((await told(w)).filter(({ mailed }) => mailed)).toHaveLength(41)
})

test('whose answer does not arrive is told, once for the answer', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation } = await d.conversation()
  const content = { ...BLANK_DRAFT, to: ['bob@customer.example', 'gone@customer.example'], html: '<p>Here it is.</p>' }
  const request = { content, status: null, seen: null }
  const answering = { ...deps(w), db: w.database.db }
  const prepared = await prepareAnswer(
    answering,
    d.agent,
    'reply',
    await groundOf(answering, d.agent, conversation.id),
    request,
    w.clock.now(),
  )
  const item = await w.inWorkspace((tx) => sendAnswer(tx, answering, prepared, d.agent, w.clock.now()))
  for (const to of content.to) w.smtp.answer(to, '550 5.1.1 user unknown').always()
  await w.dispatch()
  await caughtUp(w.database, failedAnswerFollower(deps(w)), w.clock.now())
  expect(await told(w)).toEqual([{ who: 'Ann Agent', event: 'send_failed', reason: 'send_failed', in_app: true, mailed: true }])
  expect(item.kind).toBe('reply')
})

test('an answer that is taken back in time tells nobody: no line, no mail and no push', async () => {
  const w = await world()
  const d = await desk(w, { undo_seconds: 20 })
  const ben = await d.hire('Ben')
  const browser = { ...newEphemeralKeys(), endpoint: 'http://127.0.0.1:9/push', browser: 'Firefox' }
  await w.inWorkspace((tx) => subscribe(tx, { workspaceId: w.workspaceId, userId: ben.id }, browser, true, w.clock.now()))
  const { conversation } = await d.conversation({ assigneeId: ben.id })
  const content = { ...BLANK_DRAFT, to: ['bob@customer.example'], html: '<p>Soon.</p>' }
  const given = { db: w.database.db, ...deps(w) }
  const ground = await groundOf(given, d.agent, conversation.id)
  const request = { content, status: null, seen: null }
  const prepared = await prepareAnswer(given, d.agent, 'reply', ground, request, w.clock.now())
  const item = await w.inWorkspace((tx) => sendAnswer(tx, given, prepared, d.agent, w.clock.now()))
  const pushes = () =>
    sql<{ state: string; problem: string | null }>`
      select p.state, s.problem from push p join push_subscription s on s.id = p.subscription_id`.execute(w.database.db)
  const carry = () =>
    sendDuePushes({
      ...{
        database: w.database,
        secrets: w.secrets,
        clock: w.clock,
        url: given.url,
        allowPrivateNetworks: true,
        random: () => 0,
      },
      resolver: fixedResolver({}),
    })

  expect(await carry()).toBe(0)
  expect((await pushes()).rows).toEqual([{ state: 'waiting', problem: null }])
  await w.inWorkspace((tx) => undoSend(tx, d.agent, conversation.id, item.id, w.clock.now()))
  w.clock.advance(60_000)
  expect(await carry()).toBe(1)
  expect((await pushes()).rows).toEqual([{ state: 'dropped', problem: null }])
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
})

function newEphemeralKeys() {
  const keys = newEphemeral()
  return { p256dh: base64url(keys.getPublicKey()), auth: base64url(Buffer.alloc(16, 7)) }
}
