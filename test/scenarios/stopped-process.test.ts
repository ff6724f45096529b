import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { recoverLost } from '../../src/delivery/recover.ts'
import { sendInsistently, sendMany } from '../support/api-client.ts'
import { gate } from '../support/gate.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'
import { type Scene, scene } from './support.ts'

/** Another process on the same database and the same route. */
async function another({ server }: Scene): Promise<ServerProcess> {
  return new ServerProcess({ ...server.settings, port: await freePort() })
}

/** As if the time of every lease of before had passed: what another machine sees of a process that stands still. */
async function leasesEnd({ database }: Scene): Promise<{ requeued: number; unknown: number }> {
  await sql`update dispatcher set lease_expires_at = now() - interval '1 second' where state = 'live'`.execute(database.db)
  return recoverLost(database, { host: 'another machine', pid: 1, owns: () => false, isAlive: () => false }, new Date())
}

test('a process that stood still until others took its work over does no harm when it wakes up', async () => {
  const all = await scene()
  const { server, smtp, untilAll, judge, invariants } = all
  expect(await server.start()).toBe('ready')
  const answer = gate()
  smtp.next('DOT', { reply: '250 2.0.0 at last', after: answer })
  const slow = await sendInsistently(server.url, { recipient: 'slow@example.org', stream: 'conversation' })
  await answer.reached
  server.signal('SIGSTOP')
  expect((await leasesEnd(all)).unknown).toBe(1)
  const other = await another(all)
  expect(await other.start()).toBe('ready')
  const meanwhile = await sendInsistently(other.url, { recipient: 'meanwhile@example.org' })
  await untilAll('sent', 'unknown')
  // The answer comes while it stands still; it hears it when it wakes up, and the delivery is no longer its own.
  answer.open()
  server.signal('SIGCONT')
  const afterwards = await sendInsistently(server.url, { recipient: 'afterwards@example.org' })
  await untilAll('sent', 'unknown')
  expect(await server.terminate()).toBe('0')
  expect(await other.terminate()).toBe('0')
  expect(await judge([slow, meanwhile, afterwards])).toMatchObject({
    ...SPOTLESS,
    duplicates: [],
    states: { sent: 2, unknown: 1 },
    unknownEvents: 1,
  })
  expect(await invariants()).toEqual([])
}, 90_000)

test('two processes share the work; one that stands still in the middle loses nothing and doubles only what was unknown', async () => {
  const all = await scene()
  const { server, smtp, untilAll, judge, invariants } = all
  expect(await server.start()).toBe('ready')
  const other = await another(all)
  expect(await other.start()).toBe('ready')
  const mails = Array.from({ length: 600 }, (_, i) => ({ recipient: `r${i}@example.org`, stream: 'conversation' as const }))
  const sending = sendMany(other.url, mails, 8)
  await smtp.when(({ messages }) => messages.length >= 200)
  server.signal('SIGSTOP')
  await leasesEnd(all)
  await sending.done
  server.signal('SIGCONT')
  await untilAll('sent', 'unknown')
  expect(await server.terminate()).toBe('0')
  expect(await other.terminate()).toBe('0')
  const judgement = await judge(sending.promised)
  expect(judgement).toMatchObject(SPOTLESS)
  expect(await invariants()).toEqual([])
}, 90_000)

test('told to stop in the middle of sending, it finishes what is on the wire, and nothing is unknown', async () => {
  const { server, smtp, counts, untilAll, judge, invariants } = await scene()
  expect(await server.start()).toBe('ready')
  const mails = Array.from({ length: 500 }, (_, i) => ({ recipient: `r${i}@example.org` }))
  const sending = sendMany(server.url, mails, 8)
  await smtp.when(({ messages }) => messages.length >= 150)
  expect(await server.terminate()).toBe('0')
  const left = await counts()
  expect(Object.keys(left).every((state) => state === 'sent' || state === 'queued')).toBe(true)
  expect(left.sent).toBe(smtp.received().length)
  expect(await server.start()).toBe('ready')
  await sending.done
  await untilAll('sent')
  expect(await judge(sending.promised)).toMatchObject({ ...SPOTLESS, duplicates: [], unknownEvents: 0 })
  expect(await invariants()).toEqual([])
}, 90_000)

test('told to stop while the database is gone, it ends all the same', async () => {
  const { server, postgres } = await scene({ postgres: 'own' })
  expect(await server.start()).toBe('ready')
  await sendInsistently(server.url, { recipient: 'before@example.org' })
  await postgres.stop()
  expect(await server.terminate()).toBe('0')
}, 60_000)
