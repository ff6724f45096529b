import fc from 'fast-check'
import { expect, test } from 'vitest'
import { replyInWords, stageInWords } from '../../src/mail/reply-in-words.ts'

test.each([
  ['smtp; 550 5.1.1 <ann@example.org>... User Unknown', 550, '5.1.1', '<ann@example.org>... User Unknown'],
  [
    '550-5.7.26 Unauthenticated mail\n550-5.7.26 from example.com\n550 5.7.26 see there',
    550,
    '5.7.26',
    'Unauthenticated mail from example.com see there',
  ],
  [
    "5.1.0 - Unknown address error 550-'5.7.1 Access denied' (delivery attempts: 0)",
    550,
    '5.7.1',
    "Access denied' (delivery attempts: 0)",
  ],
  [
    'host mx.example.org[192.0.2.1] said:\n    550 Unknown user (in reply to end of DATA command)',
    550,
    null,
    'Unknown user (in reply to end of DATA command)',
  ],
  ['ERROR_CODE :421, ERROR_CODE :, Host not reachable.', 421, null, ', ERROR_CODE :, Host not reachable.'],
  ['Sorry, no mailbox here by that name. (#5.1.1)', 550, '5.1.1', 'Sorry, no mailbox here by that name. (#5.1.1)'],
  ['220-hello 421 4.2.1 Service refused', 421, '4.2.1', 'Service refused'],
  ['remote host 192.0.2.32 said: 550 Unknown user. (#5.5.0)', 550, '5.5.0', 'Unknown user. (#5.5.0)'],
])('in %j the reply is %s %s', (words, code, enhanced, text) => {
  expect(replyInWords(words)).toEqual({ code, enhanced, text })
})

test.each([
  'the message of 540 bytes',
  'port 587 on 192.0.2.450',
  'Message size 4500000',
  'no code',
  '',
  'version 4.8.1 of it',
  'Exim 4.80.1',
])('%j holds no reply', (words) => {
  expect(replyInWords(words)).toBeNull()
})

test.each([
  ['said: 550 no (in reply to RCPT TO command)', 'rcpt'],
  ['said: 550 no (in reply to end of DATA command)', 'dot'],
  ['SMTP error from remote mail server after MAIL FROM:<a@b>', 'mail'],
  ['did not like our final DATA:', 'dot'],
  ['550 User unknown [RCPT_TO]', 'rcpt'],
  [' In:  RCPT TO:<a@b>\n Out: 250 ok\n In:  DATA\n Out: 354 go\n Out: 451 4.3.0 no', 'dot'],
  ['>>> DATA\n<<< 550 User unknown\n<<< 503 5.0.0 Need RCPT (recipient)', 'rcpt'],
  ['>>> DATA\n<<< 550 User unknown', 'dot'],
  ['Connected to 192.0.2.1 but sender was rejected.', 'mail'],
  ['554 Header error (state 18)', 'dot'],
  ['server refused to talk to me: 421', 'banner'],
  ['nothing of the kind', null],
])('%j was said at %s', (words, stage) => {
  expect(stageInWords(words)).toBe(stage)
})

test('any words are read in bounded time, and a code that is found is one', () => {
  const pieces = fc.constantFrom(
    '550',
    ' ',
    '5.1.1',
    '-',
    '\n',
    'said:',
    '<<<',
    '>>> DATA',
    "'",
    '(',
    'a@b',
    '4',
    '.',
    'x'.repeat(500),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces, { maxLength: 200 }).map((list) => list.join('')),
      ),
      (words) => {
        const reply = replyInWords(words)
        stageInWords(words)
        if (reply) expect(reply.code >= 400 && reply.code <= 599).toBe(true)
      },
    ),
    { numRuns: 1000 },
  )
})
