import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { NO_FAILPOINTS } from '../../../src/lib/failpoint.ts'
import { createSecrets } from '../../../src/lib/secrets.ts'
import { createLog } from '../../../src/log.ts'
import { cancelRun, retryStep } from '../../../src/workflows/engine/acts.ts'
import { saveSecret } from '../../../src/workflows/requests/secrets.ts'
import { createRequestSender } from '../../../src/workflows/requests/sender.ts'
import { REQUEST_STEPS } from '../../../src/workflows/steps/request.ts'
import { fixedResolver } from '../../support/dns.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'
import { receiver } from '../../webhooks/support.ts'

async function asking({ allowPrivateNetworks = true, names = {} as Record<string, string[]> } = {}) {
  const w = await world()
  const shop = await receiver()
  const secrets = createSecrets('a secret of sixteen letters')
  const flows = workflowWorld(w, { steps: REQUEST_STEPS })
  const sender = createRequestSender({
    ...{ database: w.database, clock: w.clock, log: createLog({ level: 'silent' }), secrets, resolver: fixedResolver(names) },
    ...{ failpoints: NO_FAILPOINTS, mayClaim: () => true, allowPrivateNetworks, version: '0.0.0' },
  })
  await w.inWorkspace((tx) => saveSecret(tx, secrets, w.workspaceId, { name: 'shop', value: 'k-123' }, null, w.clock.now()))
  const publish = (config: object, rest: object = {}) =>
    flows.publish(
      aGraph(
        {
          begin: { type: 'trigger.event@1', config: { name: 'ask' }, next: { out: 'ask' } },
          ask: {
            type: 'http.request@1',
            config: { url: `${shop.url}/orders/{{ event.key }}`, ...config },
            next: { ok: 'good', failed: 'bad' },
            set: { answer: 'result' },
            ...rest,
          },
          good: { type: 'end@1', config: { outputs: { way: '"ok"', status: 'vars.answer.status', body: 'vars.answer.body' } } },
          bad: { type: 'end@1', config: { outputs: { way: '"failed"', why: 'vars.answer.class' } } },
        },
        { vars: [{ key: 'answer', type: 'object' }] },
      ),
    )
  const turn = async () => {
    const sent = await sender.sendDue()
    await flows.settle()
    return sent
  }
  const begin = async () => {
    await flows.told('ask', 'A 1', { sum: 12 })
    await flows.settle()
  }
  return { w, shop, flows, publish, turn, begin }
}

test('a run asks a program and goes on with its answer; what it proves itself with is in the request and nowhere else', async () => {
  const { w, shop, flows, publish, turn, begin } = await asking()
  shop.answers(200, { 'content-type': 'application/json' }, '{"paid":true}')
  const { id } = await publish({
    method: 'PUT',
    url: `${shop.url}/orders/{{ event.key | url_encode }}`,
    headers: { 'X-Shop': 'Number {{ event.payload.sum }}' },
    secret: 'shop',
    body: { as: 'json', value: '{"sum": event.payload.sum}' },
  })
  await begin()
  expect(shop.heard).toHaveLength(0)
  expect(await turn()).toBe(1)
  expect(shop.heard).toMatchObject([
    {
      path: '/orders/A+1',
      body: '{"sum":12}',
      headers: { authorization: 'Bearer k-123', 'x-shop': 'Number 12', 'content-type': 'application/json' },
    },
  ])
  expect(await flows.runs(id)).toMatchObject([{ outputs: { way: 'ok', status: 200, body: { paid: true } } }])
  const { rows } =
    await sql`select to_jsonb(r)::text as row from workflow_request r union all select data::text from event`.execute(
      w.database.db,
    )
  expect(JSON.stringify(rows)).not.toContain('k-123')
})

