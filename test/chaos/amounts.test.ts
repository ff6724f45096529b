import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { startSink } from '../../bench/sink.ts'
import { scene } from '../scenarios/support.ts'
import { sendInsistently } from '../support/api-client.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { API_KEY, ServerProcess } from '../support/server-process.ts'
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
    explain select id from delivery
     where state = 'queued' and lane_id = (select id from lane where workspace_id = ${w.workspaceId} and stream = 'bulk' limit 1) and due_at <= now()
     order by due_at, id limit 100`.execute(w.database.db)
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan')
})

test('two hundred mails of twenty-five megabytes at once: memory stays bounded, who is not served is told to come back, all promised arrive', async () => {
  const sink = await startSink()
  onTestFinished(() => sink.stop())
  const { server, untilAll, counts } = await scene({ env: { WAYBILL_SMTP_URL: `smtp://127.0.0.1:${sink.port}?security=none` } })
  expect(await server.start()).toBe('ready')
  const content = Buffer.alloc(18 * 1024 * 1024, 'a').toString('base64')
  const attachment = Buffer.from(content, 'latin1')
  let highest = 0
  const watching = setInterval(() => {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
    highest = Math.max(highest, Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
  }, 50)
  const answers: Record<number, number> = {}
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const code = await post(server.settings.port, i, attachment)
      answers[code] = (answers[code] ?? 0) + 1
    }),
  )
  clearInterval(watching)
  console.info(`answers ${JSON.stringify(answers)}, at most ${Math.round(highest)} MB resident`)
  expect(Object.keys(answers).every((code) => ['0', '202', '413', '429', '503'].includes(code))).toBe(true)
  expect(highest).toBeLessThan(1_500)
  await sendInsistently(server.url, { recipient: 'after@example.org' })
  await untilAll('sent')
  const { sent = 0 } = await counts()
  expect(sent).toBeGreaterThanOrEqual((answers[202] ?? 0) + 1)
  expect((await sink.count()).messages).toBe(sent)
})

/** The attachment is the same in all of them: two hundred copies would not fit into this process. Zero: the connection broke. */
function post(port: number, i: number, attachment: Buffer): Promise<number> {
  const mail = { from: 'shop@example.com', to: `r${i}@example.org`, subject: 'Large', text: 'See attached' }
  const head = Buffer.from(`${JSON.stringify(mail).slice(0, -1)},"attachments":[{"filename":"a.bin","content":"`)
  const tail = Buffer.from('"}]}')
  return new Promise((resolve) => {
    const posting = request({
      host: '127.0.0.1',
      port,
      path: '/v1/messages',
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        'content-length': head.length + attachment.length + tail.length,
        'idempotency-key': `large ${i}`,
      },
    })
    posting.on('error', () => resolve(0))
    posting.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    posting.write(head)
    posting.write(attachment)
    posting.end(tail)
  })
}

test('with a hundred open files at most, and two hundred who connect and say nothing, it lives, and serves again when they are gone', async () => {
  const { server, untilAll, judge, invariants } = await scene()
  const narrow = new ServerProcess({ ...server.settings, openFiles: 100 })
  onTestFinished(() => narrow.kill())
  expect(await narrow.start()).toBe('ready')
  const promised = [await sendInsistently(narrow.url, { recipient: 'before@example.org' })]
  const idle = Array.from({ length: 200 }, () => connect(server.settings.port, '127.0.0.1').on('error', () => {}))
  await sleep(2_000)
  const meanwhile = sendInsistently(narrow.url, { recipient: 'meanwhile@example.org' })
  await sleep(3_000)
  for (const socket of idle) socket.destroy()
  promised.push(await meanwhile)
  await untilAll('sent')
  expect(await judge(promised)).toMatchObject(SPOTLESS)
  expect(await invariants()).toEqual([])
  expect(await narrow.terminate()).toBe('0')
})
