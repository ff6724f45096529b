import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Match } from '../../src/helpdesk/matching.ts'
import { asksToUnsubscribe, type Decision, decide, type Known, ruleAgainst } from '../../src/inbound/decide.ts'
import type { ConversationId, InboundMailId } from '../../src/lib/ids.ts'
import type { Automatic } from '../../src/mail/automatic.ts'
import { INBOUND_KINDS } from '../../src/mail/bounce/inbound.ts'

const FIRST = '0193e0a0-1111-7abc-9def-0123456789ab' as InboundMailId
const MATCH: Match = { conversationId: '0193e0a0-2222-7abc-9def-0123456789ab' as ConversationId, because: 'It answers.' }
const AWAY: Automatic = { kind: 'auto_reply', why: 'Auto-Submitted: auto-replied' }
const LIST: Automatic = { kind: 'list', why: 'List-Id: <x>' }
const OPEN = { name: 'Support', noMatch: 'start', closedAt: null } as const
const IGNORES = { ...OPEN, noMatch: 'ignore' } as const
const HOLDS = { ...OPEN, noMatch: 'quarantine' } as const
const SHUT = { ...OPEN, closedAt: new Date('2026-11-21') } as const

/** A person's mail to an open inbox, of which nothing is known. */
const PLAIN: Known = {
  kind: 'message',
  automatic: null,
  inbox: OPEN,
  repeats: null,
  ignoredBy: null,
  isOwn: false,
  isFromInbox: false,
  answersNotification: false,
  unsubscribes: false,
  match: null,
  answersCampaign: null,
}

/** What decides, the strongest first, each with what it comes to whatever else is true of the mail. */
const LAWS: readonly {
  readonly name: string
  readonly known: Partial<Known>
  readonly holds: (k: Known) => boolean
  readonly comes: object
}[] = [
  { name: 'a bounce', known: { kind: 'bounce' }, holds: ({ kind }) => kind === 'bounce', comes: { do: 'record_report' } },
  { name: 'news of a delay', known: { kind: 'delay' }, holds: ({ kind }) => kind === 'delay', comes: { do: 'record_report' } },
  {
    name: 'a complaint',
    known: { kind: 'complaint' },
    holds: ({ kind }) => kind === 'complaint',
    comes: { do: 'record_report' },
  },
  {
    name: 'a repeated mail',
    known: { repeats: FIRST },
    holds: ({ repeats }) => repeats !== null,
    comes: { do: 'duplicate', of: FIRST },
  },
  { name: 'a mail of ours', known: { isOwn: true }, holds: ({ isOwn }) => isOwn, comes: { do: 'ignore', reason: 'own_mail' } },
  {
    name: "a machine's answer to a notification",
    known: { answersNotification: true, automatic: LIST },
    holds: ({ answersNotification, automatic }) => answersNotification && automatic !== null,
    comes: { do: 'ignore', reason: 'answer_to_notification' },
  },
  {
    name: "a person's answer to a notification",
    known: { answersNotification: true },
    holds: ({ answersNotification }) => answersNotification,
    comes: { do: 'ask_agent' },
  },
  {
    name: 'a mail that a rule turns away',
    known: { ignoredBy: '*@x.example' },
    holds: ({ ignoredBy }) => ignoredBy !== null,
    comes: { do: 'ignore', reason: 'ignore_rule' },
  },
  {
    name: 'a wish to be left alone',
    known: { unsubscribes: true },
    holds: ({ unsubscribes }) => unsubscribes,
    comes: { do: 'unsubscribe' },
  },
  { name: 'an answer', known: { match: MATCH }, holds: ({ match }) => match !== null, comes: { do: 'add', match: MATCH } },
  {
    name: 'an automatic answer to a campaign',
    known: { answersCampaign: 'Spring', automatic: AWAY },
    holds: ({ answersCampaign, automatic }) => answersCampaign !== null && automatic?.kind === 'auto_reply',
    comes: { do: 'ignore', reason: 'answer_to_campaign' },
  },
  {
    name: 'an automatic answer from an inbox',
    known: { isFromInbox: true, automatic: AWAY },
    holds: ({ isFromInbox, automatic }) => isFromInbox && automatic?.kind === 'auto_reply',
    comes: { do: 'ignore', reason: 'own_mail' },
  },
  {
    name: 'an answer to a campaign, whatever its inbox does with strangers',
    known: { answersCampaign: 'Spring', inbox: HOLDS },
    holds: ({ answersCampaign, inbox }) => answersCampaign !== null && inbox !== null && inbox.closedAt === null,
    comes: { do: 'start' },
  },
  {
    name: 'a mail for nobody here',
    known: { inbox: null },
    holds: ({ inbox }) => inbox === null,
    comes: { do: 'quarantine', reason: 'no_inbox' },
  },
  {
    name: 'a mail to a closed inbox',
    known: { inbox: SHUT },
    holds: ({ inbox }) => inbox?.closedAt != null,
    comes: { do: 'quarantine', reason: 'inbox_closed' },
  },
  {
    name: 'a mail to an inbox that only takes answers',
    known: { inbox: IGNORES },
    holds: ({ inbox }) => inbox?.noMatch === 'ignore',
    comes: { do: 'ignore', reason: 'update_only_no_match', answer: 'no_match' },
  },
  {
    name: 'a mail to one that puts aside what is no answer',
    known: { inbox: HOLDS },
    holds: ({ inbox }) => inbox?.noMatch === 'quarantine',
    comes: { do: 'quarantine', reason: 'update_only_no_match', answer: 'no_match' },
  },
  { name: 'any other mail', known: {}, holds: () => true, comes: { do: 'start' } },
]