test('an answer that repeats the secret is kept without it, and a name that leads within is not asked', async () => {
  const { w, shop, flows, publish, turn, begin } = await asking()
  const { id } = await publish({ secret: 'shop', secret_header: 'X-Key' })
  shop.answers(200, { 'content-type': 'application/json' }, '{"headers":{"X-Key":"k-123"},"url":"/?key=k-123"}')
  await begin()
  await turn()
  expect(shop.heard[0]?.headers['x-key']).toBe('k-123')
  expect(await flows.runs(id)).toMatchObject([
    { outputs: { way: 'ok', body: { headers: { 'X-Key': '(secret)' }, url: '/?key=(secret)' } } },
  ])
  const { rows } = await sql`select data::text as row from event union all select to_jsonb(r)::text from workflow_run r`.execute(
    w.database.db,
  )
  expect(JSON.stringify(rows)).not.toContain('k-123')

  const names = { 'inside.example': ['10.0.0.7'], 'meta.example': ['169.254.169.254'], 'six.example': ['::ffff:127.0.0.1'] }
  const within = await asking({ allowPrivateNetworks: false, names })
  const workflow = await within.publish({ url: 'http://{{ event.key }}/latest' })
  for (const name of Object.keys(names)) await within.flows.told('ask', name)
  await within.flows.settle()
  expect(await within.turn()).toBe(3)
  const ended = await within.flows.runs(workflow.id)
  expect(ended.map(({ outputs }) => outputs.why)).toEqual(['forbidden', 'forbidden', 'forbidden'])
})

test('what answers later is asked again, under the same key, when it says so; a no is a no', async () => {
  const { w, shop, flows, publish, turn, begin } = await asking()
  const { id } = await publish({ method: 'POST', body: { as: 'form', values: { a: '{{ event.key }}' } }, keep: 'text' })
  shop.answers(503, { 'retry-after': '600' })
  await begin()
  expect(await turn()).toBe(1)
  w.clock.advance(599_000)
  expect(await turn()).toBe(0)
  shop.answers(200, {}, 'fine')
  w.clock.advance(120_000)
  expect(await turn()).toBe(1)
  expect(await flows.runs(id)).toMatchObject([{ outputs: { way: 'ok', body: 'fine' } }])
  expect(new Set(shop.heard.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  expect(shop.heard.map(({ body }) => body)).toEqual(['a=A+1', 'a=A+1'])

  shop.answers(404)
  await begin()
  await turn()
  expect((await flows.runs(id)).at(-1)).toMatchObject({ outputs: { way: 'failed', why: 'refused' } })
  shop.answers(302, { location: 'https://elsewhere.example/' })
  await begin()
  await turn()
  expect((await flows.runs(id)).at(-1)).toMatchObject({ outputs: { way: 'failed', why: 'refused' } })
})

test('nothing within the own network is asked; a run that ends takes back what was not sent; a held one asks anew', async () => {
  const { shop, flows, publish, turn, begin } = await asking({ allowPrivateNetworks: false })
  const { id } = await publish({})
  await begin()
  expect(await turn()).toBe(1)
  expect(shop.heard).toHaveLength(0)
  expect(await flows.runs(id)).toMatchObject([{ outputs: { way: 'failed', why: 'forbidden' } }])

  const open = await asking()
  const held = await open.publish({ keep: 'json' }, { next: { ok: 'good' } })
  open.shop.answers(200, {}, 'no json')
  await open.begin()
  await open.turn()
  const [run] = await open.flows.runs(held.id)
  expect(run).toMatchObject({ held: 1 })
  const { rows } = await sql<{ id: string }>`select id from workflow_token where run_id = ${run!.id}`.execute(open.w.database.db)
  const actDeps = { tools: open.flows.tools, random: () => 0 }
  const of = { workspaceId: open.w.workspaceId, runId: run!.id as never }
  await open.w.inWorkspace((tx) => retryStep(tx, actDeps, { ...of, tokenId: rows[0]!.id }, null, open.w.clock.now()))
  open.shop.answers(200, {}, '{}')
  await open.flows.settle()
  await open.turn()
  expect(await open.flows.runs(held.id)).toMatchObject([{ status: 'completed', held: 0 }])

  await open.begin()
  const last = (await open.flows.runs(held.id)).at(-1)!
  await open.w.inWorkspace((tx) =>
    cancelRun(tx, actDeps, { workspaceId: open.w.workspaceId, runId: last.id as never }, null, open.w.clock.now()),
  )
  expect(await open.turn()).toBe(0)
  expect(open.shop.heard).toHaveLength(2)
})
