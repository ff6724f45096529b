import Fastify from 'fastify'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { serveTasks } from '../../../src/api/task.ts'
import { Refusal } from '../../../src/errors.ts'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { cancelRun } from '../../../src/workflows/engine/acts.ts'
import { subjectFacts } from '../../../src/workflows/facts/subject.ts'
import { peopleSteps } from '../../../src/workflows/steps/people.ts'
import type { TaskId } from '../../../src/workflows/tasks/task.ts'
import { decideByLink, decideTask, listTasks, taskByLink } from '../../../src/workflows/tasks/tasks.ts'
import { type Agent, desk } from '../../helpdesk/desk.ts'
import { inlet } from '../../inbound/support.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const SUM_IF_THEY_LIKE = [{ key: 'sum', label: 'How much', type: 'number' }]

const asks = (users: readonly string[], more: object = {}) =>
  aGraph(
    {
      begin: { type: 'trigger.event@1', config: { name: 'refund' }, next: { out: 'ask' } },
      ask: {
        type: 'human.task@1',
        config: {
          ...{ title: 'Refund {{ event.payload.amount }}?', text: 'See the order.', users, after: { for: '2d' } },
          decisions: [
            { key: 'yes', label: 'Refund it' },
            { key: 'no', label: 'Refuse' },
          ],
          fields: [{ key: 'sum', label: 'How much', type: 'number', required: true }],
          ...more,
        },
        next: { yes: 'end', no: 'end', timeout: 'late' },
        set: { sum: 'result.answers.sum', by: 'result.decided_by' },
      },
      end: { type: 'end@1', config: { outputs: { sum: 'vars.sum', by: 'vars.by' } } },
      late: { type: 'end@1', config: { outputs: { late: 'true' } } },
    },
    {
      name: 'Refunds',
      vars: [
        { key: 'sum', type: 'number' },
        { key: 'by', type: 'text' },
      ],
    },
  )

async function office() {
  const w = await world()
  const d = await desk(w)
  const way = inlet(w)
  const steps = peopleSteps({ ...way.deps })
  const flows = workflowWorld(w, { steps, readSubject: (tx, run) => subjectFacts(tx, run, async () => ({})) })
  const open = (agent: Agent) =>
    listTasks(w.database.db, w.workspaceId, { of: { userId: agent.id, teams: [] }, state: 'open', before: null, limit: 10 })
  const decide = (id: TaskId, decision: string, answers: object, agent: Agent) =>
    w.inWorkspace((tx) => decideTask(tx, id, { decision, answers: answers as never }, agent, w.clock.now()))
  return { w, d, flows, open, decide }
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (one: unknown) => one,
  )
  expect(error).toBeInstanceOf(Refusal)
  return (error as Refusal).message
}

/** The links in the mails that were submitted, by whom they went to. */
async function linksOf(w: World): Promise<Map<string, string>> {
  const { rows } = await sql<{ recipient: string; hash: string }>`
    select d.recipient, encode(m.content_hash, 'hex') as hash from delivery d join message m on m.id = d.message_id order by m.id`.execute(
    w.database.db,
  )
  const contents = await w.blobs.read(
    w.database.db,
    w.workspaceId,
    rows.map(({ hash }) => hash),
  )
  return new Map(
    rows.map(({ recipient, hash }) => {
      const text = Buffer.from(contents.get(hash) ?? '').toString('latin1')
      return [recipient, /\/decide\/([A-Za-z0-9_-]{43})/.exec(text.replaceAll('=\r\n', ''))?.[1] ?? '']
    }),
  )
}

