import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CONVERSATION_STATUSES, type Conversation, PRIORITIES } from '../../../src/helpdesk/conversation.ts'
import { FIELD_TYPES, readFieldValue } from '../../../src/helpdesk/triage/custom-field.ts'
import { joined, keptOf, parted } from '../../../src/helpdesk/triage/merging.ts'
import { snoozePresets } from '../../../src/helpdesk/triage/snooze.ts'
import { tagName } from '../../../src/helpdesk/triage/tag.ts'
import {
  applyChange,
  awake,
  type Change,
  type Circumstances,
  conflictWith,
  differencesOf,
  inverseOf,
} from '../../../src/helpdesk/triage/triage.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const LABEL = { id: 'label', name: 'Waiting for parts', status: 'pending', color: 'grey', position: 1 } as const
const REQUIRED = {
  id: 'order',
  inboxId: 'inbox1',
  name: 'Order',
  type: 'text',
  options: [],
  isRequired: true,
  inList: false,
  position: 1,
}

const known = (label: boolean): Circumstances => ({
  label: label ? (LABEL as never) : null,
  fields: [REQUIRED as never],
  mayWork: (user, inbox) => !(String(user) === 'bea' && String(inbox) === 'inbox2'),
  waitingSince: () => new Date(NOW.getTime() - 5_000),
  contactId: null,
})

const date = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
const tags = fc.uniqueArray(fc.constantFrom('vip', 'late', 'parts', 'refund'), { maxLength: 4 })

/** Any conversation that the table would hold. */
const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    status: fc.constantFrom(...CONVERSATION_STATUSES),
    hasLabel: fc.boolean(),
    priority: fc.constantFrom(...PRIORITIES),
    inboxId: fc.constantFrom('inbox1', 'inbox2'),
    assigneeId: fc.constantFrom('ann', 'bea', null),
    teamId: fc.constantFrom('team', null),
    snoozedUntil: fc.option(date),
    dueAt: fc.option(date),
    waitingSince: fc.option(date),
    tags,
    order: fc.option(fc.constantFrom('A1', 'B2')),
  })
  .map(
    ({ hasLabel, order, ...given }) =>
      ({
        workspaceId: 'w',
        id: 'c',
        number: 1,
        subject: 'Parcel',
        preview: '',
        channel: 'email',
        contactId: null,
        requester: 'bob@customer.example',
        items: 1,
        hasFiles: false,
        lastCustomerAt: NOW,
        lastAgentAt: null,
        lastAt: NOW,
        mergedInto: null,
        deletedAt: null,
        autoReplyOff: false,
        createdAt: NOW,
        updatedAt: NOW,
        ...given,
        assigneeId: given.assigneeId === 'bea' && given.inboxId === 'inbox2' ? null : given.assigneeId,
        labelId: given.status === 'pending' && hasLabel ? 'label' : null,
        fields: order === null ? {} : { order },
        closedAt: given.status === 'closed' ? NOW : null,
        waitingSince: given.status === 'closed' ? null : given.waitingSince,
        snoozedUntil: given.status === 'open' || given.status === 'pending' ? given.snoozedUntil : null,
      }) as unknown as Conversation,
  )

const changes: fc.Arbitrary<Change> = fc
  .record(
    {
      status: fc.constantFrom(...CONVERSATION_STATUSES),
      labelId: fc.constantFrom('label', null),
      priority: fc.constantFrom(...PRIORITIES),
      inboxId: fc.constantFrom('inbox1', 'inbox2'),
      assigneeId: fc.constantFrom('ann', 'bea', null),
      teamId: fc.constantFrom('team', null),
      subject: fc.constantFrom('Parcel', 'Refund'),
      snoozedUntil: fc.option(date),
      dueAt: fc.option(date),
      autoReplyOff: fc.boolean(),
      addTags: tags,
      removeTags: tags,
      fields: fc.record({ order: fc.constantFrom('A1', 'C3', null) }),
    },
    { requiredKeys: [] },
  )
  .map((change) => change as unknown as Change)

/** The CHECKs of migrations/0025_helpdesk.sql, and that a label is of its conversation's status. */
function obeysTheLaw(c: Conversation): boolean {
  const isLive = c.status === 'open' || c.status === 'pending'
  return (
    (c.status === 'closed') === (c.closedAt !== null) &&
    (c.waitingSince === null || c.status !== 'closed') &&
    (c.snoozedUntil === null || isLive) &&
    c.tags.length <= 50 &&
    new Set(c.tags).size === c.tags.length &&
    (c.labelId === null || c.status === LABEL.status)
  )
}

test('whatever is changed, the law of conversations holds, and what stands in the way leaves everything as it was', () => {
  fc.assert(
    fc.property(conversations, changes, (before, change) => {
      const verdict = applyChange(before, change, known(change.labelId != null), NOW)
      if (!verdict.ok) return
      expect(obeysTheLaw(verdict.after)).toBe(true)
      if (differencesOf(before, verdict.after).length === 0) expect(verdict.after).toBe(before)
      if (verdict.after.status === 'closed' && before.status !== 'closed' && verdict.after.inboxId === ('inbox1' as never))
        expect(verdict.after.fields).toHaveProperty('order')
    }),
  )
})

