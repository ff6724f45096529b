import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { deskSteps } from '../../src/workflows/steps/desk.ts'
import { officeSteps } from '../../src/workflows/steps/office.ts'
import { workflowWorld } from '../support/workflow.ts'
import { anApi, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const { clock } = api
const bob = await memberOf(api, ann, 'Bob', 'agent')
const vera = await memberOf(api, ann, 'Vera', 'viewer')
const { database, secrets, blobs, workflows: tools } = api.deps
const desk = { db: database.db, secrets, blobs, url: 'http://localhost' }
const work = workflowWorld(
  { database, clock, workspaceId: ann.workspaceId as WorkspaceId },
  { steps: [...deskSteps(desk), ...officeSteps(desk)], readSubject: tools.readSubject },
)
const post = (path: string, body: object = {}, by: object = ann) => ask(api, 'POST', path, { ...by, body })
const get = async (path: string, by: object = ann) => (await ask(api, 'GET', path, by)).body

const inbox = (await post('/v1/inboxes', { name: 'Support', address: 'support@example.com' })).body
const THANK = {
  ...{ schema: 'workflow/1', name: 'Thank', subject: 'conversation' },
  vars: [{ key: 'rounds', type: 'number', default: 1 }],
  nodes: {
    begin: {
      type: 'trigger.conversation_started@1',
      config: { inboxes: [inbox.id], when: { field: 'conversation.subject', op: 'contains', value: 'order' } },
      next: { out: 'wait' },
    },
    button: { type: 'trigger.button@1', config: { label: 'Thank them' }, next: { out: 'wait' } },
    wait: { type: 'wait.reply@1', config: { from: 'customer', after: { for: '3d' } }, next: { replied: 'tag', timeout: 'tag' } },
    tag: { type: 'conversation.tag@1', config: { tags: ['thanked'] } },
  },
}

/** On a machine that is busy a turn may break off, and is taken up a little later. */
async function settled(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) {
    await work.settle()
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from workflow_token where state = 'ready'`.execute(
      database.db,
    )
    if (rows[0]?.n === 0) return
    clock.advance(1_000)
  }
}

async function aConversation(subject: string): Promise<{ id: string }> {
  const made = await post('/v1/conversations', {
    ...{ inbox_id: inbox.id, channel: 'phone', customer: 'zoe@example.org', subject, html: 'Hello' },
  })
  expect(made.status, made.text).toBe(201)
  return made.body
}

async function published(draft: object = THANK): Promise<{ id: string; draft_revision: number }> {
  const { id, draft_revision: revision } = (await post('/v1/workflows', { name: 'Thank', draft })).body
  const { problems } = (await post(`/v1/workflows/${id}/check`)).body
  const acknowledged = problems.map(({ key }: { key: string }) => key)
  const answer = await post(`/v1/workflows/${id}/publish`, { revision, acknowledged })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

test('a workflow is written, checked, published, switched off, rolled back and removed; agents may not', async () => {
  expect((await post('/v1/workflows', { name: 'Mine' }, bob)).body.code).toBe('forbidden')
  expect((await ask(api, 'GET', '/v1/workflows', vera)).body.code).toBe('forbidden')
  const made = (await post('/v1/workflows', { name: 'Thank' })).body
  expect(made).toMatchObject({ name: 'Thank', is_enabled: false, version: null, draft: { name: 'Thank', nodes: {} } })
  const path = `/v1/workflows/${made.id}`
  const empty = await post(`${path}/publish`, { revision: 1 })
  expect(empty.body).toMatchObject({ code: 'workflow_has_problems', errors: [{ pointer: '/draft' }] })

  const change = (body: object) => ask(api, 'PATCH', path, { ...ann, body })
  const written = (await change({ draft: { ...THANK, name: 'Thanks' }, revision: 1 })).body
  expect(written).toMatchObject({ name: 'Thanks', draft_revision: 2, names: [{ kind: 'inbox', id: inbox.id, name: 'Support' }] })
  expect((await change({ draft: THANK, revision: 1 })).body).toMatchObject({ code: 'changed_meanwhile' })
  expect((await change({ name: 'Thank' })).body).toMatchObject({ name: 'Thank', draft: { name: 'Thank' } })

  const broken = { ...THANK, nodes: { ...THANK.nodes, tag: { type: 'conversation.move@1', config: { inbox: made.id } } } }
  const { can_publish: canPublish, problems } = (await post(`${path}/check`, { draft: broken })).body
  expect(canPublish).toBe(false)
  expect(problems[0]).toMatchObject({ code: 'missing', node: 'tag', field: 'inbox', key: 'missing:tag:inbox' })
  expect((await get(path)).draft.nodes.tag.type).toBe('conversation.tag@1')

  const { draft_revision: revision } = await get(path)
  expect((await post(`${path}/publish`, { revision: 1 })).body.code).toBe('changed_meanwhile')
  const first = await post(`${path}/publish`, { revision, note: 'The first one.' })
  expect(first.body, first.text).toMatchObject({ is_enabled: true, has_changes: false, version: { number: 1 } })
  expect(first.body.starts).toEqual([expect.stringContaining('Support'), expect.stringContaining('Thank them')])
  expect((await change({ draft: { ...THANK, description: 'For orders' } })).body).toMatchObject({ has_changes: true })
  expect((await post(`${path}/publish`, { revision: revision + 1 })).body.version.number).toBe(2)
  const versions = (await get(`${path}/versions`)).items
  expect(versions).toMatchObject([
    { number: 2, is_active: true, published_by: 'Ann' },
    { number: 1, note: 'The first one.' },
  ])
  const back = await post(`${path}/versions/${versions[1].id}/activate`)
  expect(back.body).toMatchObject({ version: { number: 1 }, has_changes: true })
  expect((await get(`${path}/versions/${versions[0].id}`)).definition.description).toBe('For orders')

  expect((await post(`${path}/disable`)).body.is_enabled).toBe(false)
  expect((await post(`${path}/enable`)).body.is_enabled).toBe(true)
  const file = await ask(api, 'GET', `${path}/export`, ann)
  const again = await post('/v1/workflows/import', { file: JSON.parse(file.text), name: 'From a file' })
  expect(again.body, again.text).toMatchObject({ workflow: { name: 'From a file', version: null, place: 1 }, problems: [] })
  expect((await post('/v1/workflows/import', { file: { a: 1 } })).body).toMatchObject({ code: 'invalid_request' })
  const ordered = await ask(api, 'PUT', '/v1/workflows/order', { ...ann, body: { ids: [again.body.workflow.id] } })
  expect(ordered.body.items.map(({ name }: { name: string }) => name)).toEqual(['From a file', 'Thank'])
  for (const { id } of ordered.body.items) expect((await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)).status).toBe(204)
  expect((await get('/v1/workflows')).items).toEqual([])
})

test('a run is looked at, and what was seen and wanted is told where none began', async () => {
  const { id } = await published()
  const [other, meant] = [await aConversation('Hello'), await aConversation('My order')]
  await settled()
  const none = await get(`/v1/conversations/${other.id}/automations`, bob)
  expect(none.runs).toEqual([])
  expect(none.verdicts.items).toMatchObject([
    {
      verdict: 'conditions',
      sentence: 'Its conditions were not met.',
      trace: { of: [{ seen: 'Hello', wanted: 'order', holds: false }] },
    },
  ])
  const { runs, verdicts, buttons } = await get(`/v1/conversations/${meant.id}/automations`, bob)
  expect(verdicts.items).toMatchObject([{ verdict: 'began', run_id: runs[0].id }])
  expect(buttons).toMatchObject([{ workflow: { id }, label: 'Thank them', inputs: [] }])
  expect(runs).toMatchObject([{ status: 'running', sentence: expect.stringMatching(/^Waits for a message of the customer/) }])

  const run = await get(`/v1/workflow-runs/${runs[0].id}`, bob)
  expect(run).toMatchObject({
    ...{
      version: 1,
      subject: { kind: 'conversation', id: meant.id },
      vars: { rounds: 1 },
      definition: { subject: 'conversation' },
    },
    tokens: [
      { node: 'wait', state: 'waiting', acts: ['skip', 'continue'], waits: [{ happening: 'customer.replied', port: 'replied' }] },
    ],
    lines: [
      { node: 'begin', what: 'done' },
      { node: 'wait', what: 'waits' },
    ],
  })
  expect(run.lines[1].sentence).toMatch(/waits for a message of the customer/)
  expect((await get(`/v1/workflow-runs?workflow_id=${id}&status=running`)).items).toHaveLength(1)
  expect((await get(`/v1/workflow-runs?workflow_id=${id}&held=1`)).items).toEqual([])
  expect(await get(`/v1/workflows/${id}/counts`)).toMatchObject({
    ...{ running: 1, held: 0, completed: 0 },
    nodes: [
      { node: 'begin', passed: 1 },
      { node: 'wait', waiting: 1, passed: 1 },
    ],
  })

  const [token] = run.tokens
  expect((await post(`/v1/workflow-runs/${run.id}/continue`, { token_id: token.id }, bob)).body.code).toBe('forbidden')
  const on = await post(`/v1/workflow-runs/${run.id}/continue`, { token_id: token.id })
  expect(on.body, on.text).toMatchObject({ tokens: [{ node: 'tag', state: 'ready' }] })
  await settled()
  expect(await get(`/v1/workflow-runs/${run.id}`)).toMatchObject({ status: 'completed', tokens: [] })
  expect((await post(`/v1/workflow-runs/${run.id}/cancel`)).body.code).toBe('wrong_state')
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
  expect(await get(`/v1/workflow-runs/${run.id}`)).toMatchObject({ workflow: { name: 'Thank', is_removed: true } })
})

test('a run that ended begins once more, as the workflow is now, and says why; what is chosen of a list ends together', async () => {
  const { id } = await published({ ...THANK, limits: { runsPerSubject: 1 } })
  const { id: about } = await aConversation('Another order')
  await settled()
  const list = async (more = '') => (await get(`/v1/workflow-runs?workflow_id=${id}${more}`)).items
  const [first] = await list()
  expect(await list('&passed=wait')).toHaveLength(1)
  expect(await list('&passed=tag')).toEqual([])
  expect((await post(`/v1/workflow-runs/${first.id}/again`)).body).toMatchObject({
    detail: expect.stringMatching(/cancel it first/),
  })
  const ended = await post('/v1/workflow-runs/cancel', { run_ids: [first.id] })
  expect(ended.body, ended.text).toEqual({ done: 1, refused: [] })
  expect((await post('/v1/workflow-runs/cancel', { run_ids: [first.id] })).body).toMatchObject({
    ...{ done: 0, refused: [{ run_id: first.id, sentence: expect.stringMatching(/cancelled/) }] },
  })
  const { draft_revision: revision } = await get(`/v1/workflows/${id}`)
  const { problems } = (await post(`/v1/workflows/${id}/check`)).body
  await post(`/v1/workflows/${id}/publish`, { revision, acknowledged: problems.map(({ key }: { key: string }) => key) })
  expect(await get(`/v1/workflow-runs/${first.id}`)).toMatchObject({ version: 1, newer_version: { number: 2 } })

  clock.advance(60_000)
  const since = clock.now().toISOString()
  expect((await post(`/v1/workflow-runs/${first.id}/again`, {}, bob)).body.code).toBe('forbidden')
  const again = await post(`/v1/workflow-runs/${first.id}/again`)
  expect(again.status, again.text).toBe(202)
  const asked = await ask(api, 'GET', `/v1/workflow-runs/${again.body.run_id}`, ann)
  expect([asked.status, asked.body.code, asked.body.detail]).toEqual([
    404,
    'run_not_begun_yet',
    expect.stringMatching(/asked for at/),
  ])
  expect((await ask(api, 'GET', `/v1/workflow-runs/${again.body.run_id}`, vera)).body.code).toBe('not_found')
  await settled()
  expect(await get(`/v1/workflow-runs/${again.body.run_id}`)).toMatchObject({
    ...{ version: 2, newer_version: null, status: 'running', subject: { id: about }, trigger: 'begin' },
    cause: { happening: 'conversation.started' },
    verdict: { verdict: 'began', trace: { of: [{ seen: 'Another order', wanted: 'order', holds: true }] } },
  })
  expect((await list()).map(({ id }: { id: string }) => id)).toEqual([again.body.run_id, first.id])
  const inVain = await post(`/v1/workflows/${id}/runs`, { by: 'button', conversation_id: about })
  await settled()
  const told = await ask(api, 'GET', `/v1/workflow-runs/${inVain.body.run_id}`, ann)
  expect([told.status, told.body.code, told.body.detail]).toEqual([
    404,
    'run_did_not_begin',
    expect.stringMatching(/under way|as often/),
  ])
  expect(await list(`&since=${encodeURIComponent(since)}`)).toMatchObject([{ id: again.body.run_id }])
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
})

test('a button, a program and an event with a name begin runs; the same key tells an event once', async () => {
  const { id } = await published()
  const conversation = await aConversation('Hello')
  const wish = { by: 'button', conversation_id: conversation.id }
  expect((await post(`/v1/workflows/${id}/runs`, wish, vera)).body.code).toBe('forbidden')
  expect((await post(`/v1/workflows/${id}/runs`, { by: 'button' }, bob)).body.code).toBe('not_found')
  expect((await post(`/v1/workflows/${id}/runs`, { by: 'program' })).body.code).toBe('wrong_state')
  const pressed = await post(`/v1/workflows/${id}/runs`, wish, bob)
  expect(pressed.status, pressed.text).toBe(202)
  await settled()
  expect(await get(`/v1/workflow-runs/${pressed.body.run_id}`)).toMatchObject({ trigger: 'button', status: 'running' })
  expect((await post(`/v1/workflow-runs/${pressed.body.run_id}/cancel`)).body.sentence).toBe('Somebody cancelled it.')

  const paid = await published({
    ...{ schema: 'workflow/1', name: 'Paid', subject: 'none', outputs: [{ key: 'amount', type: 'number' }] },
    nodes: {
      begin: { type: 'trigger.event@1', config: { name: 'order.paid' }, next: { out: 'end' } },
      end: { type: 'end@1', config: { outputs: { amount: 'event.payload.amount' } } },
    },
  })
  const { key } = await keyOf(api, ann, ['send'])
  const told = { name: 'order.paid', key: 'A-17', payload: { amount: 120 } }
  for (let nth = 0; nth < 2; nth++) {
    const answer = await ask(api, 'POST', '/v1/events', { key, body: told, headers: { 'idempotency-key': 'paid A-17' } })
    expect(answer.status, answer.text).toBe(202)
  }
  expect(
    (await ask(api, 'POST', '/v1/events', { key, body: { ...told, payload: { x: 'x'.repeat(20_000) } } })).body,
  ).toMatchObject({
    ...{ code: 'invalid_request', pointer: '/payload' },
  })
  expect((await ask(api, 'POST', '/v1/events', { key, body: { name: 'Order paid' } })).body).toMatchObject({ pointer: '/name' })
  await settled()
  const runs = (await get(`/v1/workflow-runs?workflow_id=${paid.id}`)).items
  expect(runs).toHaveLength(1)
  expect((await get(`/v1/workflow-runs/${runs[0].id}`)).outputs).toEqual({ amount: 120 })
  for (const one of [id, paid.id]) await ask(api, 'DELETE', `/v1/workflows/${one}`, ann)
})

test('a button is pressed for several conversations at once; those that are not reached are told', async () => {
  const { id } = await published()
  const about = [await aConversation('One'), await aConversation('Two')].map(({ id }) => id)
  expect((await get('/v1/workflow-buttons', bob)).items).toMatchObject([{ workflow: { id }, label: 'Thank them', inboxes: [] }])
  const elsewhere = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c'
  const pressed = await post(`/v1/workflows/${id}/runs/many`, { conversation_ids: [...about, elsewhere] }, bob)
  expect(pressed.body, pressed.text).toMatchObject({ done: 2, refused: [{ conversation_id: elsewhere }] })
  await settled()
  const runs = (await get(`/v1/workflow-runs?workflow_id=${id}`)).items
  expect(runs.map(({ trigger, subject }: { trigger: string; subject: { id: string } }) => [trigger, subject.id]).sort()).toEqual(
    about.map((one) => ['button', one]).sort(),
  )
  expect((await post(`/v1/workflows/${id}/runs/many`, { conversation_ids: about }, vera)).body.code).toBe('forbidden')
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
})

test('what one trouble stopped goes on together', async () => {
  const { id } = await published({
    ...{ schema: 'workflow/1', name: 'Divide', subject: 'none', vars: [{ key: 'by', type: 'number', default: 0 }] },
    nodes: {
      begin: { type: 'trigger.event@1', config: { name: 'divide' }, next: { out: 'divide' } },
      divide: { type: 'data.compute@1', config: { values: { by: '1 / vars.by' } } },
    },
  })
  for (let nth = 0; nth < 3; nth++) expect((await post('/v1/events', { name: 'divide' })).status).toBe(202)
  await settled()
  const held = (await get(`/v1/workflow-runs?workflow_id=${id}&held=1`)).items
  expect(held).toHaveLength(3)
  const one = await get(`/v1/workflow-runs/${held[0].id}`)
  expect(one.tokens).toMatchObject([{ state: 'held', acts: ['retry', 'skip'], ports: [{ key: 'out' }] }])
  const vars = { by: 2 }
  expect((await post(`/v1/workflow-runs/${one.id}/retry`, { token_id: one.tokens[0].id, vars: { of: 1 } })).body).toMatchObject({
    ...{ code: 'invalid_request', pointer: '/vars/of' },
  })
  expect((await post(`/v1/workflow-runs/${one.id}/retry`, { token_id: one.tokens[0].id, vars })).status).toBe(200)
  await settled()
  expect((await get(`/v1/workflow-runs/${one.id}`)).status).toBe('completed')
  const { rows } = await sql<{ id: string; sentence: string }>`
    select id, sentence from incident where kind = 'workflow.held' and resolved_at is null`.execute(database.db)
  expect(rows).toMatchObject([{ sentence: expect.stringMatching(/^2 runs stopped at the step “Work out by = 1 \/ vars.by”: /) }])
  const all = await post('/v1/workflow-runs/held', { incident_id: rows[0]?.id, act: { act: 'cancel' } })
  expect(all.body, all.text).toEqual({ done: 2, refused: [], has_more: false })
  await settled()
  expect((await get(`/v1/workflow-runs?workflow_id=${id}&status=cancelled`)).items).toHaveLength(2)
})

test('hours are kept by name, and one calendar is always meant', async () => {
  const office = { name: 'Office', zone: 'Europe/Zurich', week: [[{ from: '09:00', to: '17:00' }], [], [], [], [], [], []] }
  const made = await post('/v1/working-calendars', office)
  expect(made.body, made.text).toMatchObject({ ...office, closed: [], is_default: true })
  expect((await post('/v1/working-calendars', { ...office, zone: 'Mars/Dust' })).body).toMatchObject({ pointer: '/zone' })
  const path = `/v1/working-calendars/${made.body.id}`
  expect((await ask(api, 'PATCH', path, { ...ann, body: { closed: ['12-25'] } })).body.closed).toEqual(['12-25'])
  expect((await get('/v1/working-calendars', vera)).items).toHaveLength(1)
  expect((await ask(api, 'DELETE', path, ann)).status).toBe(204)
})

test('a draft is tried with what happened, and leaves nothing behind', async () => {
  const conversation = await aConversation('My order')
  await aConversation('Hello')
  const { id } = (await post('/v1/workflows', { name: 'Thank', draft: THANK })).body
  const tried = (await post(`/v1/workflows/${id}/test`, { conversation_id: conversation.id })).body
  expect(tried).toMatchObject({
    ...{
      happened: { kind: 'conversation.started' },
      begins: true,
      status: 'running',
      visits: { begin: 1, wait: 1 },
      vars: { rounds: 1 },
    },
    trace: { holds: true, of: [{ seen: 'My order', wanted: 'order' }] },
    stands: [{ node: 'wait', state: 'waiting', ports: [{ key: 'replied' }, { key: 'timeout' }] }],
  })
  const on = (await post(`/v1/workflows/${id}/test`, { conversation_id: conversation.id, ways: { wait: 'replied' } })).body
  expect(on).toMatchObject({ status: 'completed', visits: { tag: 1 }, stands: [] })
  expect(on.lines.at(-2)).toMatchObject({ node: 'tag', what: 'done' })
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from workflow_run where workflow_id = ${id})::int
         + (select count(*) from conversation where id = ${conversation.id} and 'thanked' = any (tags))::int as n`.execute(
    database.db,
  )
  expect(rows[0]?.n).toBe(0)
  expect((await post(`/v1/workflows/${id}/test`, { trigger: 'tag' })).body).toMatchObject({ pointer: '/trigger' })

  const simulated = (await post(`/v1/workflows/${id}/simulate`)).body
  expect(simulated).toMatchObject({ is_partial: false, first: expect.any(Array) })
  expect(simulated.would_begin).toBeGreaterThanOrEqual(1)
  expect(simulated.looked).toBeGreaterThan(simulated.would_begin)
  expect(simulated.first.find(({ subject }: { subject: { id: string } }) => subject.id === conversation.id)).toMatchObject({
    ...{ begins: true, subject: { label: expect.stringContaining('My order') } },
  })

  const compare = (draft: object) => post(`/v1/workflows/${id}/compare`, { draft })
  expect((await compare(THANK)).body.code).toBe('not_found')
  await post(`/v1/workflows/${id}/publish`, { revision: 1 })
  expect((await compare(THANK)).body).toEqual({ differences: [], blockers: [] })
  const { tag: _, ...nodes } = THANK.nodes
  expect((await compare({ ...THANK, nodes })).body).toMatchObject({
    differences: [{ what: 'removed', node: 'tag' }],
    blockers: ['tag'],
  })
})

