import { expect, test } from 'vitest'
import { NO_FAILPOINTS } from '../../src/lib/failpoint.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/log.ts'
import { workflowJobs } from '../../src/workflows/jobs/work.ts'
import { deskSteps } from '../../src/workflows/steps/desk.ts'
import { workflowWorld } from '../support/workflow.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const { clock } = api
const bob = await memberOf(api, ann, 'Bob', 'agent')
const { database, secrets, blobs, workflows: tools } = api.deps
const work = workflowWorld(
  { database, clock, workspaceId: ann.workspaceId as WorkspaceId },
  { steps: deskSteps({ db: database.db, secrets, blobs, url: 'http://localhost' }), readSubject: tools.readSubject },
)
const job = workflowJobs({
  ...{ database, clock, tools, failpoints: NO_FAILPOINTS, mayClaim: () => true },
  log: createLog({ level: 'silent' }),
})
const goOn = async () => {
  await job.run(clock.now())
  await work.settle()
}
const post = (path: string, body: object = {}, by: object = ann) => ask(api, 'POST', path, { ...by, body })
const get = async (path: string, by: object = ann) => (await ask(api, 'GET', path, by)).body

const inbox = (await post('/v1/inboxes', { name: 'Support', address: 'support@example.com' })).body
async function aConversation(subject: string): Promise<{ id: string; number: number }> {
  const wanted = { inbox_id: inbox.id, channel: 'phone', customer: 'zoe@example.org', subject, html: 'Hello' }
  return (await post('/v1/conversations', wanted)).body
}

const THANK = {
  ...{ schema: 'workflow/1', name: 'Thank', subject: 'conversation', limits: { runsPerSubject: 1 } },
  nodes: {
    begin: {
      type: 'trigger.conversation_started@1',
      config: { inboxes: [inbox.id], when: { field: 'conversation.subject', op: 'contains', value: 'order' } },
      next: { out: 'wait' },
    },
    wait: { type: 'wait.reply@1', config: { from: 'customer', after: { for: '3d' } }, next: { replied: 'tag', timeout: 'tag' } },
    tag: { type: 'conversation.tag@1', config: { tags: ['thanked'] } },
  },
}

async function publish(id: string, more: object = {}) {
  const { draft_revision: revision } = await get(`/v1/workflows/${id}`)
  const { problems } = (await post(`/v1/workflows/${id}/check`)).body
  const acknowledged = problems.map(({ key }: { key: string }) => key)
  return await post(`/v1/workflows/${id}/publish`, { revision, acknowledged, ...more })
}