test('whoever decides first decides; the run goes their way, with what they filled in, and the others hear who it was', async () => {
  const { w, d, flows, open, decide } = await office()
  const ben = await d.hire('Ben')
  const eve = await d.hire('Eve')
  const { id } = await flows.publish(asks([d.agent.id, ben.id]))
  await flows.told('refund', undefined, { amount: 40 })
  await flows.settle()
  const [task] = await open(ben)
  expect(task).toMatchObject({ title: 'Refund 40?', workflow: 'Refunds', state: 'open' })
  expect(await open(eve)).toEqual([])
  const { rows: mails } = await sql<{ recipient: string; subject: string }>`
    select d.recipient, m.subject from delivery d join message m on m.id = d.message_id order by 1`.execute(w.database.db)
  expect(mails.map(({ recipient, subject }) => `${recipient} ${subject}`)).toEqual([
    'ann.agent@shop.example Refund 40?',
    'ben@shop.example Refund 40?',
  ])

  expect(await refusalOf(decide(task!.id, 'yes', { sum: 40 }, eve))).toMatch(/no such task/)
  expect(await refusalOf(decide(task!.id, 'maybe', { sum: 40 }, ben))).toMatch(/none of its decisions/)
  expect(await refusalOf(decide(task!.id, 'yes', {}, ben))).toMatch(/must be filled in/)
  await decide(task!.id, 'yes', { sum: 35 }, ben)
  expect(await refusalOf(decide(task!.id, 'no', { sum: 0 }, d.agent))).toMatch(/decided already \(“Refund it”, by Ben, /)
  await flows.settle()
  expect(await flows.runs(id)).toMatchObject([{ status: 'completed', outputs: { sum: 35, by: 'Ben' } }])
  expect(await open(ben)).toEqual([])
})

test('by a link: looking decides nothing, one word is enough, and the second one is told of the first', async () => {
  const { w, d, flows } = await office()
  const { id } = await flows.publish(asks([d.agent.id], { fields: SUM_IF_THEY_LIKE }))
  await flows.told('refund', undefined, { amount: 7 })
  await flows.settle()
  const link = (await linksOf(w)).get('ann.agent@shop.example')!
  expect(link).toHaveLength(43)
  const { rows } = await sql<{ hash: string }>`select encode(token_hash, 'escape') as hash from workflow_task_person`.execute(
    w.database.db,
  )
  expect(JSON.stringify(rows)).not.toContain(link)
  for (let i = 0; i < 2; i++)
    expect(await taskByLink(w.database.db, link)).toMatchObject({ task: { state: 'open' }, decider: null })
  expect(await taskByLink(w.database.db, `${link}x`)).toBeNull()
  const decide = (decision: string) => w.inWorkspace((tx) => decideByLink(tx, link, { decision }, w.clock.now()))
  await decide('no')
  expect(await refusalOf(decide('yes'))).toMatch(/decided already \(“Refuse”, by Ann Agent, /)
  expect(await taskByLink(w.database.db, link)).toMatchObject({ task: { decision: 'no' }, decider: 'Ann Agent' })
  await flows.settle()
  expect(await flows.runs(id)).toMatchObject([{ status: 'completed', outputs: { by: 'Ann Agent' } }])
})

test('the page of a link: what is filled in wrong is said and kept, a button decides, and whoever comes back reads what became of it', async () => {
  const { w, d, flows } = await office()
  const { id } = await flows.publish(asks([d.agent.id]))
  await flows.told('refund', undefined, { amount: '<b>7</b>' })
  await flows.settle()
  const url = `/decide/${(await linksOf(w)).get('ann.agent@shop.example')}`
  const fastify = Fastify({ logger: false, exposeHeadRoutes: false, routerOptions: { maxParamLength: 2000 } })
  await serveTasks(fastify, { ...w, url: 'https://waybill.example.com', wake: () => {} })
  onTestFinished(() => fastify.close())
  const look = () => fastify.inject({ method: 'GET', url })
  const press = (fields: Record<string, string>) =>
    fastify.inject({
      ...{ method: 'POST' as const, url, payload: new URLSearchParams(fields).toString() },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  expect((await fastify.inject({ method: 'GET', url: `/decide/${'x'.repeat(43)}` })).statusCode).toBe(404)
  const page = await look()
  expect(page.statusCode).toBe(200)
  expect(page.headers['cache-control']).toBe('no-store')
  expect(page.payload).toContain('Refund it')
  expect(page.payload).not.toContain('<b>7</b>')
  const wrong = await press({ decision: 'yes', comment: 'Go on' })
  expect(wrong.statusCode).toBe(422)
  expect(wrong.payload).toMatch(/must be filled in.*Go on/s)
  expect(await press({ decision: 'yes', comment: 'Go on', field_sum: '6.5' })).toMatchObject({ statusCode: 303 })
  expect((await look()).payload).toMatch(/Decided: <b>Refund it<\/b>, by Ann Agent, .*Go on/s)
  const second = await press({ decision: 'no', field_sum: '0' })
  expect(second.statusCode).toBe(409)
  expect(second.payload).toContain('Decided: <b>Refund it</b>')
  await flows.settle()
  expect(await flows.runs(id)).toMatchObject([{ outputs: { sum: 6.5, by: 'Ann Agent' } }])
})

test('what nobody decided in time is over; what was decided in the last moment counts; whoever is not asked any more is not', async () => {
  const { w, d, flows, open, decide } = await office()
  const { id } = await flows.publish(asks([d.agent.id], { fields: SUM_IF_THEY_LIKE }))
  const begin = async () => {
    await flows.told('refund', undefined, { amount: 1 })
    await flows.settle()
    await w.dispatch()
    return (await open(d.agent))[0]!
  }
  const late = await begin()
  await flows.later(2 * DAY)
  expect((await flows.runs(id)).at(-1)).toMatchObject({ outputs: { late: true } })
  expect(await refusalOf(decide(late.id, 'yes', {}, d.agent))).toMatch(/over since/)

  const last = await begin()
  await decide(last.id, 'no', {}, d.agent)
  await flows.later(2 * DAY)
  expect((await flows.runs(id)).at(-1)).toMatchObject({ outputs: { by: 'Ann Agent' } })

  const task = await begin()
  await flows.later(HOUR)
  const { id: run } = (await flows.runs(id)).at(-1)!
  await w.inWorkspace((tx) =>
    cancelRun(
      tx,
      { tools: flows.tools, random: () => 0 },
      { workspaceId: w.workspaceId, runId: run as never },
      null,
      w.clock.now(),
    ),
  )
  expect(await open(d.agent)).toEqual([])
  expect(await refusalOf(decide(task.id, 'yes', {}, d.agent))).toMatch(/not asked any more/)
})

test('an approval asks a team; with nobody in it the run waits for somebody who looks at it', async () => {
  const { w, d, flows, open } = await office()
  const { createTeam } = await import('../../../src/helpdesk/teams/teams.ts')
  const owner = await d.hire('Olga', 'owner')
  const team = await w.inWorkspace((tx) =>
    createTeam(tx, { name: 'Money', members: [d.agent.id] } as never, owner, w.clock.now()),
  )
  const none = await w.inWorkspace((tx) => createTeam(tx, { name: 'None', members: [] } as never, owner, w.clock.now()))
  const approves = (teamId: string) =>
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: teamId === team.id ? 'one' : 'none' }, next: { out: 'ask' } },
      ask: {
        type: 'wait.approval@1',
        config: { title: 'Send it', team: teamId, after: null },
        next: { approved: 'end', rejected: 'end' },
      },
      end: { type: 'end@1', config: {} },
    })
  const { id } = await flows.publish(approves(team.id))
  const empty = await flows.publish(approves(none.id))
  await flows.told('one')
  await flows.told('none')
  await flows.settle()
  const [task] = await open(d.agent)
  expect(task).toMatchObject({ decisions: [{ key: 'approved' }, { key: 'rejected' }], teamId: team.id })
  await w.inWorkspace((tx) => decideTask(tx, task!.id, { decision: 'approved' }, owner, w.clock.now()))
  await flows.settle()
  expect(await flows.story((await flows.runs(id))[0]!.id)).toContain('ask hit approved')
  expect(await flows.runs(empty.id)).toMatchObject([{ status: 'running', held: 1 }])
})