test('whoever was asked finds the task, decides once, and the run goes on by it', async () => {
  const cid = await aConversation('Refund')
  const team = (await post('/v1/teams', { name: 'Cashiers', members: [vera.userId] })).body
  const made = (title: string, who: object) => ({
    ...{ schema: 'workflow/1', name: title, subject: 'conversation', vars: [{ key: 'sum', type: 'number' }] },
    outputs: [{ key: 'sum', type: 'number' }],
    nodes: {
      button: { type: 'trigger.button@1', config: { label: title }, next: { out: 'ask' } },
      ask: {
        type: 'human.task@1',
        config: {
          ...{ title, after: null, ...who },
          decisions: [{ key: 'yes', label: 'Refund it' }],
          fields: [{ key: 'sum', label: 'How much', type: 'number', required: true }],
        },
        ...{ next: { yes: 'end' }, set: { sum: 'result.answers.sum' } },
      },
      end: { type: 'end@1', config: { outputs: { sum: 'vars.sum' } } },
    },
  })
  const flows = [
    await published(made('Of Bob', { users: [bob.userId] })),
    await published(made('Of cashiers', { team: team.id })),
  ]
  const runs: string[] = []
  for (const { id } of flows)
    runs.push((await post(`/v1/workflows/${id}/runs`, { by: 'button', conversation_id: cid.id })).body.run_id)
  await settled()
  const titles = async (query: string, by: object) =>
    (await get(`/v1/workflow-tasks?${query}`, by)).items.map(({ title }: { title: string }) => title)
  expect(await titles('whose=mine', bob)).toEqual(['Of Bob'])
  expect(await titles('state=open', vera)).toEqual(['Of cashiers'])
  expect(await titles('', ann)).toEqual([])
  expect(await titles('whose=all&limit=1', ann)).toEqual(['Of cashiers'])
  expect(await titles(`whose=all&conversation_id=${cid.id}`, bob)).toEqual(['Of cashiers', 'Of Bob'])
  expect(await titles(`whose=all&run_id=${runs[0]}`, ann)).toEqual(['Of Bob'])
  const { key: reader } = await keyOf(api, ann, ['read'])
  expect((await ask(api, 'GET', '/v1/workflow-tasks?whose=all', { key: reader })).body.items).toEqual([])
  const { key: program } = await keyOf(api, ann, ['full'])
  expect(await titles('', { key: program })).toEqual(['Of cashiers', 'Of Bob'])

  const [task] = (await get('/v1/workflow-tasks', bob)).items
  expect(task).toMatchObject({
    ...{ state: 'open', may_decide: true, people: [{ id: bob.userId, name: 'Bob' }], team: null },
    ...{ conversation: { id: cid.id, subject: 'Refund' }, workflow: { id: flows[0]?.id }, run_id: runs[0], answers: {} },
  })
  const path = `/v1/workflow-tasks/${task.id}`
  expect(await get(path, vera)).toMatchObject({ title: 'Of Bob', may_decide: false })
  const answers = { sum: 100 }
  expect((await post(`${path}/decide`, { decision: 'yes', answers }, vera)).body.code).toBe('not_found')
  expect((await post(`${path}/decide`, { decision: 'no', answers }, bob)).body).toMatchObject({ pointer: '/decision' })
  expect((await post(`${path}/decide`, { decision: 'yes' }, bob)).body).toMatchObject({ pointer: '/answers/sum' })
  const decided = await post(`${path}/decide`, { decision: 'yes', comment: 'She is right.', answers }, bob)
  expect(decided.body, decided.text).toMatchObject({
    ...{ state: 'decided', may_decide: false, decision: 'yes', decided_by: 'Bob', comment: 'She is right.', answers },
  })
  const late = await post(`${path}/decide`, { decision: 'yes', answers }, ann)
  expect(late.body, late.text).toMatchObject({ code: 'wrong_state', detail: expect.stringContaining('by Bob') })
  await settled()
  expect(await get(`/v1/workflow-runs/${runs[0]}`)).toMatchObject({ status: 'completed', outputs: { sum: 100 } })
  // A viewer decides nothing but what they are asked.
  const [theirs] = (await get('/v1/workflow-tasks?state=open', vera)).items
  expect(theirs).toMatchObject({ team: { id: team.id, name: 'Cashiers' }, may_decide: true })
  expect((await post(`/v1/workflow-tasks/${theirs.id}/decide`, { decision: 'yes', answers }, vera)).status).toBe(200)
  for (const { id } of flows) await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
})

