import { expect, test } from 'vitest'
import { sendInsistently } from '../support/api-client.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { scene } from './support.ts'

/** Where the process ends, and what is true after it was started again. */
const POINTS = [
  { point: 'after_claim', state: 'sent', arrived: [1], attempts: 2, unknown: 0 },
  { point: 'before_mail', state: 'sent', arrived: [1], attempts: 2, unknown: 0 },
  { point: 'after_data', state: 'sent', arrived: [1], attempts: 2, unknown: 0 },
  // The last bytes had been given to the system; whether they left the machine nobody can know.
  { point: 'after_dot', state: 'unknown', arrived: [0, 1], attempts: 1, unknown: 1 },
  { point: 'after_250_before_commit', state: 'unknown', arrived: [1], attempts: 1, unknown: 1 },
  { point: 'after_commit', state: 'sent', arrived: [1], attempts: 1, unknown: 0 },
] as const

test('killed at every named point, it says afterwards what is true: sent, to be sent, or not known', async () => {
  const { server, smtp, database, untilAll, judge, invariants } = await scene()
  const promised = []
  for (const { point } of POINTS) {
    expect(await server.start({ WAYBILL_FAIL: point })).toBe('ready')
    promised.push(await sendInsistently(server.url, { recipient: `${point}@example.org`, stream: 'conversation' }))
    expect(await server.ended).toBe('SIGKILL')
    expect(await server.start()).toBe('ready')
    await untilAll('sent', 'unknown')
    await server.kill()
  }
  const judgement = await judge(promised)
  expect(judgement).toMatchObject({ ...SPOTLESS, duplicates: [] })
  const rows = await database.pool.query<{ recipient: string; state: string; attempt: number; policy: string | null }>(
    'select recipient, state, attempt, policy from delivery order by id',
  )
  expect(rows.rows).toEqual(
    POINTS.map(({ point, state, attempts }) => ({
      recipient: `${point}@example.org`,
      state,
      attempt: attempts,
      policy: state === 'unknown' ? 'ask' : null,
    })),
  )
  for (const { point, arrived } of POINTS) {
    expect(arrived).toContain(smtp.received().filter((recipient) => recipient === `${point}@example.org`).length)
  }
  expect(judgement.unknownEvents).toBe(POINTS.reduce((sum, { unknown }) => sum + unknown, 0))
  expect(await invariants()).toEqual([])
}, 120_000)