test('a workflow begins with what was there before: previewed, at a pace, each no more often than it may; then its runs move on', async () => {
  const before = [await aConversation('My order'), await aConversation('Hello'), await aConversation('Another order')]
  await work.settle()
  const { id } = (await post('/v1/workflows', { name: 'Thank', draft: THANK })).body
  const path = `/v1/workflows/${id}`
  expect((await post(`${path}/apply-preview`, { of: 'version' })).body.code).toBe('wrong_state')
  expect((await post(`${path}/apply-preview`, { of: 'draft' })).body).toMatchObject({ node: 'begin', looked_at: 3, matched: 2 })
  expect((await post(`${path}/jobs`, { kind: 'apply' })).body.code).toBe('wrong_state')
  const first = (await publish(id)).body.version.id
  const seen = (await post(`${path}/apply-preview`)).body
  expect(seen).toMatchObject({ looked_at: 3, matched: 2, has_more: false })
  expect(seen.items).toEqual([
    { kind: 'conversation', id: before[2]!.id, label: `#${before[2]!.number} Another order` },
    { kind: 'conversation', id: before[0]!.id, label: `#${before[0]!.number} My order` },
  ])
  const closed = { conversations: { status: ['closed'] } }
  expect((await post(`${path}/apply-preview`, { among: closed })).body).toMatchObject({ looked_at: 3, matched: 0 })
  expect((await post(`${path}/apply-preview`, { among: { contacts: { tag: 'vip' } } })).body.code).toBe('invalid_request')
  const none = (await post(`${path}/jobs`, { kind: 'apply', among: closed })).body
  await goOn()
  expect(await get(`${path}/jobs/${none.id}`)).toMatchObject({
    ...{ among: closed, state: 'done', version: 1, seen: 3, done: 0, left_out: [{ reason: 'others', count: 3 }], outcomes: [] },
  })
  expect((await post(`${path}/jobs`, { kind: 'apply' }, bob)).body.code).toBe('forbidden')
  expect((await post(`${path}/jobs`, { kind: 'apply', node: 'wait' })).body.code).toBe('invalid_request')

  const begun = await post(`${path}/jobs`, { kind: 'apply', per_minute: 1 })
  expect(begun.status, begun.text).toBe(202)
  expect((await post(`${path}/jobs`, { kind: 'apply' })).body.code).toBe('wrong_state')
  await goOn()
  expect((await get(`/v1/workflow-runs?workflow_id=${id}`)).items).toHaveLength(1)
  clock.advance(60_000)
  await goOn()
  expect((await get(`/v1/workflow-runs?workflow_id=${id}`)).items).toHaveLength(2)
  clock.advance(60_000)
  await goOn()
  const done = await get(`${path}/jobs/${begun.body.id}`)
  expect(done).toMatchObject({ kind: 'apply', state: 'done', seen: 3, done: 2, left_out: [{ reason: 'conditions', count: 1 }] })
  expect(done.outcomes).toEqual([{ verdict: 'began', sentence: 'It began.', count: 2 }])
  // Once more: each of them had its run.
  const twice = await post(`${path}/jobs`, { kind: 'apply' })
  await goOn()
  expect((await get(`${path}/jobs/${twice.body.id}`)).outcomes).toMatchObject([{ verdict: 'enough', count: 2 }])
  expect((await get(`/v1/workflow-runs?workflow_id=${id}`)).items).toHaveLength(2)
  expect((await get(`${path}/verdicts`)).items.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
    ...['enough', 'enough', 'began', 'began'],
  ])

  const renamed = {
    ...THANK,
    nodes: { ...THANK.nodes, begin: { ...THANK.nodes.begin, next: { out: 'hold' } }, hold: THANK.nodes.wait },
  }
  const { wait: _, ...nodes } = renamed.nodes
  await ask(api, 'PATCH', path, { ...ann, body: { draft: { ...renamed, nodes } } })
  const plan = (await post(`${path}/move-plan`)).body
  expect(plan).toMatchObject({ runs: 2, movable: 0, blocked: 2, versions: [{ id: first, number: 1, runs: 2 }] })
  expect(plan.nodes).toMatchObject([{ node: 'wait', waiting: 2, blocker: { code: 'gone' } }])
  expect((await post(`${path}/move-plan`, { mapping: { wait: 'hold' } })).body).toMatchObject({ movable: 2, blocked: 0 })
  const published = await publish(id, { runs: 'move', mapping: { wait: 'hold' } })
  expect(published.status, published.text).toBe(200)
  await goOn()
  expect((await get(`${path}/jobs`)).items[0]).toMatchObject({ kind: 'move', state: 'done', done: 2, created_by: 'Ann' })
  const [run] = (await get(`/v1/workflow-runs?workflow_id=${id}`)).items
  const story = await get(`/v1/workflow-runs/${run.id}`)
  expect(story).toMatchObject({ version: 2, tokens: [{ node: 'hold', state: 'waiting' }] })
  expect(story.lines.at(-1).sentence).toMatch(/goes on by version 2, no longer by 1/)
  // One of them goes back; that version still knows the step.
  const back = await post(`/v1/workflow-runs/${run.id}/move`, { version_id: first, mapping: { hold: 'wait' } })
  expect(back.status, back.text).toBe(204)
  expect(await get(`/v1/workflow-runs/${run.id}`)).toMatchObject({ version: 1, tokens: [{ node: 'wait' }] })
  const ended = await publish(id, { runs: 'cancel' })
  expect(ended.status, ended.text).toBe(200)
  const stopped = await post(`${path}/jobs/${(await get(`${path}/jobs`)).items[0].id}/stop`)
  expect(stopped.body).toMatchObject({ kind: 'cancel', state: 'stopped' })
  await post(`${path}/jobs`, { kind: 'cancel' })
  await goOn()
  expect((await get(`/v1/workflow-runs?workflow_id=${id}&status=running`)).items).toEqual([])
})

