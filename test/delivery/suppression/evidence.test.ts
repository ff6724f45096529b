import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { verdictCounter } from '../../../src/delivery/suppression/evidence/count-verdicts.ts'
import { recordFullMailboxes } from '../../../src/delivery/suppression/evidence/full-mailbox.ts'
import { decideHeld, listHeld, reviewHeld } from '../../../src/delivery/suppression/evidence/held.ts'
import { suppressionJobs } from '../../../src/delivery/suppression/maintenance.ts'
import { EVERYTHING, listSuppressions, suppress, suppressUnknownAddresses } from '../../../src/delivery/suppression/suppress.ts'
import { isStorm, replaces } from '../../../src/delivery/suppression/suppression.ts'
import { previewUndo, undo } from '../../../src/delivery/suppression/undo.ts'
import { append } from '../../../src/events/append.ts'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { newId } from '../../../src/lib/ids.ts'
import { caughtUp } from '../../support/caught-up.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const evidenceOf = (names: readonly string[], domain = 'example.org', reply = '5.1.1 no such user') =>
  names.map((name) => ({ address: `${name}@${domain}`, deliveryId: newId(), note: 'the address does not exist', reply }))
const numbered = (n: number) => Array.from({ length: n }, (_, i) => `r${i}`)

async function listed(w: World): Promise<string[]> {
  const rows = await listSuppressions(w.database.db, w.workspaceId, { ...EVERYTHING, after: null, limit: 1_000 }, w.clock.now())
  return rows.map(({ address }) => address).sort()
}
const learn = (w: World, evidence: ReturnType<typeof evidenceOf>) =>
  w.inWorkspace((tx) => suppressUnknownAddresses(tx, w.workspaceId, evidence, w.clock.now()))
const review = (w: World) => w.inWorkspace((tx) => reviewHeld(tx, w.clock.now()))

/** As if the domain had said so much lately. */
async function said(w: World, n: number, domain = 'example.org'): Promise<void> {
  await sql`
    insert into domain_verdict (workspace_id, domain, since, n) values (${w.workspaceId}, ${domain}, ${w.clock.now()}, ${n})
    on conflict (workspace_id, domain, since) do update set n = domain_verdict.n + excluded.n`.execute(w.database.db)
}

test('a storm is ten unknown addresses and more than a fifth of all, never less', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(5_000), (unknown, verdicts) => {
      const storm = isStorm({ unknown, verdicts })
      if (unknown < 10) expect(storm).toBe(false)
      if (unknown >= 10 && verdicts <= unknown) expect(storm).toBe(true)
      if (storm) expect(isStorm({ unknown: unknown + 1, verdicts: verdicts + 1 })).toBe(true)
    }),
  )
  expect(isStorm({ unknown: 10, verdicts: 50 })).toBe(false)
  expect(isStorm({ unknown: 11, verdicts: 50 })).toBe(true)
})

test('unknown addresses of a domain that takes most mail are suppressed, each for itself', async () => {
  const w = await world()
  await said(w, 1_000)
  await learn(w, evidenceOf(numbered(30)))
  expect(await listed(w)).toHaveLength(30)
  expect(await listHeld(w.database.db, w.workspaceId)).toEqual([])
})

test('a domain that suddenly knows nobody is held, is an incident, and a person may discard all of it', async () => {
  const w = await world()
  await said(w, 30)
  for (const name of numbered(25)) await learn(w, evidenceOf([name]))
  const early = await listed(w)
  expect(early).toHaveLength(9)
  await review(w)
  expect(await listHeld(w.database.db, w.workspaceId)).toMatchObject([
    { domain: 'example.org', addresses: 16, unknown: 25, verdicts: 30, reply: '5.1.1 no such user' },
  ])
  expect(await listOpenIncidents(w.database.db, w.workspaceId, 10)).toMatchObject([
    { kind: 'suppression.storm', subject: { kind: 'recipient_domain', id: 'example.org' } },
  ])

  const decided = await w.inWorkspace((tx) => decideHeld(tx, w.workspaceId, 'example.org', 'discard', 'user:ann', w.clock.now()))
  expect(decided).toEqual({ addresses: 16, takenOff: 9 })
  expect(await listed(w)).toEqual([])
  expect(await listOpenIncidents(w.database.db, w.workspaceId, 10)).toEqual([])
})

test('what is held can be suppressed with one decision', async () => {
  const w = await world()
  await learn(w, evidenceOf(numbered(12)))
  await review(w)
  expect(await listed(w)).toEqual([])
  await w.inWorkspace((tx) => decideHeld(tx, w.workspaceId, 'example.org', 'suppress', 'user:ann', w.clock.now()))
  expect(await listed(w)).toHaveLength(12)
  expect(await listHeld(w.database.db, w.workspaceId)).toEqual([])
})

