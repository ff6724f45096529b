import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { can, type Permission } from '../../src/accounts/actor.ts'
import { type Endpoint, urlOf } from '../../src/api/endpoint.ts'
import { ENDPOINTS } from '../../src/api/endpoints/all.ts'
import { newId } from '../../src/lib/ids.ts'
import { type Answer, type Asker, anApi, anotherWorkspace, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const { db } = api.deps.database
const ann = await owner(api)
const viewer = await memberOf(api, ann, 'Vera', 'viewer')
const other = await anotherWorkspace(api)
const revoked = await keyOf(api, ann)
await ask(api, 'DELETE', `/v1/api-keys/${revoked.id}`, ann)

const KEY = { 'idempotency-key': 'the same in both' }
const PLANTED = 'planted-in-the-first-workspace'
/** Something of every kind in Ann's workspace: the ids that the other one will try. */
const ids = await plant()

const name = ({ method, path }: Endpoint) => `${method} ${path}`
const each = ENDPOINTS.map((endpoint) => [name(endpoint), endpoint] as const)
/** A provider's name is everybody's: each workspace has an application of its own there. */
const withIds = each.filter(([, { path }]) => path.includes('/:') && !path.endsWith('/:provider'))
/** An open stream never ends by itself; test/api/live.test.ts listens to it. */
const isStream = ({ produces }: Endpoint) => produces === 'text/event-stream'

async function plant() {
  const message = { from: 'shop@example.com', to: [`${PLANTED}@example.org`], subject: PLANTED, text: PLANTED }
  const sent = await ask(api, 'POST', '/v1/messages', { ...ann, body: message, headers: KEY })
  expect(sent.status, sent.text).toBe(202)
  const route = await ask(api, 'POST', '/v1/routes', { ...ann, body: { name: PLANTED, settings: { host: 'smtp.example.com' } } })
  expect(route.status, route.text).toBe(201)
  const address = `${PLANTED}@suppressed.example`
  expect((await ask(api, 'POST', '/v1/suppressions', { ...ann, body: { address } })).status).toBe(201)
  const domain = await ask(api, 'POST', '/v1/domains', { ...ann, body: { name: `${PLANTED}.example` } })
  expect(domain.status, domain.text).toBe(201)
  const key = await ask(api, 'POST', '/v1/api-keys', { ...ann, body: { name: PLANTED, scopes: ['read'] } })
  const credential = await ask(api, 'POST', '/v1/credentials', { ...ann, body: { name: PLANTED } })
  expect(credential.status, credential.text).toBe(201)
  const sessions = await ask(api, 'GET', '/v1/me/sessions', ann)
  const sandboxMail = newId()
  await sql`
    insert into sandbox_mail (workspace_id, id, delivery_id, message_id, sender, recipient, content_hash, received_at)
    select workspace_id, ${sandboxMail}, ${sent.body.deliveries[0].id}, id, 'shop@example.com', ${`${PLANTED}@example.org`}, content_hash, created_at
      from message where id = ${sent.body.id}`.execute(db)
  const feedback = newId()
  await sql`
    insert into feedback (workspace_id, id, source, received_at, dedupe_key, headers, body, size_bytes, state, reason)
    select workspace_id, ${feedback}, 'dsn', created_at, ${PLANTED}, ${JSON.stringify({ recipient: PLANTED })}::jsonb, ${Buffer.from(PLANTED)}, 1, 'failed', ${PLANTED}
      from message where id = ${sent.body.id}`.execute(db)
  const mailbox = await ask(api, 'POST', '/v1/mailboxes', {
    ...ann,
    body: { name: PLANTED, address: `${PLANTED}@gmail.test`, host: 'imap.gmail.test', username: PLANTED, password: PLANTED },
  })
  expect(mailbox.status, mailbox.text).toBe(201)
  const canary = await ask(api, 'POST', '/v1/canaries', {
    ...ann,
    body: {
      name: PLANTED,
      mailbox_id: mailbox.body.id,
      receiver: 'google',
      sender: 'shop@example.com',
      route_ids: [route.body.id],
    },
  })
  expect(canary.status, canary.text).toBe(201)
  await sql`
    insert into receiver_slot (workspace_id, route_id, receiver, at, sent)
    select workspace_id, id, ${`${PLANTED}.example`}, ${api.clock.now()}, 7 from route where id = ${route.body.id}`.execute(db)
  const webhook = await ask(api, 'POST', '/v1/webhooks', { ...ann, body: { url: `https://${PLANTED}.example/` } })
  expect(webhook.status, webhook.text).toBe(201)
  const incident = newId()
  await sql`
    insert into incident (workspace_id, id, key, kind, severity, title, sentence, hint, opened_at, seen_at)
    values (${ann.workspaceId}, ${incident}, ${PLANTED}, 'route.stopped', 'warning', ${PLANTED}, ${PLANTED}, '', now(), now())`.execute(
    db,
  )
  const fingerprint = 'f'.repeat(32)
  await sql`
    insert into reply_fingerprint (workspace_id, fingerprint, pattern, code, stage, example, host, receiver, first_seen_at, last_seen_at, n)
    values (${ann.workspaceId}, ${fingerprint}, ${PLANTED}, 550, 'dot', ${PLANTED}, ${PLANTED}, 'other', now(), now(), 7)`.execute(
    db,
  )
  const rule = await ask(api, 'POST', '/v1/rules', {
    ...ann,
    body: { name: PLANTED, conditions: {}, targets: [{ route_id: route.body.id, weight: 1 }] },
  })
  expect(rule.status, rule.text).toBe(201)
  const limit = await ask(api, 'POST', '/v1/limits', {
    ...ann,
    body: { scope: 'from_domain', subject: `${PLANTED}.example`, per: 'hour', amount: 35 },
  })
  expect(limit.status, limit.text).toBe(201)
  const warmUp = await ask(api, 'PUT', `/v1/warm-ups/${route.body.id}`, { ...ann, body: {} })
  expect(warmUp.status, warmUp.text).toBe(200)
  // An act on many takes what was accepted before it.
  api.clock.advance(1)
  const act = await ask(api, 'POST', '/v1/bulk-acts', {
    ...ann,
    body: { kind: 'hold', filter: { from_domains: ['example.com'] } },
  })
  expect(act.status, act.text).toBe(202)
  const inbox = await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name: PLANTED, address: `${PLANTED}@inbox.example` } })
  expect(inbox.status, inbox.text).toBe(201)
  const team = await ask(api, 'POST', '/v1/teams', { ...ann, body: { name: PLANTED, members: [viewer.userId] } })
  expect(team.status, team.text).toBe(201)
  const contact = await ask(api, 'POST', '/v1/contacts', {
    ...ann,
    body: { name: PLANTED, addresses: [`${PLANTED}@contact.example`] },
  })
  expect(contact.status, contact.text).toBe(201)
  const list = await ask(api, 'POST', '/v1/lists', { ...ann, body: { name: PLANTED } })
  expect(list.status, list.text).toBe(201)
  const campaign = await ask(api, 'POST', '/v1/campaigns', { ...ann, body: { name: PLANTED } })
  expect(campaign.status, campaign.text).toBe(201)
  const template = await ask(api, 'POST', '/v1/templates', { ...ann, body: { name: PLANTED } })
  expect(template.status, template.text).toBe(201)
  const image = await ask(api, 'POST', '/v1/images', {
    ...ann,
    body: { name: PLANTED, content: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' },
  })
  expect(image.status, image.text).toBe(201)
  const seeds = [{ address: `${PLANTED}@seed.example`, name: PLANTED }]
  expect((await ask(api, 'PUT', '/v1/seeds', { ...ann, body: { seeds } })).status).toBe(200)
  const form = await ask(api, 'POST', '/v1/forms', { ...ann, body: { name: PLANTED } })
  expect(form.status, form.text).toBe(201)
  await sql`
    insert into form_submission (workspace_id, id, form_id, version, state, reason, address, answers, lists, consents, at, settled_at)
    values (${ann.workspaceId}, ${newId()}, ${form.body.id}, 1, 'refused', 'honeypot', ${PLANTED}, '{}', '{}', '[]', now(), now())`.execute(
    db,
  )
  const contactField = await ask(api, 'POST', '/v1/contact-fields', {
    ...ann,
    body: { key: 'planted', label: PLANTED, type: 'text' },
  })
  expect(contactField.status, contactField.text).toBe(201)
  const segment = await ask(api, 'POST', '/v1/segments', { ...ann, body: { name: PLANTED, tree: { kind: 'tag', tag: PLANTED } } })
  expect(segment.status, segment.text).toBe(201)
  const exported = await ask(api, 'POST', '/v1/contact-exports', { ...ann, body: { format: 'csv', scope: { kind: 'all' } } })
  expect(exported.status, exported.text).toBe(202)
  const repair = await ask(api, 'POST', '/v1/contact-repairs', { ...ann, body: { addresses: null, conflicts: 'skip' } })
  expect(repair.status, repair.text).toBe(202)
  const contactAct = await ask(api, 'POST', '/v1/contact-acts', {
    ...ann,
    body: { act: { kind: 'tag', tag: PLANTED }, scope: { kind: 'filter' } },
  })
  expect(contactAct.status, contactAct.text).toBe(202)
  const imported = await ask(api, 'POST', `/v1/imports?name=${PLANTED}`, {
    ...ann,
    raw: `mail\n${PLANTED}@import.example\n`,
    headers: { 'content-type': 'text/csv' },
  })
  expect(imported.status, imported.text).toBe(201)
  const source = await ask(api, 'POST', '/v1/sources', { ...ann, body: { name: PLANTED, path: PLANTED } })
  expect(source.status, source.text).toBe(201)
  const view = await ask(api, 'POST', '/v1/views', { ...ann, body: { name: PLANTED, filter: {}, sort: 'latest', shared: true } })
  expect(view.status, view.text).toBe(201)
  const conversation = await ask(api, 'POST', '/v1/conversations', {
    ...ann,
    body: { inbox_id: inbox.body.id, channel: 'phone', customer: `${PLANTED}@customer.example`, subject: PLANTED, html: PLANTED },
  })
  expect(conversation.status, conversation.text).toBe(201)
  const savedReply = await ask(api, 'POST', '/v1/saved-replies', { ...ann, body: { name: PLANTED, html: PLANTED } })
  expect(savedReply.status, savedReply.text).toBe(201)
  const tag = await ask(api, 'POST', '/v1/tags', { ...ann, body: { name: PLANTED } })
  expect(tag.status, tag.text).toBe(201)
  const field = await ask(api, 'POST', '/v1/custom-fields', { ...ann, body: { type: 'text', name: PLANTED } })
  expect(field.status, field.text).toBe(201)
  const label = await ask(api, 'POST', '/v1/status-labels', { ...ann, body: { name: PLANTED, status: 'pending' } })
  expect(label.status, label.text).toBe(201)
  const upload = await ask(api, 'POST', '/v1/uploads', { ...ann, body: { filename: PLANTED, content: btoa(PLANTED) } })
  expect(upload.status, upload.text).toBe(201)
  const push = await ask(api, 'POST', '/v1/push/browsers', {
    ...ann,
    body: {
      endpoint: `https://${PLANTED}.example/`,
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      browser: PLANTED,
    },
  })
  expect(push.status, push.text).toBe(201)
  const arrival = newId()
  await sql`
    insert into inbound_mail (workspace_id, id, channel, inbox_id, hash, size_bytes, received_at, state, outcome, reason, stage, subject, settled_at)
    values (${ann.workspaceId}, ${arrival}, 'http', ${inbox.body.id}, ${Buffer.from(PLANTED)}, 1, now(), 'quarantined', 'quarantined', 'bytes_missing',
            'read', ${PLANTED}, now())`.execute(db)
  const ignoreRule = await ask(api, 'POST', '/v1/ignore-rules', {
    ...ann,
    body: { inbox_id: inbox.body.id, field: 'from', pattern: `*@${PLANTED}.example` },
  })
  expect(ignoreRule.status, ignoreRule.text).toBe(201)
  const workflow = await ask(api, 'POST', '/v1/workflows', {
    ...ann,
    body: {
      name: PLANTED,
      draft: {
        ...{ schema: 'workflow/1', subject: 'none' },
        nodes: {
          begin: { type: 'trigger.called@1', next: { out: 'wait' } },
          wait: { type: 'wait.time@1', config: { for: { for: '1d' } } },
        },
      },
    },
  })
  expect(workflow.status, workflow.text).toBe(201)
  const published = await ask(api, 'POST', `/v1/workflows/${workflow.body.id}/publish`, { ...ann, body: { revision: 1 } })
  expect(published.status, published.text).toBe(200)
  const run = newId()
  const lane = newId()
  await sql`insert into workflow_lane (workspace_id, id, key) values (${ann.workspaceId}, ${lane}, ${`run:${run}`})`.execute(db)
  await sql`
    insert into workflow_run (workspace_id, id, workflow_id, version_id, lane_id, status, subject_kind, node, cause, txid, seq, started_at, deadline_at)
    values (${ann.workspaceId}, ${run}, ${workflow.body.id}, ${published.body.version.id}, ${lane}, 'running', 'none', 'begin',
            ${JSON.stringify({ kind: 'run.asked', keys: [], conversationId: null, contactId: null, facts: { said: PLANTED } })}::jsonb, '1', 1, now(), now())`.execute(
    db,
  )
  const task = newId()
  await sql`
    insert into workflow_task (workspace_id, id, workflow_id, workflow, run_id, token_id, node, visit, title, decisions, created_at)
    values (${ann.workspaceId}, ${task}, ${workflow.body.id}, ${PLANTED}, ${run}, ${newId()}, 'ask', 1, ${PLANTED}, '[]', now())`.execute(
    db,
  )
  const secret = await ask(api, 'POST', '/v1/workflow-secrets', { ...ann, body: { name: PLANTED, value: PLANTED } })
  expect(secret.status, secret.text).toBe(200)
  const calendar = await ask(api, 'POST', '/v1/working-calendars', {
    ...ann,
    body: { name: PLANTED, zone: 'UTC', week: [[{ from: '09:00', to: '17:00' }], [], [], [], [], [], []] },
  })
  expect(calendar.status, calendar.text).toBe(201)
  return {
    workflows: workflow.body.id,
    'workflow-runs': run,
    'workflow-tasks': task,
    'workflow-secrets': secret.body.name,
    'working-calendars': calendar.body.id,
    arrivals: arrival,
    'ignore-rules': ignoreRule.body.id,
    push: push.body.id,
    'saved-replies': savedReply.body.id,
    uploads: upload.body.id,
    tags: tag.body.name,
    'custom-fields': field.body.id,
    'status-labels': label.body.id,
    drafts: newId(),
    conversations: conversation.body.id,
    views: view.body.id,
    sources: source.body.id,
    inboxes: inbox.body.id,
    teams: team.body.id,
    contacts: contact.body.id,
    lists: list.body.id,
    campaigns: campaign.body.id,
    templates: template.body.id,
    images: image.body.id,
    imports: imported.body.id,
    segments: segment.body.id,
    forms: form.body.id,
    'contact-exports': exported.body.id,
    'contact-acts': contactAct.body.id,
    'contact-repairs': repair.body.id,
    'contact-fields': contactField.body.key,
    agents: viewer.userId,
    replies: fingerprint,
    rules: rule.body.id,
    limits: limit.body.id,
    'warm-ups': route.body.id,
    'bulk-acts': act.body.id,
    webhooks: webhook.body.id,
    incidents: incident,
    receivers: `${PLANTED}.example`,
    mailboxes: mailbox.body.id,
    canaries: canary.body.id,
    messages: sent.body.id,
    feedback,
    deliveries: sent.body.deliveries[0].id,
    routes: route.body.id,
    suppressions: address,
    domains: domain.body.id,
    'api-keys': key.body.id,
    credentials: credential.body.id,
    members: viewer.userId,
    me: sessions.body.items[0].id,
    sandbox: sandboxMail,
  } as Record<string, string>
}

