/**
 * What others lose mail by: the mail server refuses connections at the moment at which a workflow sends. There, each run breaks with an error of its own, and
 * somebody clicks "retry" a hundred times; or the mail is gone. Here: one route is closed, one incident says what to do, no mail loses a try, and when the server
 * is back everything leaves by itself.
 */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { readStoppedRoutes } from '../../src/insight/stopped-routes.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { problemsOf } from '../../src/workflows/definition/check.ts'
import { Graph } from '../../src/workflows/definition/graph.ts'
import { obstacleOfMail } from '../../src/workflows/reading/mail-obstacle.ts'
import { readRun } from '../../src/workflows/reading/runs.ts'
import type { RunId } from '../../src/workflows/steps/step.ts'
import { desk } from '../helpdesk/desk.ts'
import { mailingWorkflows } from '../support/mail-steps.ts'
import { type World, world } from '../support/world.ts'

const RUNS = 100

const invites = (attachments: readonly string[] = []) => ({
  schema: 'workflow/1',
  name: 'Invite',
  subject: 'none',
  nodes: {
    begin: { type: 'trigger.event@1', config: { name: 'guest.added' }, next: { out: 'mail' } },
    mail: {
      type: 'email.send@1',
      config: {
        to: { who: 'addresses', addresses: ['{{ event.key }}'] },
        content: { by: 'text', subject: 'You are invited', text: 'Hello {{ event.key }}, here is your link.' },
        attachments,
      },
      next: { sent: 'end' },
      set: { accepted: 'result.accepted_at', code: 'result.response.code' },
    },
    end: { type: 'end@1', config: { outputs: { code: 'vars.code' } } },
  },
  vars: [
    { key: 'accepted', type: 'text' },
    { key: 'code', type: 'number' },
  ],
})

async function waiting({ database }: World) {
  const { rows } = await sql<{
    memo: Record<string, never>
  }>`select memo from workflow_token where state = 'waiting' order by id`.execute(database.db)
  return rows
}

test('a relay that refuses at send: one incident with the fix, no try lost, and all of it leaves by itself when it is back', async () => {
  const w = await world()
  const d = await desk(w)
  const flows = mailingWorkflows(w)
  await flows.publish(invites())
  await w.smtp.close()

  const guests = Array.from({ length: RUNS }, (_, nth) => `guest${nth}@example.org`)
  await flows.happens(guests.map((key) => ({ type: 'event.received', data: { name: 'guest.added', key, payload: {} } })))
  await flows.settle()
  await w.dispatch()

  // The runs wait, and are well.
  expect(Object.groupBy(await flows.runs(), ({ status, held }) => `${status} ${held}`)).toEqual({
    'running 0': expect.objectContaining({ length: RUNS }),
  })
  const deliveries = Object.values(await w.deliveries())
  expect(deliveries).toHaveLength(RUNS)
  expect(deliveries.every(({ state, failures }) => state === 'queued' && failures === 0)).toBe(true)
  // One trouble for all of them, told once, with what to do about it; none of it is a trouble of a workflow.
  const stopped = () => readStoppedRoutes(w.database.db, w.workspaceId, w.clock.now())
  const troubles = await stopped()
  expect(troubles).toMatchObject([{ name: 'relay', waiting: RUNS, circuit: 'open' }])
  expect(await w.events('route.opened')).toHaveLength(1)
  const incidents = async () => (await sql`select from incident`.execute(w.database.db)).rows.length
  expect(await incidents()).toBe(0)

  // What a page says of each of them.
  const [token] = await waiting(w)
  const obstacle = await w.inWorkspace((tx) => obstacleOfMail(tx, w.workspaceId, token!, w.clock.now()))
  expect(obstacle).toMatchObject({ route: { name: 'relay' }, tries: 0, sentence: expect.stringMatching(/refused/i) })
  expect(obstacle?.hint).toMatch(/port|firewall|running/i)
  expect(obstacle?.since).toEqual(w.clock.now())
  const [run] = await flows.runs()
  const owner = await d.hire('Olga Owner', 'owner')
  const shown = await w.inWorkspace((tx) => readRun(tx, owner, run!.id as RunId, 0, w.clock.now()))
  expect(shown.tokens).toMatchObject([{ inTheWay: { route: { name: 'relay' }, sentence: obstacle?.sentence } }])
  const probeAt = obstacle!.nextTryAt!
  expect(probeAt.getTime() - w.clock.now().getTime()).toBeLessThanOrEqual(MINUTE)

  // It is back, and says something rude as it closes each connection.
  await w.smtp.listen()
  w.smtp.always('QUIT', { reply: '421 4.3.2 go away', afterwards: 'reset' })
  w.clock.advance(probeAt.getTime() - w.clock.now().getTime())
  const sender = w.dispatcher()
  sender.start()
  await w.quiet()
  await sender.stop(1_000)
  await flows.settle()
  expect(w.smtp.received().toSorted()).toEqual(guests.toSorted())
  // A hundred mails share the connections of one pool: the probe's own first.
  expect(w.smtp.connections.length).toBeLessThanOrEqual(10)
  const runs = await flows.runs()
  expect(runs.every(({ status, outputs }) => status === 'completed' && outputs.code === 250)).toBe(true)
  expect(await stopped()).toEqual([])
  expect(await incidents()).toBe(0)
})

test('an attachment is no address: what a private network would give is refused before anything runs, and where it is only known as it runs', async () => {
  const inGraph = (expression: string) => problemsOf(Graph.parse(invites([expression])), { now: new Date(0) })
  for (const url of ['"http://169.254.169.254/latest/meta-data"', '"https://intranet/secret.pdf"', '"file:///etc/passwd"'])
    expect(inGraph(url)).toContainEqual(
      expect.objectContaining({
        code: 'url_as_attachment',
        severity: 'error',
        node: 'mail',
        sentence: expect.stringContaining('ids'),
      }),
    )
  expect(inGraph('vars.file').filter(({ code }) => code === 'url_as_attachment')).toEqual([])

  const w = await world()
  await desk(w)
  const flows = mailingWorkflows(w)
  await flows.publish(invites(['event.payload.file']))
  await flows.told('guest.added', 'guest@example.org', { file: 'http://127.0.0.1/secret' })
  await flows.settle()
  expect(await flows.runs()).toMatchObject([{ status: 'running', held: 1 }])
  const { rows } = await sql<{ trouble: object }>`select trouble from workflow_token where state = 'held'`.execute(w.database.db)
  expect(rows).toMatchObject([{ trouble: { class: 'invalid', sentence: expect.stringContaining('nothing is fetched') } }])
  expect(await w.states()).toEqual({})
})
