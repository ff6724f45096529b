import { sql } from 'kysely'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/database.ts'
import { createReceivers, receiverJobs } from '../../../src/delivery/receivers/receivers.ts'
import type { Lookup, MxRecord, Resolver } from '../../../src/dns/resolver.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { testClock } from '../../support/clock.ts'
import { testDatabase } from '../../support/database.ts'
import { fixedResolver } from '../../support/dns.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 3, applicationName: 'test' })
afterAll(() => database.close())
beforeEach(async () => {
  await sql`delete from recipient_domain`.execute(database.db)
})

type Answer = Lookup<readonly MxRecord[]>
const GOOGLE: Answer = { ok: true, found: [{ host: 'aspmx.l.google.com', preference: 1 }] }
const SILENCE: Answer = { ok: false, kind: 'timeout', message: 'no name server answered' }

/** A resolver whose answers to MX questions a test gives, and which tells what it was asked. */
function asked(answer: (domain: string) => Answer | Promise<Answer>) {
  const questions: string[] = []
  const resolver: Resolver = {
    ...fixedResolver(),
    async mx(domain) {
      questions.push(domain)
      return answer(domain)
    },
  }
  return { resolver, questions }
}

function rows() {
  return sql<{ domain: string; receiver: string; lane_receiver: string; null_mx: boolean; trouble: string | null }>`
    select domain, receiver, lane_receiver, null_mx, trouble from recipient_domain order by domain`
    .execute(database.db)
    .then((result) => result.rows)
}

test('a domain is looked up once, then known at once, and by every other process from its row', async () => {
  const clock = testClock()
  const { resolver, questions } = asked(() => GOOGLE)
  const receivers = createReceivers({ database, resolver, clock })
  expect(receivers.known('shop.test')).toBeNull()
  expect(await receivers.resolve(['shop.test', 'shop.test'])).toEqual(new Map([['shop.test', 'google']]))
  expect(receivers.known('shop.test')).toBe('google')
  expect(await rows()).toEqual([
    { domain: 'shop.test', receiver: 'google', lane_receiver: 'google', null_mx: false, trouble: null },
  ])

  const other = createReceivers({ database, resolver, clock })
  expect(await other.resolve(['shop.test'])).toEqual(new Map([['shop.test', 'google']]))
  expect(questions).toEqual(['shop.test'])
})

test('a receiver known by its own domain is known without asking, and gets its row', async () => {
  const { resolver, questions } = asked(() => GOOGLE)
  const receivers = createReceivers({ database, resolver, clock: testClock() })
  expect(receivers.known('gmail.com')).toBe('google')
  await receivers.resolve(['gmail.com'])
  expect(questions).toEqual([])
  expect(await rows()).toMatchObject([{ domain: 'gmail.com', lane_receiver: 'google' }])
})

test('a small receiver keeps its name and shares the lane of the others', async () => {
  const { resolver } = asked(() => ({ ok: true, found: [{ host: 'mx.mail.example.co.uk', preference: 1 }] }))
  const receivers = createReceivers({ database, resolver, clock: testClock() })
  expect(await receivers.resolve(['shop.test'])).toEqual(new Map([['shop.test', 'example.co.uk']]))
  expect(await rows()).toMatchObject([{ receiver: 'example.co.uk', lane_receiver: 'other' }])
})

test('a domain without mail servers of its own receives itself, and one that takes no mail says so', async () => {
  const { resolver } = asked((domain) =>
    domain === 'null.test' ? { ok: true, found: [{ host: '', preference: 0 }] } : { ok: false, kind: 'nodata', message: 'no MX' },
  )
  const receivers = createReceivers({ database, resolver, clock: testClock() })
  await receivers.resolve(['www.shop.test', 'null.test'])
  expect(await rows()).toMatchObject([
    { domain: 'null.test', receiver: 'null.test', null_mx: true, trouble: null },
    { domain: 'www.shop.test', receiver: 'shop.test', null_mx: false, trouble: null },
  ])
})