function urlWith(endpoint: Endpoint, id: string): string {
  const params: Record<string, string> = { ...endpoint.example.params }
  if ('id' in params) params.id = id
  if ('upload_id' in params) params.upload_id = id
  if ('draft_id' in params) params.draft_id = id
  if ('address' in params) params.address = id
  if (['receivers', 'tags', 'workflow-secrets'].includes(kind(endpoint))) params.name = id
  if (kind(endpoint) === 'warm-ups') params.route = id
  if (kind(endpoint) === 'contact-fields') params.key = id
  if ('fingerprint' in params) params.fingerprint = id
  // Only what it needs: a list is asked for as a whole.
  const inPath = Object.fromEntries(Object.entries(params).filter(([key]) => endpoint.path.includes(`:${key}`)))
  return urlOf(endpoint, endpoint.params.safeParse(inPath).success ? inPath : params)
}

function kind({ path }: Endpoint): string {
  return path.split('/')[2] ?? ''
}

function call(endpoint: Endpoint, id: string, asker: Asker): Promise<Answer> {
  return ask(api, endpoint.method, urlWith(endpoint, id), {
    ...asker,
    ...(endpoint.example.body !== undefined && { body: endpoint.example.body }),
  })
}

/** Everything the first workspace consists of, but what asking itself leaves behind (the time of last use). */
async function everythingOfAnn(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`.execute(db)
  const dumps = await Promise.all(
    tables.map(async ({ name: table }) => {
      const { rows } = await sql<{ dump: string | null }>`
        select string_agg((to_jsonb(t) - 'last_used_at' - 'last_seen_at')::text, ' ' order by t::text) as dump
          from ${sql.table(table)} t where workspace_id = ${ann.workspaceId}`.execute(db)
      return `${table}: ${rows[0]?.dump}`
    }),
  )
  return dumps.join('\n')
}

let before = ''
beforeAll(async () => {
  before = await everythingOfAnn()
})

test('there is something of every kind to be kept apart', () => {
  expect(new Set(withIds.map(([, endpoint]) => kind(endpoint)))).toEqual(new Set(Object.keys(ids)))
  expect(before.split('\n').filter((line) => line.includes(PLANTED)).length).toBeGreaterThanOrEqual(6)
})

test.each(withIds)('%s does not know what belongs to another workspace', async (_, endpoint) => {
  const answer = await call(endpoint, ids[kind(endpoint)] ?? '', { key: other.key })
  // A key has no sessions, drafts, stars and looks at all; everything else simply is not there.
  const isPersonal =
    ['me', 'drafts'].includes(kind(endpoint)) || /\/conversations\/:id\/(?:star|read|drafts\/:mode)$/.test(endpoint.path)
  const code = isPersonal ? 'person_needed' : 'not_found'
  expect(answer.body?.code, answer.text).toBe(code)
  expect(answer.text).not.toContain(PLANTED)
})

test.each(each.filter(([, endpoint]) => endpoint.method === 'GET' && !endpoint.path.includes('/:') && !isStream(endpoint)))(
  '%s shows nothing of another workspace',
  async (_, endpoint) => {
    const answer = await call(endpoint, '', { key: other.key })
    expect(answer.status === 200 || answer.body.code === 'person_needed').toBe(true)
    expect(answer.text).not.toContain(PLANTED)
    for (const id of [...Object.values(ids), ann.workspaceId, ann.userId]) expect(answer.text).not.toContain(id)
  },
)

test('filters, cursors and references do not reach across either', async () => {
  const ask2 = (url: string) => ask(api, 'GET', url, { key: other.key })
  expect((await ask2(`/v1/deliveries?route=${ids.routes}`)).body.items).toEqual([])
  expect((await ask2(`/v1/deliveries?recipient=${PLANTED}@example.org`)).body.items).toEqual([])
  expect((await ask2(`/v1/suppressions?address=${PLANTED}@suppressed.example`)).body.items).toEqual([])
  const cursor = Buffer.from(JSON.stringify(['deliveries', 'ffffffff-ffff-7fff-bfff-ffffffffffff'])).toString('base64url')
  expect((await ask2(`/v1/deliveries?after=${cursor}`)).body.items).toEqual([])
})

test('the same idempotency key in two workspaces is two keys', async () => {
  const body = { from: 'a@example.com', to: ['b@example.org'], text: 'x' }
  const first = await ask(api, 'POST', '/v1/messages', { key: other.key, body, headers: KEY })
  expect([first.status, first.headers['idempotency-replayed']]).toEqual([202, undefined])
  const second = await ask(api, 'POST', '/v1/messages', { key: other.key, body, headers: KEY })
  expect([second.status, second.headers['idempotency-replayed']]).toEqual([202, 'true'])
  expect(second.body).toEqual(first.body)
})

test('after all of this the first workspace is as it was', async () => {
  expect(await everythingOfAnn()).toBe(before)
})

test.each(each)('%s asks who it is', async (_, endpoint) => {
  const [nobody, former] = [await call(endpoint, newId(), {}), await call(endpoint, newId(), { key: revoked.key })]
  if (endpoint.permission === 'public') {
    expect(nobody.status).not.toBe(403)
    return
  }
  expect([nobody.status, nobody.body.code]).toEqual([401, 'not_signed_in'])
  expect([former.status, former.body.code]).toEqual([401, 'invalid_api_key'])
})

test.each(each.filter(([, endpoint]) => !isStream(endpoint)))(
  '%s lets a viewer in exactly when viewers may',
  async (_, endpoint) => {
    if (endpoint.permission === 'public') return
    // Asked about something that does not exist, so that nothing happens; signed in anew, since one of these changes the password.
    const answer = await call(endpoint, newId(), viewer)
    const may = endpoint.permission === 'signed_in' || can(asViewer(), endpoint.permission as Permission)
    if (may) expect(answer.status, answer.text).not.toBe(401)
    expect(answer.body?.code === 'forbidden', answer.text).toBe(!may)
  },
)

test.each(each.filter(([, endpoint]) => !isStream(endpoint)))('%s lets the owner in', async (_, endpoint) => {
  if (endpoint.permission === 'public') return
  const answer = await call(endpoint, newId(), ann)
  if (answer.body?.code !== 'wrong_password') expect([401, 403, 500], answer.text).not.toContain(answer.status)
})

function asViewer() {
  return { kind: 'user', id: viewer.userId, name: 'Vera', workspaceId: ann.workspaceId, role: 'viewer' } as Parameters<
    typeof can
  >[0]
}
