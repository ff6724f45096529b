import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FAILURE_CLASSES, FAILURE_SCOPES } from '../../src/mail/failure.ts'
import { CLASS_FACTS } from '../../src/mail/failure-classes.ts'
import { classifyReport, type FailureReport, isHard } from '../../src/mail/failure-report.ts'
import { SMTP_STAGES } from '../../src/mail/smtp-answer.ts'

test.each<[string, FailureReport, object]>([
  [
    'the words win over a status that somebody else made',
    { action: 'failed', status: '5.1.1', diagnostic: 'smtp; 550 5.7.1 IP address blacklisted by recipient' },
    { class: 'address_blocked', suppress: false },
  ],
  [
    'a status tells where the words do not',
    { action: 'failed', status: '5.2.2 (mailbox full)', diagnostic: 'smtp; 550 no' },
    { class: 'mailbox_full', permanent: true },
  ],
  ['a status alone is enough', { action: 'failed', status: '5.1.1' }, { class: 'recipient_unknown', suppress: true }],
  [
    'the words beside a status too',
    { action: 'failed', status: '5.4.4 (Illegal host/domain name found)' },
    { class: 'domain_not_found' },
  ],
  [
    'no word at all ends the message and suppresses nobody',
    { action: 'failed' },
    { class: 'unknown_permanent', permanent: true, suppress: false },
  ],
  [
    'a delay is never final',
    { action: 'delayed', status: '5.1.1' },
    { class: 'recipient_unknown', permanent: false, suppress: false },
  ],
  [
    'days of 4yz end the message, but never said that the address is wrong',
    { action: 'failed', diagnostic: 'smtp; 450 4.1.1 <ann@example.org>: User unknown in virtual alias table' },
    { class: 'recipient_unknown', permanent: true, suppress: false },
  ],
  [
    'unknown after the body may be a filter',
    { action: 'failed', stage: 'dot', diagnostic: 'smtp; 550 Unknown user ann@example.org' },
    { class: 'recipient_refused', suppress: false },
  ],
  [
    'a daily limit that a relay gave up on is final',
    { action: 'failed', diagnostic: '550 5.4.5 Daily sending limit exceeded' },
    { permanent: true, suppress: false },
  ],
  ["a provider's word is read", { action: 'failed', word: 'NoEmail' }, { class: 'recipient_unknown', suppress: true }],
  [
    "a server's words win over a provider's",
    { action: 'failed', word: 'General', diagnostic: 'smtp; 552 5.2.2 mailbox full' },
    { class: 'mailbox_full' },
  ],
  [
    "a provider's own list is the provider's",
    { action: 'failed', word: 'OnAccountSuppressionList', status: '5.1.1' },
    { class: 'provider_suppressed', suppress: false },
  ],
  ['three digits apart from the words are read', { action: 'failed', replyCode: 522 }, { class: 'mailbox_full' }],
])('%s', (_, report, expected) => {
  expect(classifyReport({ recipient: 'ann@example.org', ...report })).toMatchObject(expected)
})

test('hard is what nobody can send to: an unknown or closed mailbox, a domain without mail; not one that is full or switched off', () => {
  const hard = (status: string, diagnostic = '') =>
    isHard(classifyReport({ action: 'failed', status, diagnostic, recipient: 'a@b.example' }))
  expect(['5.1.1', '5.1.2', '5.1.6'].map((status) => hard(status))).toEqual([true, true, true])
  expect(hard('5.0.0', 'an MX or SRV record indicated no SMTP service')).toBe(true)
  expect(['5.2.1', '5.2.2', '5.7.1', '4.1.1', '5.0.0'].map((status) => hard(status))).toEqual([false, false, false, true, false])
  expect(isHard(classifyReport({ action: 'delayed', status: '5.1.1' }))).toBe(false)
})

test('only classes of the recipient suppress, and no suppression is without being said', () => {
  for (const [name, { suppress, scope }] of Object.entries(CLASS_FACTS))
    if (suppress) expect([name, scope]).toEqual([expect.stringMatching(/^recipient_/), { relay: 'recipient', mx: 'recipient' }])
})

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.constantFrom('smtp;', '550', '5.1.1', 'user', 'unknown', 'mailbox', 'full', 'blocked', '\n', '450', 'timed out'), {
      maxLength: 9,
    })
    .map((list) => list.join(' ')),
)
const reports: fc.Arbitrary<FailureReport> = fc.record({
  action: fc.constantFrom('failed', 'delayed'),
  status: fc.option(fc.oneof(words, fc.constantFrom('5.1.1', '4.4.7', '5.0.0'))),
  diagnostic: fc.option(words),
  replyCode: fc.option(fc.nat(999)),
  remoteMta: fc.option(fc.oneof(fc.domain(), words)),
  stage: fc.option(fc.constantFrom(...SMTP_STAGES)),
  recipient: fc.option(fc.emailAddress()),
  word: fc.option(fc.oneof(words, fc.constantFrom('NoEmail', 'toString', '__proto__', 'Suppressed'))),
})

test('every report is understood somehow: final if and only if it failed, in one clean sentence', () => {
  fc.assert(
    fc.property(reports, (report) => {
      const failure = classifyReport(report)
      expect(FAILURE_CLASSES).toContain(failure.class)
      expect(FAILURE_SCOPES).toContain(failure.scope)
      expect(failure.permanent).toBe(report.action === 'failed')
      expect(failure.sentence).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]|\{place\}|\{stage\}/)
      if (failure.suppress) expect(failure).toMatchObject({ scope: 'recipient', permanent: true })
      if (isHard(failure)) expect(failure.permanent).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