test('contacts who are on a list already begin with a workflow that is for those who join', async () => {
  const { id: list } = (await post('/v1/lists', { name: 'News' })).body
  const made = await post('/v1/contacts', { addresses: ['ida@example.org'], name: 'Ida' })
  expect(made.status, made.text).toBeLessThan(300)
  await work.settle()
  const draft = {
    ...{ schema: 'workflow/1', name: 'Greet', subject: 'contact' },
    nodes: {
      joined: {
        type: 'trigger.contact_created@1',
        config: { when: { field: 'contact.name', op: 'is', value: 'Ida' } },
        next: { out: 'w' },
      },
      list: { type: 'trigger.contact_subscribed@1', config: { list }, next: { out: 'w' } },
      w: { type: 'wait.time@1', config: { for: { for: '1d' } } },
    },
  }
  const { id } = (await post('/v1/workflows', { name: 'Greet', draft })).body
  await publish(id)
  expect((await post(`/v1/workflows/${id}/apply-preview`)).body.code).toBe('invalid_request')
  expect((await post(`/v1/workflows/${id}/apply-preview`, { node: 'list' })).body).toMatchObject({ matched: 0 })
  const { matched, items } = (await post(`/v1/workflows/${id}/apply-preview`, { node: 'joined' })).body
  expect([matched, items]).toMatchObject([1, [{ kind: 'contact', label: 'Ida' }]])
  const preview = (among: object) => post(`/v1/workflows/${id}/apply-preview`, { node: 'joined', among: { contacts: among } })
  expect((await preview({ list })).body).toMatchObject({ matched: 0 })
  expect((await preview({ list: id })).body.code).toBe('not_found')
  await post(`/v1/workflows/${id}/jobs`, { kind: 'apply', node: 'joined' })
  await goOn()
  expect((await get(`/v1/workflow-runs?workflow_id=${id}`)).items).toMatchObject([
    { trigger: 'joined', subject: { label: 'Ida' } },
  ])
})

test('workflows are begun with a template, and with a file of Elsa of which a report is kept', async () => {
  const { items } = await get('/v1/workflow-templates')
  expect(items).toHaveLength(11)
  const vip = items.find(({ key }: { key: string }) => key === 'vip_routing')
  expect(vip.choose).toMatchObject([{ node: 'assign', sentence: 'Choose a team.' }, { node: 'team' }])
  expect(vip.sentences).toContainEqual('Assign to the next of the team …, in turn')
  const made = await post('/v1/workflows/from-template', { template: 'vip_routing', name: 'Important ones' })
  expect(made.body, made.text).toMatchObject({ workflow: { name: 'Important ones', version: null } })
  expect(made.body.problems[0]).toMatchObject({ code: 'config', severity: 'error' })
  expect((await post('/v1/workflows/from-template', { template: 'nothing' })).body.code).toBe('not_found')

  const elsa = {
    name: 'Hello',
    root: {
      type: 'Elsa.Flowchart',
      id: 'Flowchart1',
      activities: [
        { type: 'Elsa.WriteLine', id: 'WriteLine1' },
        { type: 'Acme.Unknown', id: 'Unknown1' },
      ],
      connections: [{ source: { activity: 'WriteLine1', port: 'Done' }, target: { activity: 'Unknown1', port: 'In' } }],
    },
  }
  const read = await post('/v1/workflows/import', { file: elsa })
  expect(read.status, read.text).toBe(201)
  expect(read.body.report).toMatchObject({ format: 'elsa/3', activities: expect.any(Number) })
  expect(read.body.report.remarks).toContainEqual(expect.objectContaining({ activity: 'Unknown1', what: 'lost' }))
  const kept = await get(`/v1/workflows/${read.body.workflow.id}/import-report`)
  expect(kept).toMatchObject({ ...read.body.report, created_by: 'Ann' })
  const isOpen = async () => (await get(`/v1/workflows/${read.body.workflow.id}`)).has_import_report
  expect(await isOpen()).toBe(true)
  const done = await post(`/v1/workflows/${read.body.workflow.id}/import-report/done`)
  expect(done.body, done.text).toEqual({ ...kept, done_at: expect.any(String) })
  expect(await isOpen()).toBe(false)
  expect((await get(`/v1/workflows/${made.body.workflow.id}/import-report`)).code).toBe('not_found')
  expect((await post('/v1/workflows/import', { file: { root: { type: 'Elsa.Flowchart' } } })).body.code).toBe('invalid_request')
})
