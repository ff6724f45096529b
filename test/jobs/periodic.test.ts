import { sql } from 'kysely'
import { afterAll, afterEach, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { createPeriodicWorker, type PeriodicJob, type PeriodicWorker } from '../../src/jobs/periodic.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { createLog } from '../../src/log.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { gate } from '../support/gate.ts'

const connection = await testDatabase()
const database = openDatabase({ connection: { ...connection }, maxConnections: 6, applicationName: 'test' })
afterAll(() => database.close())

const log = createLog({ level: 'silent' })
const workers: PeriodicWorker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await sql`delete from periodic_job`.execute(database.db)
})

async function worker(clock: TestClock, ...jobs: PeriodicJob[]): Promise<PeriodicWorker> {
  const made = createPeriodicWorker({ database, clock, log, jobs })
  workers.push(made)
  await made.start()
  return made
}

/** A job that says when it runs, each time anew. */
function aJob(name: string, everyMs = HOUR, work: () => Promise<unknown> = async () => {}) {
  const runs: Date[] = []
  let ran = Promise.withResolvers<void>()
  const job: PeriodicJob = {
    name,
    everyMs,
    async run(now) {
      runs.push(now)
      ran.resolve()
      ran = Promise.withResolvers()
      await work()
    },
  }
  return { job, runs, next: () => ran.promise }
}

async function row(name: string) {
  const { rows } = await sql<{ dueAt: Date; leaseOwner: string | null; error: string | null; finishedAt: Date | null }>`
    select due_at as "dueAt", lease_owner as "leaseOwner", error, finished_at as "finishedAt" from periodic_job where name = ${name}`.execute(
    database.db,
  )
  return rows[0]
}

async function finished(name: string, at: Date): Promise<void> {
  await expect.poll(() => row(name), { timeout: 30_000 }).toMatchObject({ leaseOwner: null, finishedAt: at })
}

test('a job runs at the start and then when its time has come, not before', async () => {
  const clock = testClock()
  const started = clock.now()
  const { job, runs, next } = aJob('clean', HOUR)
  const first = next()
  await worker(clock, job)
  await first
  await finished('clean', started)
  clock.advance(HOUR - 1)
  const other = aJob('other', HOUR)
  const otherRan = other.next()
  await worker(clock, other.job)
  await otherRan
  expect(runs).toEqual([started])
  clock.advance(1)
  await next()
  expect(runs).toEqual([started, clock.now()])
})

test('of two workers one does it, the other finds it leased', async () => {
  const clock = testClock()
  const inside = gate()
  const slow = aJob('clean', HOUR, () => inside.arrive())
  const marker = aJob('marker', HOUR)
  await worker(clock, slow.job)
  await inside.reached
  const marked = marker.next()
  const idle = aJob('clean')
  await worker(clock, idle.job, marker.job)
  await marked
  expect([slow.runs.length, idle.runs.length]).toEqual([1, 0])
  inside.open()
})

test('what a worker leased that died is done by another when the lease has ended', async () => {
  const clock = testClock()
  await sql`
    insert into periodic_job (name, due_at, lease_owner, lease_expires_at)
    values ('clean', ${clock.now()}, gen_random_uuid(), ${new Date(clock.now().getTime() + MINUTE)})`.execute(database.db)
  const { job, runs, next } = aJob('clean')
  const marker = aJob('marker')
  const marked = marker.next()
  await worker(clock, job, marker.job)
  await marked
  expect(runs).toEqual([])
  const ran = next()
  clock.advance(MINUTE)
  await ran
  expect(runs).toEqual([clock.now()])
})

test('a job that fails says why, keeps nobody from theirs, and runs again at its next time', async () => {
  const clock = testClock()
  const failing = aJob('a failing one', MINUTE, () => Promise.reject(new Error('the disk is full')))
  const other = aJob('b other')
  const [failed, ran] = [failing.next(), other.next()]
  await worker(clock, failing.job, other.job)
  await Promise.all([failed, ran])
  await finished('a failing one', clock.now())
  expect(await row('a failing one')).toMatchObject({ error: 'the disk is full', dueAt: new Date(clock.now().getTime() + MINUTE) })
  const again = failing.next()
  clock.advance(MINUTE)
  await again
})

test('a job that fails before it could begin its work is treated alike', async () => {
  const clock = testClock()
  const broken: PeriodicJob = {
    name: 'broken',
    everyMs: MINUTE,
    run() {
      throw new Error('not even a promise')
    },
  }
  await worker(clock, broken)
  await finished('broken', clock.now())
  expect(await row('broken')).toMatchObject({ error: 'not even a promise' })
})

test('whoever finishes late, after the lease went to another, does not touch that lease', async () => {
  const clock = testClock()
  const late = gate()
  const slow = aJob('clean', HOUR, () => late.arrive())
  const first = await worker(clock, slow.job)
  await late.reached
  clock.advance(6 * MINUTE)
  const second = gate()
  const taken = aJob('clean', HOUR, () => second.arrive())
  await worker(clock, taken.job)
  await second.reached
  const leased = await row('clean')
  late.open()
  await first.stop()
  expect(await row('clean')).toEqual(leased)
  second.open()
})

test('a job whose end could not be written, because the database was away, runs again as soon as it is back', async () => {
  const clock = testClock()
  await using wire = await databaseProxy(connection)
  const away = openDatabase({ connection: { ...wire.connection }, maxConnections: 2, applicationName: 'test' })
  const { job, runs, next } = aJob('clean', HOUR, async () => {
    if (runs.length === 1) wire.takeAway()
  })
  const made = createPeriodicWorker({ database: away, clock, log, jobs: [job] })
  const first = next()
  await made.start()
  await first
  const second = next()
  wire.heal()
  await second
  await finished('clean', clock.now())
  await made.stop()
  await away.close()
  expect(runs).toHaveLength(2)
})

test('stopping waits for the job under way and begins no other', async () => {
  const clock = testClock()
  const inside = gate()
  const slow = aJob('a', HOUR, () => inside.arrive())
  const other = aJob('b')
  const made = await worker(clock, slow.job, other.job)
  await inside.reached
  const stopped = made.stop()
  inside.open()
  await stopped
  expect((await row('a'))?.finishedAt).toEqual(clock.now())
  expect(other.runs).toEqual([])
})