test('who is asked lets somebody else decide; what is filled in at first may be changed; one word decides several', async () => {
  const { id } = await published({
    ...{ schema: 'workflow/1', name: 'Answers', subject: 'conversation', vars: [{ key: 'words', type: 'text' }] },
    outputs: [{ key: 'words', type: 'text' }],
    nodes: {
      button: { type: 'trigger.button@1', config: { label: 'Ask' }, next: { out: 'ask' } },
      ask: {
        type: 'human.task@1',
        config: {
          ...{ title: 'Send it?', users: [bob.userId], after: null },
          decisions: [{ key: 'yes', label: 'Send it' }],
          fields: [
            { key: 'words', label: 'What we write', type: 'long_text', initial: 'About {{ conversation.subject }}: yes.' },
          ],
        },
        ...{ next: { yes: 'end' }, set: { words: 'result.answers.words' } },
      },
      end: { type: 'end@1', config: { outputs: { words: 'vars.words' } } },
    },
  })
  const runs: string[] = []
  for (const subject of ['One', 'Two', 'Three'])
    runs.unshift(
      (await post(`/v1/workflows/${id}/runs`, { by: 'button', conversation_id: (await aConversation(subject)).id })).body.run_id,
    )
  await settled()
  const open = async (by: object) => (await get('/v1/workflow-tasks?whose=mine&state=open', by)).items
  const asked: readonly { id: string; fields: unknown; conversation: { subject: string } }[] = await open(bob)
  const [last, ...others] = ['Three', 'Two', 'One'].map((subject) => asked.find((one) => one.conversation.subject === subject)!)
  expect(last!.fields).toMatchObject([{ key: 'words', initial: 'About Three: yes.' }])
  expect((await post(`/v1/workflow-tasks/${last!.id}/pass-on`, { user_id: bob.userId }, bob)).body.code).toBe('invalid_request')
  expect((await post(`/v1/workflow-tasks/${last!.id}/pass-on`, { user_id: vera.userId }, vera)).body.code).toBe('not_found')
  const passed = await post(`/v1/workflow-tasks/${last!.id}/pass-on`, { user_id: vera.userId }, bob)
  expect(passed.body, passed.text).toMatchObject({ people: [{ name: 'Vera' }], may_decide: false })
  const answers = { words: 'About Three: no, and why.' }
  expect((await post(`/v1/workflow-tasks/${last!.id}/decide`, { decision: 'yes', answers }, bob)).body.code).toBe('not_found')
  expect((await post(`/v1/workflow-tasks/${last!.id}/decide`, { decision: 'yes', answers }, vera)).status).toBe(200)

  const task_ids = [last!, ...others].map(({ id }) => id)
  const many = await post('/v1/workflow-tasks/decide', { task_ids, decision: 'yes' }, bob)
  expect(many.body, many.text).toMatchObject({ done: 2, refused: [{ task_id: last!.id }] })
  expect(await open(bob)).toEqual([])
  await settled()
  // What nobody changed stays as it was written.
  const words = await Promise.all(runs.map(async (run) => (await get(`/v1/workflow-runs/${run}`)).outputs.words))
  expect(words).toEqual(['About Three: no, and why.', 'About Two: yes.', 'About One: yes.'])
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
})