test('what was learned is believed for a day, then asked again', async () => {
  const clock = testClock()
  const { resolver, questions } = asked(() => GOOGLE)
  const receivers = createReceivers({ database, resolver, clock })
  await receivers.resolve(['shop.test'])
  clock.advance(DAY)
  clock.elapse(DAY)
  expect(receivers.known('shop.test')).toBeNull()
  await receivers.resolve(['shop.test'])
  expect(questions).toEqual(['shop.test', 'shop.test'])
})

test('a server that could not answer leaves a new domain among the others for minutes, and an old one where it was', async () => {
  const clock = testClock()
  let answer: Answer = GOOGLE
  const { resolver } = asked(() => answer)
  const receivers = createReceivers({ database, resolver, clock })
  await receivers.resolve(['old.test'])
  answer = { ok: false, kind: 'servfail', message: 'broken' }
  clock.advance(2 * DAY)
  clock.elapse(2 * DAY)
  expect(await receivers.resolve(['old.test', 'new.test'])).toEqual(
    new Map([
      ['old.test', 'google'],
      ['new.test', 'other'],
    ]),
  )
  expect(await rows()).toMatchObject([
    { domain: 'new.test', receiver: 'other', trouble: 'servfail' },
    { domain: 'old.test', receiver: 'google', trouble: 'servfail' },
  ])
  answer = GOOGLE
  clock.elapse(6 * MINUTE)
  clock.advance(6 * MINUTE)
  expect(await receivers.resolve(['new.test'])).toEqual(new Map([['new.test', 'google']]))
})

test('a domain that hangs is put among the others, and known when its answer comes', async () => {
  const hung = Promise.withResolvers<Answer>()
  const { resolver } = asked((domain) => (domain === 'slow.test' ? hung.promise : GOOGLE))
  const receivers = createReceivers({ database, resolver, clock: testClock() })
  expect(await receivers.resolve(['slow.test', 'fast.test'])).toEqual(
    new Map([
      ['slow.test', 'other'],
      ['fast.test', 'google'],
    ]),
  )
  hung.resolve(GOOGLE)
  await expect.poll(() => receivers.known('slow.test')).toBe('google')
})

test('when no name server answers at all, nobody waits for one for a minute', async () => {
  const clock = testClock()
  let answer: Answer = SILENCE
  const { resolver, questions } = asked(() => answer)
  const receivers = createReceivers({ database, resolver, clock })
  await receivers.resolve(Array.from({ length: 8 }, (_, i) => `d${i}.test`))
  expect(await receivers.resolve(['more.test'])).toEqual(new Map([['more.test', 'other']]))
  expect(questions).not.toContain('more.test')
  answer = GOOGLE
  clock.elapse(MINUTE)
  expect(await receivers.resolve(['more.test'])).toEqual(new Map([['more.test', 'google']]))
})

test('a database that is away is no reason to fail', async () => {
  const gone = openDatabase({ connection: { host: '/nowhere', database: 'none' }, maxConnections: 1, applicationName: 'test' })
  const { resolver } = asked(() => GOOGLE)
  const receivers = createReceivers({ database: gone, resolver, clock: testClock() })
  expect(await receivers.resolve(['shop.test'])).toEqual(new Map([['shop.test', 'google']]))
  await gone.close()
})

test('domains that nobody mailed for months are forgotten', async () => {
  const clock = testClock()
  const { resolver } = asked(() => GOOGLE)
  await createReceivers({ database, resolver, clock }).resolve(['shop.test'])
  const [job] = receiverJobs(database)
  await job?.run(new Date(clock.now().getTime() + 80 * DAY))
  expect(await rows()).toHaveLength(1)
  await job?.run(new Date(clock.now().getTime() + 91 * DAY + HOUR))
  expect(await rows()).toEqual([])
})
