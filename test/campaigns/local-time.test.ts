import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { scheduleCampaign } from '../../src/campaigns/life.ts'
import { dueIn, FIRST_ZONE_MS } from '../../src/campaigns/local-time.ts'
import { findCampaign } from '../../src/campaigns/manage.ts'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import { dateIn, instantOf, occurrencesOf } from '../../src/lib/zones.ts'
import { campaignsOf } from '../support/campaign.ts'
import { world } from '../support/world.ts'

test.each([
  ['Europe/Berlin', '2026-07-01', '09:00', '2026-07-01T07:00:00Z'],
  ['Europe/Berlin', '2026-12-01', '09:00', '2026-12-01T08:00:00Z'],
  // 02:30 does not exist: clocks jump from 02:00 to 03:00. It is twice in autumn: the first.
  ['Europe/Berlin', '2026-03-29', '02:30', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25', '02:30', '2026-10-25T00:30:00Z'],
  ['America/New_York', '2026-03-08', '02:15', '2026-03-08T07:00:00Z'],
  ['America/Santiago', '2026-09-06', '00:00', '2026-09-06T04:00:00Z'],
  ['Asia/Kolkata', '2026-01-01', '00:00', '2025-12-31T18:30:00Z'],
  ['Australia/Lord_Howe', '2026-10-04', '02:10', '2026-10-03T15:30:00Z'],
  ['Pacific/Kiritimati', '2026-06-01', '09:00', '2026-05-31T19:00:00Z'],
  ['Etc/GMT+12', '2026-06-01', '09:00', '2026-06-01T21:00:00Z'],
  // Samoa had no 30 December 2011.
  ['Pacific/Apia', '2011-12-30', '09:00', '2011-12-30T10:00:00Z'],
])('in %s it is %s %s at %s', (zone, date, time, instant) => {
  expect(instantOf(date, time, zone)).toEqual(new Date(instant))
})

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Etc/GMT+12',
  'Africa/Casablanca',
  'Asia/Kathmandu',
]
const moments = fc.date({ min: new Date('2025-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
const times = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)

test('whatever the zone, date and time: it is then, or just after clocks jumped over it; nobody has it before the campaign may begin', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), moments, times, (zone, day, time) => {
      const date = day.toISOString().slice(0, 10)
      const at = instantOf(date, time, zone)
      const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at)
      const wanted = `${date} ${time}`
      if (wall !== wanted) {
        expect(wall > wanted).toBe(true)
        const before = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(
          at.getTime() - 60_000,
        )
        expect(before < wanted).toBe(true)
      }
      expect(at.getTime()).toBeGreaterThanOrEqual(Date.parse(`${date}T${time}:00Z`) - FIRST_ZONE_MS)
    }),
  )
})

test('nobody has it before now; whose time has passed has it at once, or at that time within the next day', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      moments,
      moments,
      times,
      fc.constantFrom('at_once', 'next_day'),
      (zone, day, now, time, passed) => {
        const date = dateIn(zone, day)
        const due = dueIn(zone, date, { time, passed: passed as 'at_once' }, now)
        expect(due.getTime()).toBeGreaterThanOrEqual(now.getTime())
        const first = instantOf(date, time, zone)
        if (first >= now) expect(due).toEqual(first)
        else if (passed === 'at_once') expect(due).toEqual(now)
        else expect(due.getTime() - now.getTime()).toBeLessThanOrEqual(49 * 3_600_000)
      },
    ),
  )
})

test('each person has a campaign at its hour where they are; what waits for its hour is no standstill, and the end is the last one’s hour', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const ids = await c.addPeople(
    list,
    ['tokyo', 'berlin', 'york', 'nobody', 'wrong'].map((name) => ({ address: `${name}@example.org` })),
  )
  const zones = ['Asia/Tokyo', 'Europe/Berlin', 'America/New_York', '', 'Mars/Olympus']
  for (const [i, zone] of zones.entries())
    await sql`update contact set time_zone = ${zone} where id = ${ids[i]}`.execute(w.database.db)
  // Tomorrow at nine in Berlin, as people say it there.
  const day = dateIn('Europe/Berlin', new Date(w.clock.now().getTime() + 36 * 3_600_000))
  const nine = (zone: string) => instantOf(day, '09:00', zone)
  const { id } = await c.draft([list], { localTime: { time: '09:00', zone: 'Europe/London', passed: 'at_once' } })
  await c.engine((tx) =>
    scheduleCampaign(tx, id, { at: nine('Europe/Berlin'), timeZone: 'Europe/Berlin' }, c.actor, w.clock.now()),
  )
  await c.startDue()
  const seen = await findCampaign(w.database.db, w.workspaceId, id)
  expect(seen).toMatchObject({ state: 'scheduled', localDate: day })
  expect(seen?.beginsAt?.getTime()).toBe(Date.parse(`${day}T09:00:00Z`) - FIRST_ZONE_MS)
  const goTo = (at: Date) => w.clock.advance(at.getTime() - w.clock.now().getTime())
  goTo(new Date(Date.parse(`${day}T09:00:00Z`) - FIRST_ZONE_MS + 1_000))
  await c.startDue()
  await c.prepare()
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
  const before = await c.progress(id)
  expect(before.wait).toMatchObject({
    kind: 'waits',
    sentence: 'Each person gets it at 09:00 of their own time.',
    until: nine('Asia/Tokyo'),
  })
  expect(before.end).toEqual({ at: nine('America/New_York'), by: 'local_time' })
  const incidents = async () => (await listOpenIncidents(w.database.db, w.workspaceId, 10)).map(({ kind }) => kind)
  const got: Record<string, readonly string[]> = {}
  for (const zone of ['Asia/Tokyo', 'Europe/Berlin', 'Europe/London', 'America/New_York']) {
    for (let minute = 0; minute < 5; minute++) {
      await c.watch()
      w.clock.advance(60_000)
    }
    goTo(new Date(nine(zone).getTime() + 1_000))
    await c.watch()
    expect(await incidents()).toEqual([])
    const known = w.smtp.received().length
    await w.dispatch()
    got[zone] = w.smtp.received().slice(known).toSorted()
  }
  expect(got).toEqual({
    'Asia/Tokyo': ['tokyo@example.org'],
    'Europe/Berlin': ['berlin@example.org'],
    'Europe/London': ['nobody@example.org', 'wrong@example.org'],
    'America/New_York': ['york@example.org'],
  })
  await c.watch()
  expect((await c.progress(id)).campaign.state).toBe('done')
})

test('a time that clocks jump over is said not to exist, and one that they say twice is said to', () => {
  expect(occurrencesOf('2026-03-29', '02:30', 'Europe/Berlin')).toBe(0)
  expect(occurrencesOf('2026-10-25', '02:30', 'Europe/Berlin')).toBe(2)
  expect(occurrencesOf('2026-06-01', '02:30', 'Europe/Berlin')).toBe(1)
  expect(occurrencesOf('2026-03-29', '02:30', 'UTC')).toBe(1)
})