test('every change is taken back by its inverse, unless somebody changed the same since', () => {
  fc.assert(
    fc.property(conversations, changes, (before, change) => {
      const verdict = applyChange(before, change, known(change.labelId != null), NOW)
      if (!verdict.ok || verdict.after === before) return
      const { change: back, seen } = inverseOf(before, verdict.after)
      expect(conflictWith(verdict.after, seen, back)).toBeNull()
      const again = applyChange(verdict.after, back, known(back.labelId != null), NOW)
      // What cannot be set any more: a sleep that has ended, a person who lost access, a field that the other inbox lacks, an empty required one.
      if (!again.ok) {
        expect(['not_later', 'cannot_work', 'field_wrong', 'fields_missing']).toContain(again.because.code)
        return
      }
      const left = differencesOf(before, again.after).filter((aspect) => aspect !== 'tags')
      expect(left).toEqual([])
      expect([...again.after.tags].sort()).toEqual([...before.tags].sort())
    }),
  )
})

test('who decides by an old page is told what has changed, unless it is what they want themselves', () => {
  const assigned = { assigneeId: 'bea' } as unknown as Conversation
  const seen = { assigneeId: null }
  expect(conflictWith(assigned, seen, { assigneeId: 'ann' as never })).toEqual({ aspect: 'assigneeId', fieldId: null })
  expect(conflictWith(assigned, seen, { assigneeId: 'bea' as never })).toBeNull()
})

test('joining two conversations and parting them again leaves the first as it was, whatever both were', () => {
  fc.assert(
    fc.property(conversations, conversations, (target, other) => {
      const source = { ...other, id: 'd', number: 2 } as never as Conversation
      const after = joined(target, source, { fields: [REQUIRED as never], mayWork: () => true }, NOW)
      expect(obeysTheLaw({ ...after, waitingSince: null })).toBe(true)
      const back = parted(after, keptOf(target), keptOf(after), NOW)
      const lost = target.snoozedUntil !== null && target.snoozedUntil <= NOW ? ['snoozedUntil'] : []
      expect(differencesOf(target, back).filter((aspect) => !lost.includes(aspect))).toEqual([])
    }),
  )
})

test('what sleeps wakes open and in front, with nothing else changed', () => {
  fc.assert(
    fc.property(conversations, (before) => {
      const after = awake(before, NOW)
      expect(obeysTheLaw(after)).toBe(true)
      expect([after.status, after.snoozedUntil, after.lastAt]).toEqual(['open', null, NOW])
    }),
  )
})

test('presets of snoozing are later, in order, and at the hour they say, in every zone and over changes of the clocks', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'America/Santiago',
  ]
  fc.assert(
    fc.property(date, fc.constantFrom(...zones), (now, zone) => {
      const presets = snoozePresets(now, zone)
      const times = presets.map(({ at }) => at.getTime())
      expect(times.every((time, i) => time > (times[i - 1] ?? now.getTime()))).toBe(true)
      expect(presets.map(({ preset }) => preset)).toContain('tomorrow')
      const hourOf = (at: Date) =>
        new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', hour: 'numeric' }).format(at)
      for (const { preset, at } of presets) {
        if (preset === 'this_evening') expect(hourOf(at)).toBe('18')
        if (preset === 'tomorrow' || preset === 'next_week') expect(hourOf(at)).toBe('09')
      }
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['text', '  Hello ', 'Hello'],
  ['text', 'two\nlines', null],
  ['long_text', 'two\nlines', 'two\nlines'],
  ['integer', 12, 12],
  ['integer', 1.5, null],
  ['decimal', 1.5, 1.5],
  ['decimal', Number.NaN, null],
  ['boolean', false, false],
  ['boolean', 'yes', null],
  ['choice', 'red', 'red'],
  ['choice', 'pink', null],
  ['choices', ['blue', 'red'], ['red', 'blue']],
  ['choices', ['pink'], null],
  ['date', '2026-02-28', '2026-02-28'],
  ['date', '2026-02-31', null],
  ['time', '09:30', '09:30'],
  ['time', '24:00', null],
  ['datetime', '2026-11-22T10:00:00+01:00', '2026-11-22T09:00:00.000Z'],
  ['datetime', 'tomorrow', null],
  ['email', 'bob@example.org', 'bob@example.org'],
  ['email', 'bob', null],
  ['url', 'https://example.org/a', 'https://example.org/a'],
  ['url', 'javascript:alert(1)', null],
] as const)('a field of the type %s holds %j as %j', (type, given, stored) => {
  const read = readFieldValue({ type, options: ['red', 'blue'] }, given)
  expect(read.ok ? read.value : null).toEqual(stored)
})

test('no type of field throws over anything, and what it stores it takes again as it is', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIELD_TYPES), fc.anything(), (type, given) => {
      const read = readFieldValue({ type, options: ['red'] }, given)
      if (read.ok) expect(readFieldValue({ type, options: ['red'] }, read.value)).toEqual(read)
    }),
  )
})

test('tags are one whatever their case and blanks', () => {
  expect(tagName('  Very   Important ')).toBe('very important')
  expect([tagName(''), tagName('a,b'), tagName('x'.repeat(51))]).toEqual([null, null, null])
})
