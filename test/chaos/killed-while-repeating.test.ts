import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { randomOf, type Scene, scene, seedOfThisRun } from '../scenarios/support.ts'
import { sendMany } from '../support/api-client.ts'
import { API_KEY } from '../support/server-process.ts'
import { smtpServer } from '../support/smtp-server.ts'

const MAILS = 300
const A_SECOND = 40
const WARM_UP = 60
const SINCE_MS = 5_000

type Api = (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => Promise<Record<string, unknown>>

/** Insists while the server is down. */
function apiOf({ server }: Scene): Api {
  return async (method, path, body) => {
    for (let tries = 0; ; tries++) {
      try {
        const response = await fetch(`${server.url}${path}`, {
          method,
          headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        const answer = (await response.json()) as Record<string, unknown>
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
        return answer
      } catch (error) {
        if (!(error instanceof TypeError) || tries > 200) throw error
        await sleep(100)
      }
    }
  }
}

/** How many of these moments lie within any span of so many milliseconds, at most. */
function mostWithin(times: readonly number[], spanMs: number): number {
  let most = 0
  for (let first = 0, last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! > spanMs) first += 1
    most = Math.max(most, last - first + 1)
  }
  return most
}

test('killed again and again while rules, a limit, a warm-up and a replay are at work: nobody is met twice, and no limit is passed', async () => {
  const all = await scene()
  const { server, smtp, database } = all
  await using youngServer = await smtpServer({})
  const messages = () => [...smtp.messages, ...youngServer.messages]
  const random = randomOf(seedOfThisRun())
  expect(await server.start(), server.lastWords).toBe('ready')
  const api = apiOf(all)
  const relay = { host: '127.0.0.1', port: smtp.port, security: 'none', allow_private: true }
  const { id: young } = await api('POST', '/v1/routes', {
    kind: 'smtp',
    name: 'Young',
    settings: { ...relay, port: youngServer.port },
  })
  const routes = (await api('GET', '/v1/routes')).items as { id: string; is_default: boolean }[]
  const old = routes.find((route) => route.is_default)?.id
  await api('PUT', `/v1/warm-ups/${young}`, { daily_caps: [WARM_UP] })
  await api('POST', '/v1/rules', {
    name: 'Both',
    conditions: {},
    targets: [
      { route_id: young, weight: 3 },
      { route_id: old, weight: 1 },
    ],
  })
  await api('POST', '/v1/limits', { scope: 'workspace', per: 'second', amount: A_SECOND })

  const strike = async (after: number) => {
    const target = smtp.messages.length + after
    await smtp.when(({ messages }) => messages.length >= target)
    await sleep(random() * 300)
    await server.kill()
    expect(await server.start(), server.lastWords).toBe('ready')
  }
  const settled = async () => {
    const endsAtMs = performance.now() + 150_000
    for (;;) {
      await all.untilAll('sent', 'unknown')
      if (!('unknown' in (await all.counts())) || performance.now() > endsAtMs) return
      await sleep(500)
    }
  }

  const recipients = Array.from({ length: MAILS }, (_, i) => `r${i}@example.org`)
  const sending = sendMany(
    server.url,
    recipients.map((recipient) => ({ recipient })),
    6,
  )
  for (let i = 0; i < 3; i++) await strike(10 + Math.floor(random() * 40))
  await sending.done
  await settled()
  const firstRound = messages().length

  const act = await api('POST', '/v1/bulk-acts', { kind: 'replay', filter: { states: ['sent'] }, expected: MAILS })
  await sleep(random() * 1_200)
  await server.kill()
  expect(await server.start(), server.lastWords).toBe('ready')
  for (let i = 0; i < 3; i++) await strike(10 + Math.floor(random() * 40))
  await expect.poll(async () => (await api('GET', `/v1/bulk-acts/${act.id}`)).state, { timeout: 60_000 }).toBe('done')
  await settled()
  expect(await api('GET', `/v1/bulk-acts/${act.id}`)).toMatchObject({ done: MAILS, passed_over: 0 })
  // Doing the same twice finds nobody left.
  await expect(
    api('POST', '/v1/bulk-acts', { kind: 'replay', filter: { states: ['sent'], until: act.created_at } }),
  ).rejects.toThrow(/nothing_to_do/)

  const { rows } = await sql<{ recipient: string; state: string; unknown: number; replays: number; deliveries: number }>`
    select recipient, min(state) as state, count(*) as deliveries,
           (count(*) filter (where m.resend_of is not null))::int as replays,
           sum((select count(*) from event as e where e.delivery_id = d.id and e.type = 'delivery.unknown'))::int as unknown
      from delivery as d join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
     group by recipient`.execute(database.db)
  expect(rows).toHaveLength(MAILS)
  const arrived = Map.groupBy([...smtp.received(), ...youngServer.received()], (recipient) => recipient)
  for (const { recipient, replays, deliveries, unknown } of rows) {
    expect([Number(deliveries), replays], recipient).toEqual([2, 1])
    const times = arrived.get(recipient)?.length ?? 0
    expect(times, recipient).toBeGreaterThanOrEqual(2)
    expect(times, `${recipient} was unknown ${unknown} times`).toBeLessThanOrEqual(2 + unknown)
  }
  expect([...arrived.keys()].toSorted()).toEqual(recipients.toSorted())

  const times = messages()
    .map(({ receivedAt }) => receivedAt.getTime())
    .sort((a, b) => a - b)
  const most = mostWithin(times, SINCE_MS)
  const unheard = rows.reduce((sum, { unknown }) => sum + unknown, 0)
  console.info(
    `${firstRound} and ${messages().length - firstRound} messages, ${unheard} unknown, ${most} in five seconds, ${youngServer.messages.length} by the young route`,
  )
  // A second's worth may go together, and what one claim took when it was killed.
  expect(most).toBeLessThanOrEqual((SINCE_MS / 1_000) * A_SECOND + 2 * A_SECOND)
  expect(youngServer.messages.length).toBeLessThanOrEqual(WARM_UP)
  expect(await all.invariants()).toEqual([])
  expect(await server.terminate()).toBe('0')
})