test('what only looked like a storm, because the counting was behind, is applied by itself', async () => {
  const w = await world()
  await learn(w, evidenceOf(numbered(12)))
  expect(await listed(w)).toEqual([])
  await said(w, 500)
  await review(w)
  expect(await listed(w)).toHaveLength(12)
  expect(await listOpenIncidents(w.database.db, w.workspaceId, 10)).toEqual([])
})

test('one domain in trouble says nothing about another', async () => {
  const w = await world()
  await learn(w, evidenceOf(numbered(12), 'broken.example'))
  await learn(w, evidenceOf(['one'], 'fine.example'))
  expect(await listed(w)).toEqual(['one@fine.example'])
})

test('news that comes hours after the mail is compared with a day, not with the silent hour before it', async () => {
  const w = await world()
  await said(w, 1_000)
  w.clock.advance(5 * HOUR)
  const late = evidenceOf(numbered(20)).map((one) => ({ ...one, late: true }))
  await learn(w, late)
  expect(await listed(w)).toHaveLength(20)
})

test('what a domain says is counted from the log, once a mail', async () => {
  const w = await world()
  await w.submit(aMessage({ to: ['ann@one.example', 'bob@one.example', 'cid@two.example'] }))
  await w.dispatch()
  await w.inWorkspace((tx) =>
    append(
      tx,
      { type: 'delivery.bounced', workspaceId: w.workspaceId, deliveryId: newId(), data: { source: 'dsn' } },
      w.clock.now(),
    ),
  )
  await caughtUp(w.database, verdictCounter, w.clock.now())
  const { rows } = await sql<{
    domain: string
    n: number
  }>`select domain, sum(n) as n from domain_verdict group by 1 order by 1`.execute(w.database.db)
  expect(rows).toEqual([
    { domain: 'one.example', n: 2 },
    { domain: 'two.example', n: 1 },
  ])
})

test('a mailbox that is full on three different days is left alone for a week, then mailed again', async () => {
  const w = await world()
  const full = () =>
    w.inWorkspace((tx) =>
      recordFullMailboxes(tx, w.workspaceId, evidenceOf(['bob'], 'example.org', '4.2.2 over quota'), w.clock.now()),
    )
  for (const waitMs of [MINUTE, DAY, MINUTE]) {
    await full()
    w.clock.advance(waitMs)
  }
  expect(await listed(w), 'twice on one day is one day').toEqual([])
  w.clock.advance(DAY)
  await full()
  expect(await listed(w)).toEqual(['bob@example.org'])
  w.clock.advance(7 * DAY)
  expect(await listed(w)).toEqual([])
  await suppressionJobs(w.database)
    .find(({ name }) => name === 'suppression.end')
    ?.run(w.clock.now())
  expect(await w.events('suppression.removed')).toMatchObject([{ data: { why: 'ended', reason: 'mailbox_full' } }])
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})

test('what ends gives way to what does not, never the other way round', async () => {
  const w = await world()
  const put = (reason: 'manual' | 'complaint', expiresAt: Date | null) =>
    w.inWorkspace((tx) =>
      suppress(
        tx,
        w.workspaceId,
        [{ address: 'bob@example.org', stream: 'all', reason, deliveryId: null, note: '', expiresAt }],
        null,
        w.clock.now(),
      ),
    )
  const soon = new Date(w.clock.now().getTime() + DAY)
  expect(await put('manual', soon)).toHaveLength(1)
  expect(await put('complaint', null)).toHaveLength(1)
  expect(await put('manual', soon)).toHaveLength(0)
  expect(replaces({ expiresAt: null }, { expiresAt: soon }, w.clock.now())).toBe(true)
  expect(replaces({ expiresAt: soon }, { expiresAt: null }, w.clock.now())).toBe(false)
})

test('a fault of a receiver that was taken for verdicts is undone by its words and its time, after a look at how many', async () => {
  const w = await world()
  await said(w, 10_000)
  await said(w, 10_000, 'other.example')
  await learn(w, evidenceOf(numbered(5), 'other.example', '5.1.1 no such user'))
  w.clock.advance(HOUR)
  const from = w.clock.now()
  await learn(w, evidenceOf(numbered(8), 'example.org', '5.1.1 Recipient DATABASE unavailable'))
  await learn(w, evidenceOf(numbered(3), 'other.example', '5.1.1 no such user'))
  const filter = { ...EVERYTHING, reason: 'unknown_address' as const, from, text: 'database' }
  expect(await w.inWorkspace((tx) => previewUndo(tx, w.workspaceId, filter))).toBe(8)
  expect(await w.inWorkspace((tx) => undo(tx, w.workspaceId, filter, 'user:ann', w.clock.now()))).toEqual({
    removed: 8,
    more: false,
  })
  expect((await listed(w)).every((address) => address.endsWith('@other.example'))).toBe(true)
  expect(await w.events('suppression.removed')).toHaveLength(8)
})
