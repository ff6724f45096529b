import fc from 'fast-check'
import { expect, test } from 'vitest'
import { followOnce } from '../../../src/events/follow.ts'
import { forgetReplies, listReplies, replyCounter, reviewReply } from '../../../src/insight/replies/replies.ts'
import { countTogether, type HeardReply, knownAs } from '../../../src/insight/replies/unknown-reply.ts'
import { DAY } from '../../../src/lib/clock.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const POLL = { timeout: 40_000 }

/** What is counted by now. Whoever still writes, PostgreSQL's autovacuum too, keeps the log from being read to its end: a test asks until it is there. */
async function replies(w: World) {
  while ((await followOnce(w.database, replyCounter, w.clock.now())) > 0);
  return listReplies(w.database.db, w.workspaceId, { after: null, limit: 50 })
}
const brief = async (w: World) => (await replies(w)).map(({ code, n, pattern }) => [code, n, pattern])

test('replies that no rule knows are counted by what is the same in them; what rules know is not', async () => {
  const w = await world()
  w.smtp.answer('ann@example.org', '550 rule 17 of mx1.example.org says no to ann@example.org').always()
  w.smtp.answer('bob@example.org', '550 rule 9 of mx2.example.org says no to bob@example.org').always()
  w.smtp.answer('eve@example.org', '450 not today').always()
  w.smtp.answer('nobody@example.org', '550 5.1.1 user unknown').always()
  await w.submit(
    aMessage({ to: ['ann@example.org', 'bob@example.org', 'eve@example.org', 'nobody@example.org', 'ok@example.org'] }),
  )
  await w.dispatch()
  await expect
    .poll(() => brief(w), POLL)
    .toEqual([
      [550, 2, '550 - rule # of <host> says no to <address>'],
      [450, 1, '450 - not today'],
    ])
  const [first] = await replies(w)
  expect(first).toMatchObject({ stage: 'rcpt', example: expect.stringMatching(/^rule (?:17|9) of/), reviewedAt: null })
})

test('what was looked at comes last, is counted on, and can be taken back', async () => {
  const w = await world()
  w.smtp.answer('ann@example.org', '550 this and no more').always()
  w.smtp.answer('eve@example.org', '550 that and no more').always()
  await w.submit(aMessage({ to: ['ann@example.org', 'eve@example.org'] }))
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.dispatch()
  await expect.poll(async () => (await replies(w)).map(({ n }) => n), POLL).toEqual([2, 1])
  const [most] = await replies(w)
  const review = (by: string | null) =>
    w.database.transaction({ as: 'api', workspaceId: w.workspaceId }, (tx) =>
      reviewReply(tx, w.workspaceId, most?.fingerprint ?? '', by === null ? null : { at: w.clock.now(), by }),
    )
  expect(await review('user:1')).toMatchObject({ reviewedBy: 'user:1', reviewedAt: w.clock.now() })
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.dispatch()
  await expect
    .poll(async () => (await replies(w)).map(({ n, reviewedBy }) => [n, reviewedBy]), POLL)
    .toEqual([
      [1, null],
      [3, 'user:1'],
    ])
  expect((await review(null)).reviewedAt).toBeNull()
  await expect(
    w.database.transaction({ as: 'api', workspaceId: w.workspaceId }, (tx) =>
      reviewReply(tx, w.workspaceId, '0'.repeat(32), null),
    ),
  ).rejects.toMatchObject({ code: 'not_found' })
})

test('replies are forgotten half a year after they were last heard', async () => {
  const w = await world()
  w.smtp.answer('ann@example.org', '550 this and no more').always()
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.dispatch()
  await expect.poll(async () => (await replies(w)).length, POLL).toBe(1)
  await forgetReplies(w.database, new Date(w.clock.now().getTime() + 179 * DAY))
  expect(await replies(w)).toHaveLength(1)
  await forgetReplies(w.database, new Date(w.clock.now().getTime() + 181 * DAY))
  expect(await replies(w)).toHaveLength(0)
})

const SEEN = { firstSeenAt: new Date(1), lastSeenAt: new Date(2), workspaceId: 'a', receiver: 'other', host: 'mx.example.org' }

test('a report has its code in its words', () => {
  const heard: HeardReply = {
    ...SEEN,
    code: null,
    enhanced: '5.9.9',
    stage: null,
    text: 'smtp; 554 5.9.9 nope <ann@example.org>',
    n: 3,
  }
  expect(countTogether([heard])).toMatchObject([
    { code: 554, enhanced: '5.9.9', stage: 'report', pattern: '554 5.9.9 nope <address>', n: 3 },
  ])
})

test('a reply that a rule knows by now says so', () => {
  expect(knownAs({ code: 550, enhanced: null, stage: 'rcpt', example: 'No such user' })).toBe('recipient_unknown')
  expect(knownAs({ code: 550, enhanced: null, stage: 'report', example: 'house rule 17' })).toBeNull()
})

test('counting together loses none, whatever was said, and bounds what is kept', () => {
  const heard: fc.Arbitrary<HeardReply> = fc.record({
    workspaceId: fc.constantFrom('a', 'b'),
    code: fc.option(fc.integer({ min: 400, max: 599 })),
    enhanced: fc.option(fc.constantFrom('5.1.1', '4.7.0')),
    stage: fc.option(fc.constantFrom('rcpt', 'dot')),
    text: fc.oneof(fc.string({ unit: 'binary', maxLength: 3000 }), fc.constantFrom('no', 'no 7', 'no 8')),
    host: fc.string({ maxLength: 400 }),
    receiver: fc.constant('other'),
    firstSeenAt: fc.date({ noInvalidDate: true }),
    lastSeenAt: fc.date({ noInvalidDate: true }),
    n: fc.integer({ min: 1, max: 1000 }),
  })
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 30 }), (list) => {
      const counted = countTogether(list)
      const sum = (of: readonly { readonly n: number }[]) => of.reduce((total, { n }) => total + n, 0)
      expect(sum(counted)).toBe(sum(list))
      expect(new Set(counted.map((one) => `${one.workspaceId} ${one.fingerprint}`)).size).toBe(counted.length)
      for (const one of counted) {
        expect(one.fingerprint).toMatch(/^[0-9a-f]{32}$/)
        expect(one.example.length).toBeLessThanOrEqual(500)
        expect(one.pattern.length).toBeLessThanOrEqual(230)
        expect(one.example.isWellFormed() && one.pattern.isWellFormed()).toBe(true)
      }
    }),
  )
})
