import { expect, test } from 'vitest'
import { outcomeOf } from '../../src/delivery/outcome.ts'
import type { SmtpAnswer } from '../../src/mail/smtp-answer.ts'

const where = { host: 'example.org', address: null, port: 25, recipient: 'ann@example.org' } as const
const lookup = (code: string, mode: SmtpAnswer['mode'] = 'mx') =>
  outcomeOf({ ...where, mode, stage: 'dns', kind: 'lost', code, message: '', bodySent: false })

test.each(['NXDOMAIN', 'ENOTFOUND', 'ENODATA', 'NULL_MX'])(
  'a domain without mail (%s) is final for its delivery, and suppresses nobody',
  (code) => {
    expect(lookup(code)).toMatchObject({ kind: 'rejected', failure: { scope: 'domain', permanent: true, suppress: false } })
  },
)

test('a domain that cannot be looked up just now waits, and so does a relay that is not found', () => {
  expect(lookup('TIMEOUT')).toMatchObject({ kind: 'blocked', failure: { scope: 'domain', permanent: false } })
  expect(lookup('NXDOMAIN', 'relay')).toMatchObject({ kind: 'blocked', failure: { scope: 'route' } })
})

test("a mail server of the recipient's that answers 5.1.2 ends the delivery, and one whose certificate expired does not", () => {
  const reply = { code: 550, enhanced: '5.1.2', text: 'Bad destination system address' }
  expect(outcomeOf({ ...where, mode: 'mx', stage: 'rcpt', kind: 'reply', reply })).toMatchObject({
    kind: 'rejected',
    failure: { class: 'domain_not_found' },
  })
  const expired = { stage: 'tls', kind: 'lost', code: 'CERT_HAS_EXPIRED', message: '', bodySent: false } as const
  expect(outcomeOf({ ...where, mode: 'mx', ...expired })).toMatchObject({ kind: 'blocked', failure: { permanent: false } })
})