test('secrets of web requests are kept by name and never shown; a draft that names one that is gone is told so', async () => {
  expect((await post('/v1/workflow-secrets', { name: 'Shop', value: 'k-123' }, bob)).body.code).toBe('forbidden')
  expect((await post('/v1/workflow-secrets', { name: 'Shop', value: 'line\nbreak' })).body).toMatchObject({ pointer: '/value' })
  for (const value of ['k-123', 'k-456']) expect((await post('/v1/workflow-secrets', { name: 'Shop', value })).status).toBe(200)
  const listed = await ask(api, 'GET', '/v1/workflow-secrets', ann)
  expect(listed.body.items).toMatchObject([{ name: 'Shop' }])
  expect(listed.text).not.toContain('k-456')
  const { rows } = await sql<{ text: string }>`
    select string_agg(coalesce(data::text, ''), '') || (select string_agg(encode(sealed, 'escape'), '') from workflow_secret) as text from event`.execute(
    database.db,
  )
  expect(rows[0]?.text).not.toMatch(/k-123|k-456/)

  const draft = (secret: string) => ({
    ...{ schema: 'workflow/1', name: 'Ask the shop', subject: 'none' },
    nodes: {
      begin: { type: 'trigger.called@1', next: { out: 'ask' } },
      ask: { type: 'http.request@1', config: { method: 'GET', url: 'https://shop.example/', secret } },
    },
  })
  const { id } = (await post('/v1/workflows', { name: 'Ask the shop', draft: draft('Shop') })).body
  const missing = async (secret: string) =>
    (await post(`/v1/workflows/${id}/check`, { draft: draft(secret) })).body.problems.filter(
      ({ code, field }: { code: string; field: string }) => code === 'missing' && field === 'secret',
    )
  expect(await missing('Shop')).toEqual([])
  expect(await missing('Stock')).toHaveLength(1)
  expect((await ask(api, 'DELETE', '/v1/workflow-secrets/Shop', ann)).status).toBe(204)
  expect(await missing('Shop')).toHaveLength(1)
  expect((await ask(api, 'DELETE', '/v1/workflow-secrets/Shop', ann)).body.code).toBe('not_found')
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
})

