import { createECDH, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import type { Conversation } from '../../src/helpdesk/conversation.ts'
import { findConversation } from '../../src/helpdesk/conversations.ts'
import { notify } from '../../src/helpdesk/notify/notify.ts'
import { sendDuePushes } from '../../src/helpdesk/push/push-job.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { type ConversationId, type InboxId, newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { type Answering, ScriptedApi } from '../support/api-server.ts'
import { anApi, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi({ allowPrivateNetworks: true })
const { clock } = api
const { database } = api.deps
const ann = await owner(api)
const ben = await memberOf(api, ann, 'Ben', 'agent')
const cleo = await memberOf(api, ann, 'Cleo', 'agent')
const workspaceId = ann.workspaceId as WorkspaceId
const inboxId = newId<InboxId>()
await sql`insert into inbox (workspace_id, id, name, slug, address, restricted, created_at, updated_at)
          values (${workspaceId}, ${inboxId}, 'Support', 'support', 'support@example.com', true, ${clock.now()}, ${clock.now()})`.execute(
  database.db,
)
await sql`insert into inbox_access values (${workspaceId}, ${inboxId}, ${ben.userId}, 'full')`.execute(database.db)

let number = 0
async function aConversation(assignee: string | null = null): Promise<Conversation> {
  const id = newId<ConversationId>(clock.now().getTime())
  number += 1
  await sql`insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, assignee_id, requester, last_at, created_at, updated_at)
            values (${workspaceId}, ${id}, ${number}, ${inboxId}, 'Where is it?', 'email', 'open', ${assignee}::uuid, 'bob@customer.example',
                    ${clock.now()}, ${clock.now()}, ${clock.now()})`.execute(database.db)
  return (await findConversation(database.db, workspaceId, id)) as Conversation
}

const tell = (conversation: Conversation) =>
  database.transaction(ENGINE, (tx) =>
    notify(tx, api.deps, { event: 'customer_replied', conversation, itemId: null, actor: null }, clock.now()),
  )
const unread = async (who: { cookie: string }) => (await ask(api, 'GET', '/v1/notifications/count', who)).body.unread

test('an agent reads what he was told; who opens the conversation has read it', async () => {
  const [first, second] = [await aConversation(ben.userId), await aConversation(ben.userId)]
  await tell(first)
  await tell(second)
  expect([await unread(ben), await unread(cleo)]).toEqual([2, 0])
  const { body } = await ask(api, 'GET', '/v1/notifications?limit=1', ben)
  expect(body.items).toMatchObject([
    {
      headline: `bob@customer.example answered in conversation #${second.number}`,
      reason: 'customer_replied_mine',
      read_at: null,
    },
  ])
  const next = await ask(api, 'GET', `/v1/notifications?limit=1&after=${encodeURIComponent(body.next)}`, ben)
  expect(next.body.items[0].conversation.id).toBe(first.id)

  await ask(api, 'POST', `/v1/conversations/${first.id}/presence`, { ...ben, body: { page: randomUUID(), doing: 'looking' } })
  expect((await ask(api, 'GET', '/v1/notifications?unread=1', ben)).body.items).toHaveLength(1)
  expect((await ask(api, 'POST', '/v1/notifications/read', { ...ben, body: {} })).body).toEqual({ read: 1 })
  expect(await unread(ben)).toBe(0)
})

test('what one may no longer see is no longer in the list, and a key has no bell', async () => {
  await tell(await aConversation(ben.userId))
  expect(await unread(ben)).toBe(1)
  const level = (to: string) => sql`update inbox_access set level = ${to} where user_id = ${ben.userId}`.execute(database.db)
  await level('none')
  expect(await unread(ben)).toBe(0)
  expect((await ask(api, 'GET', '/v1/notifications?unread=1', ben)).body.items).toEqual([])
  await level('full')
  await ask(api, 'POST', '/v1/notifications/read', { ...ben, body: {} })
  const { key } = await keyOf(api, ann)
  expect((await ask(api, 'GET', '/v1/notifications', { key })).body.code).toBe('person_needed')
})

test('settings keep what differs from the usual, and only that', async () => {
  const before = await ask(api, 'GET', '/v1/notification-settings', ben)
  expect(before.body.inboxes).toEqual([{ id: inboxId, name: 'Support', muted: false }])
  expect((await ask(api, 'GET', '/v1/notification-settings', cleo)).body.inboxes).toEqual([])
  const body = { choices: { assigned_me: ['email'], started: ['in_app'] }, muted: [inboxId] }
  const after = await ask(api, 'PATCH', '/v1/notification-settings', { ...ben, body })
  expect(after.body.inboxes[0].muted).toBe(true)
  expect(after.body.choices).toContainEqual({ reason: 'assigned_me', media: ['email'], usual: ['in_app', 'email', 'push'] })
  const { rows } = await sql`select choices from notification_setting where user_id = ${ben.userId}`.execute(database.db)
  expect(rows).toEqual([{ choices: { assigned_me: ['email'] } }])
  await ask(api, 'PATCH', '/v1/notification-settings', { ...ben, body: { muted: [] } })
  const wrong = await ask(api, 'PATCH', '/v1/notification-settings', { ...ben, body: { muted: [newId<InboxId>()] } })
  expect(wrong.body.code).toBe('not_found')
})

test('of two changes of the settings at once, both hold', async () => {
  const change = (body: object) => ask(api, 'PATCH', '/v1/notification-settings', { ...cleo, body })
  const reasons = ['assigned_me', 'followed', 'mentioned', 'moved', 'send_failed']
  await Promise.all(reasons.map((reason) => change({ choices: { [reason]: [] } })))
  const { choices } = (await ask(api, 'GET', '/v1/notification-settings', cleo)).body
  const silent = choices.filter((each: { usual: string[]; media: string[] }) => each.usual.length > 0 && each.media.length === 0)
  expect(silent.map(({ reason }: { reason: string }) => reason).toSorted()).toEqual(reasons)
})

test('two agents see one another in a conversation, and a page that says nothing more is gone after a while', async () => {
  const conversation = await aConversation()
  const path = `/v1/conversations/${conversation.id}/presence`
  const [annsPage, bensPage] = [randomUUID(), randomUUID()]
  const be = (who: { cookie: string }, page: string, doing: string) => ask(api, 'POST', path, { ...who, body: { page, doing } })
  await be(ben, bensPage, 'looking')
  await be(ben, randomUUID(), 'writing')
  const seen = await be(ann, annsPage, 'looking')
  expect(seen.body.items).toMatchObject([{ name: 'Ben', doing: 'writing' }])
  expect((await ask(api, 'GET', '/v1/presence', ben)).body.items).toMatchObject([
    { conversation_id: conversation.id, name: 'Ann', doing: 'looking' },
  ])
  // Who may not open the conversation is not told who does, and cannot be in it.
  expect((await be(cleo, randomUUID(), 'looking')).status).toBe(404)
  expect((await ask(api, 'GET', '/v1/presence', cleo)).body.items).toEqual([])

  await be(ann, annsPage, 'gone')
  expect((await ask(api, 'GET', path, ben)).body.items).toEqual([])
  clock.advance(MINUTE)
  expect((await ask(api, 'GET', path, ann)).body.items).toEqual([])
})

test('open pages hear at once who came, and only their owner hears what was read', async () => {
  const conversation = await aConversation(ben.userId)
  await tell(conversation)
  const port = await api.server.listen({ host: '127.0.0.1', port: 0 })
  const listen = async (who: { cookie: string }) => {
    const stop = new AbortController()
    const response = await fetch(`http://127.0.0.1:${port}/v1/live`, { headers: { cookie: who.cookie }, signal: stop.signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    const until = async (word: string): Promise<string> => {
      while (!text.includes(word)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`the stream ended after: ${text}`)
        text += new TextDecoder().decode(value)
      }
      return text
    }
    await until('\n\n')
    return { until, stop: () => stop.abort() }
  }
  const [annsLine, bensLine] = [await listen(ann), await listen(ben)]
  await ask(api, 'POST', `/v1/conversations/${conversation.id}/presence`, {
    ...ben,
    body: { page: randomUUID(), doing: 'looking' },
  })
  await bensLine.until('notification.read')
  const heard = await annsLine.until('presence.changed')
  expect(heard).toContain(conversation.id)
  await ask(api, 'POST', `/v1/conversations/${conversation.id}/presence`, {
    ...ben,
    body: { page: randomUUID(), doing: 'writing' },
  })
  expect(await annsLine.until(conversation.id)).not.toContain('notification.read')
  for (const line of [annsLine, bensLine]) line.stop()
})

test('@ offers who sees all of the inbox, and teams of them', async () => {
  const team = newId<InboxId>()
  await sql`insert into team values (${workspaceId}, ${team}, 'Berlin', ${clock.now()}, ${clock.now()})`.execute(database.db)
  for (const { userId } of [ben, cleo])
    await sql`insert into team_member values (${workspaceId}, ${team}, ${userId})`.execute(database.db)
  const found = await ask(api, 'GET', `/v1/inboxes/${inboxId}/mentionable?search=be`, ann)
  expect(found.body.items).toEqual([
    { kind: 'user', id: ben.userId, name: 'Ben', email: 'ben@example.com', members: 1 },
    { kind: 'team', id: team, name: 'Berlin', email: null, members: 1 },
  ])
  expect((await ask(api, 'GET', `/v1/inboxes/${inboxId}/mentionable`, cleo)).status).toBe(404)
})

test('a browser is told until its service took it; one that is gone is forgotten', async () => {
  const answers: Answering[] = [
    () => ({ status: 503, body: '' }),
    () => ({ status: 201, body: '' }),
    () => ({ status: 410, body: '' }),
  ]
  await using service = await new ScriptedApi((request) => (answers.shift() as Answering)(request)).listen()
  const browser = createECDH('prime256v1')
  browser.generateKeys()
  const keys = { p256dh: browser.getPublicKey('base64url'), auth: Buffer.alloc(16, 3).toString('base64url') }
  const body = { endpoint: `${service.url}/push/1`, browser: 'Firefox', ...keys }
  expect((await ask(api, 'POST', '/v1/push/browsers', { ...ben, body: { ...body, p256dh: keys.auth } })).body.code).toBe(
    'invalid_request',
  )
  expect((await ask(api, 'POST', '/v1/push/browsers', { ...ben, body })).status).toBe(201)
  const deps = { ...api.deps, random: () => 0 }
  const browsers = async () => (await ask(api, 'GET', '/v1/push', ben)).body.browsers

  await tell(await aConversation(ben.userId))
  await sendDuePushes(deps)
  expect(await browsers()).toMatchObject([{ problem: 'The push service answered 503.', used_at: null }])
  await sendDuePushes(deps)
  expect(service.requests).toHaveLength(1)
  clock.advance(2 * MINUTE)
  await sendDuePushes(deps)
  expect(await browsers()).toMatchObject([{ problem: null, used_at: clock.now().toISOString() }])
  expect(service.requests[1]?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high' })
  expect(service.requests[1]?.body.toString('latin1')).not.toContain('conversation')

  await tell(await aConversation(ben.userId))
  await sendDuePushes(deps)
  expect(await browsers()).toEqual([])
  clock.advance(HOUR)
  expect(await sendDuePushes(deps)).toBe(0)
})
