import { classify, type Failure } from '../../src/mail/failure.ts'
import type { SmtpAnswer } from '../../src/mail/smtp-answer.ts'

const PLACE = { mode: 'relay', host: 'relay.test', address: '10.0.0.5', port: 587, recipient: 'bob@example.org' } as const

/** Answers of a far end, one for every way in which a failure is somebody's. */
export const ANSWERS = {
  greylisted: {
    ...PLACE,
    kind: 'reply',
    stage: 'rcpt',
    reply: { code: 451, enhanced: '4.7.1', text: 'Greylisted, come back later' },
  },
  userUnknown: { ...PLACE, kind: 'reply', stage: 'rcpt', reply: { code: 550, enhanced: '5.1.1', text: 'User unknown' } },
  mailboxFull: { ...PLACE, kind: 'reply', stage: 'rcpt', reply: { code: 452, enhanced: '4.2.2', text: 'Mailbox full' } },
  spam: { ...PLACE, kind: 'reply', stage: 'dot', reply: { code: 554, enhanced: '5.7.1', text: 'Message rejected as spam' } },
  senderRejected: {
    ...PLACE,
    kind: 'reply',
    stage: 'mail',
    reply: { code: 550, enhanced: '5.7.1', text: 'Sender address rejected: not owned by user' },
  },
  refused: { ...PLACE, kind: 'lost', stage: 'tcp', code: 'ECONNREFUSED', message: 'connection refused', bodySent: false },
  wrongPassword: {
    ...PLACE,
    kind: 'reply',
    stage: 'auth',
    reply: { code: 535, enhanced: '5.7.8', text: 'Authentication failed' },
  },
  quota: {
    ...PLACE,
    kind: 'reply',
    stage: 'mail',
    reply: { code: 550, enhanced: '5.4.5', text: 'Daily user sending quota exceeded' },
  },
  swallowed: {
    ...PLACE,
    kind: 'lost',
    stage: 'dot',
    code: 'CLOSED',
    message: 'the server closed the connection',
    bodySent: true,
  },
} as const satisfies Record<string, SmtpAnswer>

export const FAILURES = Object.fromEntries(Object.entries(ANSWERS).map(([name, answer]) => [name, classify(answer)])) as Record<
  keyof typeof ANSWERS,
  Failure
>