test('a secret says which workflows name it, in drafts, in what is published, and where runs go on', async () => {
  const asks = (secret: string) => ({
    ...{ schema: 'workflow/1', name: 'Look up', subject: 'none' },
    nodes: {
      begin: { type: 'trigger.called@1', next: { out: 'ask' } },
      ask: { type: 'http.request@1', config: { url: 'https://shop.example/orders', secret } },
      wait: { type: 'wait.time@1', config: { for: { for: '1d' } }, next: { out: 'ask' } },
    },
  })
  for (const name of ['Shop', 'Spare']) await post('/v1/workflow-secrets', { name, value: 'not-to-be-seen' })
  const { id } = await published({
    ...asks('Shop'),
    nodes: { ...asks('Shop').nodes, begin: { ...asks('Shop').nodes.begin, next: { out: 'wait' } } },
  })
  expect((await post(`/v1/workflows/${id}/runs`, {})).status).toBe(202)
  await settled()
  await ask(api, 'PATCH', `/v1/workflows/${id}`, { ...ann, body: { draft: asks('Spare') } })
  const uses = async () => {
    const answer = await ask(api, 'GET', '/v1/workflow-secrets', ann)
    expect(answer.text).not.toContain('not-to-be-seen')
    return Object.fromEntries(answer.body.items.map(({ name, used_by }: { name: string; used_by: object[] }) => [name, used_by]))
  }
  const workflow = { id, name: 'Look up', is_removed: false }
  expect(await uses()).toEqual({ Shop: [{ workflow, places: ['published'] }], Spare: [{ workflow, places: ['draft'] }] })
  const { draft_revision: revision } = await get(`/v1/workflows/${id}`)
  const { problems } = (await post(`/v1/workflows/${id}/check`)).body
  const acknowledged = problems.map(({ key }: { key: string }) => key)
  expect((await post(`/v1/workflows/${id}/publish`, { revision, acknowledged })).status).toBe(200)
  expect(await uses()).toEqual({
    ...{ Shop: [{ workflow, places: ['older'] }], Spare: [{ workflow, places: ['draft', 'published'] }] },
  })
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
  expect(await uses()).toEqual({ Shop: [{ workflow: { ...workflow, is_removed: true }, places: ['older'] }], Spare: [] })
})
