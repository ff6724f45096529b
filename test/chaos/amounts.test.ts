import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { scene } from '../scenarios/support.ts'
import { sendInsistently } from '../support/api-client.ts'
import { API_KEY } from '../support/server-process.ts'
import { aMessage, world } from '../support/world.ts'

test('a million settled deliveries do not slow a claim', async () => {
  const w = await world({ endsWell: false })
  await w.submit(aMessage({ to: ['seed@example.org'], stream: 'bulk' }))
  await w.dispatch()
  for (let i = 0; i < 10; i++) {
    await sql`
      insert into delivery (workspace_id, id, message_id, recipient, stream, state, expires_at, created_at, settled_at, attempt)
      select workspace_id, gen_random_uuid(), message_id, 'r' || n || '@example.org', stream, 'sent', now(), now(), now(), 1
        from delivery cross join generate_series(1, 100000) as n where recipient = 'seed@example.org'`.execute(w.database.db)
  }
  await sql`analyze delivery`.execute(w.database.db)
  const times: number[] = []
  for (let i = 0; i < 100; i++) {
    await w.submit(aMessage({ to: [`live${i}@example.org`], stream: 'bulk' }))
    const startedMs = performance.now()
    await w.dispatch()
    times.push(performance.now() - startedMs)
  }
  const p99 = times.toSorted((a, b) => a - b)[98]!
  console.info(`claimed, sent and settled in ${Math.round(p99)} ms at worst`)
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain select id from delivery where state = 'queued' and workspace_id = ${w.workspaceId} and stream = 'bulk' and via_route is null and due_at <= now() order by due_at, id limit 100`.execute(
    w.database.db,
  )
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('delivery_due')
})

test('two hundred mails of twenty-five megabytes at once: memory stays bounded, who is not served is told to come back, all arrive', async () => {
  const { server, smtp, untilAll, judge } = await scene({ script: { extensions: ['PIPELINING', '8BITMIME'] } })
  expect(await server.start()).toBe('ready')
  const content = Buffer.alloc(18 * 1024 * 1024, 'a').toString('base64')
  let highest = 0
  const watching = setInterval(() => {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
    highest = Math.max(highest, Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
  }, 50)
  const answers: Record<number, number> = {}
  const post = async (i: number) => {
    const response = await fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', 'idempotency-key': `large ${i}` },
      body: JSON.stringify({
        from: 'shop@example.com',
        to: `r${i}@example.org`,
        subject: 'Large',
        text: 'See attached',
        attachments: [{ filename: 'a.bin', content }],
      }),
    }).catch(() => null)
    const code = response?.status ?? 0
    answers[code] = (answers[code] ?? 0) + 1
    if (code !== 202) return null
    return { messageId: ((await response!.json()) as { id: string }).id, recipient: `r${i}@example.org` }
  }
  const promised = (await Promise.all(Array.from({ length: 200 }, (_, i) => post(i)))).filter((one) => one !== null)
  clearInterval(watching)
  console.info(`answers ${JSON.stringify(answers)}, at most ${Math.round(highest)} MB resident`)
  expect(Object.keys(answers).every((code) => ['0', '202', '413', '429', '503'].includes(code))).toBe(true)
  expect(highest).toBeLessThan(1_500)
  promised.push(await sendInsistently(server.url, { recipient: 'after@example.org' }))
  await untilAll('sent')
  const { lost, forgotten, invented } = await judge(promised)
  expect([lost, forgotten, invented]).toEqual([[], [], []])
  expect(smtp.received()).toContain('after@example.org')
})