test.each(LAWS.map(({ name, known, comes }) => [name, known, comes] as const))(
  '%s comes to its own decision',
  (_, known, comes) => {
    expect(decide({ ...PLAIN, ...known })).toMatchObject(comes)
  },
)

const knowns: fc.Arbitrary<Known> = fc.record({
  kind: fc.oneof(fc.constant('message' as const), fc.constantFrom(...INBOUND_KINDS)),
  automatic: fc.constantFrom(null, AWAY, LIST),
  inbox: fc.constantFrom(null, OPEN, IGNORES, HOLDS, SHUT, { ...IGNORES, closedAt: new Date(0) }),
  repeats: fc.constantFrom(null, null, null, FIRST),
  ignoredBy: fc.constantFrom(null, null, '*'),
  isOwn: fc.boolean(),
  isFromInbox: fc.boolean(),
  answersNotification: fc.boolean(),
  unsubscribes: fc.boolean(),
  match: fc.constantFrom(null, MATCH),
  answersCampaign: fc.constantFrom(null, null, 'Spring'),
})

test('whatever is known of a mail, it comes to one decision: the one of the first law that holds, the same every time', () => {
  fc.assert(
    fc.property(knowns, (known) => {
      const decision: Decision = decide(known)
      expect(decision).toMatchObject(LAWS.find(({ holds }) => holds(known))?.comes ?? {})
      expect(decide(structuredClone(known))).toEqual(decision)
      // Nothing but a mail that belongs to no conversation is ever answered, and never that of an inbox that is closed.
      if ('answer' in decision && decision.answer)
        expect([known.match, known.inbox?.closedAt, known.isOwn]).toEqual([null, null, false])
      // Whoever looks at it later is told why.
      if ('detail' in decision) expect(decision.detail).toMatch(/^[A-Z].{10,}\.$/)
    }),
    { numRuns: 2_000 },
  )
})

const MAIL = { from: 'Ann.Lee@Sub.Example.org', to: ['help@shop.example', 'cc@shop.example'], subject: 'Your Invoice [17]' }

test.each([
  ['from', 'ann.lee@sub.example.org', true],
  ['from', '*@sub.example.org', true],
  ['from', '*@example.org', false],
  ['from', '*example.org', true],
  ['from', 'ann*@*', true],
  ['from', 'ann', false],
  ['from', '*', true],
  ['from', '', false],
  ['to', 'cc@*', true],
  ['to', 'ann.lee@*', false],
  ['subject', '*invoice*', true],
  ['subject', 'your*17]', true],
  ['subject', 'your invoice [17]*[17]', false],
  ['subject', '*.*', false],
  ['subject', '*[1-9]*', false],
] as const)('the rule %s: %s fits: %s', (field, pattern, fits) => {
  expect(ruleAgainst([{ field, pattern }], MAIL) !== null).toBe(fits)
})

test('a rule with very many stars is answered for at once, and the first that fits counts', () => {
  const stars = `${'*a'.repeat(150)}b`
  expect(ruleAgainst([{ field: 'subject', pattern: stars }], { ...MAIL, subject: 'a'.repeat(1_000) })).toBeNull()
  const found = ruleAgainst(
    [
      { field: 'from', pattern: 'nobody' },
      { field: 'to', pattern: 'help@*' },
      { field: 'from', pattern: '*' },
    ],
    MAIL,
  )
  expect(JSON.stringify(found)).toContain('help@*')
})

test.each([
  ['unsubscribe', '', true],
  ['  Abmelden! ', 'Bitte.', true],
  ['Opt-out', '', true],
  ['Re: unsubscribe', '', false],
  ['unsubscribe', 'x'.repeat(201), false],
  ['How do I unsubscribe?', '', false],
])('a mail with the subject "%s" asks to be left alone: %s', (subject, text, asks) => {
  expect(asksToUnsubscribe(subject, text)).toBe(asks)
})
