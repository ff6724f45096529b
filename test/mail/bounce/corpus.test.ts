import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { InboundReading, ReportedRecipient } from '../../../src/mail/bounce/inbound.ts'
import { readInbound } from '../../../src/mail/bounce/read-inbound.ts'
import type { FailureClass } from '../../../src/mail/failure.ts'
import { parseMail } from '../../../src/mail/parse.ts'

const CORPORA = fileURLToPath(new URL('../../../../shared/corpora/', import.meta.url))
const BOUNCES = join(CORPORA, 'bounces')
const here = existsSync(BOUNCES)

interface Expected {
  readonly reason: string
  readonly hard: boolean
}

/** What the reasons of that project are among our classes. Where it has one word for several of ours, all are right. */
const CLASSES: Readonly<Record<string, readonly FailureClass[]>> = {
  authfailure: ['sender_unauthenticated'],
  badreputation: ['reputation_blocked', 'rate_limited'],
  blocked: [
    'address_blocked',
    'reputation_blocked',
    'greeting_refused',
    'greeting_busy',
    'ehlo_rejected',
    'rate_limited',
    'service_closing',
    'remote_unreachable',
  ],
  contenterror: ['message_malformed', 'content_spam'],
  exceedlimit: ['too_large'],
  // Whatever was still so when the time was over, or is when it is reported as a delay.
  expired: ['expired', 'remote_unreachable', 'remote_temporary', 'service_closing'],
  filtered: ['recipient_refused', 'recipient_unknown'],
  hasmoved: ['recipient_gone'],
  hostunknown: ['domain_not_found'],
  mailboxfull: ['mailbox_full'],
  mailererror: ['remote_fault', 'remote_temporary'],
  mesgtoobig: ['too_large'],
  networkerror: ['remote_unreachable', 'routing_loop', 'expired'],
  norelaying: ['auth_required', 'sender_rejected'],
  notaccept: ['dns_null_mx', 'dns_no_mail_server'],
  notcompliantrfc: ['message_malformed'],
  onhold: ['unknown_temporary', 'unknown_permanent', 'remote_temporary'],
  policyviolation: ['policy_refused', 'content_virus', 'message_malformed'],
  // The sender was refused; also by a group that takes mail from its members only.
  rejected: ['sender_rejected', 'sender_domain_unresolved', 'reputation_blocked', 'recipient_refused'],
  requireptr: ['reverse_dns_missing'],
  securityerror: ['policy_refused', 'sender_unauthenticated', 'auth_required'],
  spamdetected: ['content_spam'],
  speeding: ['recipient_rate'],
  suspend: ['recipient_disabled', 'recipient_unavailable'],
  syntaxerror: ['protocol_error'],
  systemerror: ['remote_fault', 'remote_temporary', 'routing_loop'],
  systemfull: ['remote_temporary'],
  toomanyconn: ['rate_limited', 'too_many_recipients', 'reputation_blocked'],
  undefined: ['unknown_temporary', 'unknown_permanent', 'rate_limited'],
  userunknown: ['recipient_unknown'],
  virusdetected: ['content_virus'],
}
/** Reasons that are no failure. */
const KINDS: Readonly<Record<string, InboundReading['kind']>> = {
  feedback: 'complaint',
  vacation: 'automatic',
  delivered: 'automatic',
}

/** Where we read something else in a mail, and why. */
const OTHER_CLASS: Readonly<Record<string, string>> = {
  'lhost-courier-03': 'the "Purported Responsible Address" is Sender ID: authentication of the sender, not the sender himself',
  'lhost-exim-37': '"553 neko.example.com does not exist" names the sending host, and no rule can tell: it suppresses nobody',
  'lhost-ezweb-01': 'the notice gives no reason at all',
  'lhost-gmail-03': '"Header error" is about the form of the message, said after its body',
  'lhost-gmail-05': 'said at MAIL (Gmail calls it state 13): about the sender',
  'lhost-gmail-07': '"does not support TLS" is encryption',
  'lhost-postfix-01': 'procmail says that there is no such user, and the status is 5.1.1',
  'lhost-postfix-41': '"Protocol violation" is the protocol',
  'rfc3464-01': 'status and words say 5.1.1 User Unknown; the note to people was written by somebody else',
  'rfc3464-35': '"is not a registered gateway user" is an unknown user',
  'rhost-mimecast-01': '"Host network not allowed" is about the reputation of our network',
}
/** The same for the address being dead. */
const OTHER_HARD: Readonly<Record<string, string>> = {
  'lhost-exim-37': 'as above: it is the sending host that does not exist',
  'lhost-postfix-01': 'as above: no such user',
  'rfc3464-01': 'as above: user unknown',
  'rfc3464-35': 'both failed recipients are unknown users',
  ...Object.fromEntries(
    [
      'lhost-apachejames-01',
      'lhost-mailfoundry-01',
      'lhost-messagingserver-03',
      'lhost-mxlogic-03',
      'lhost-postfix-07',
      'lhost-receivingses-01',
      'lhost-sendmail-27',
      'lhost-surfcontrol-01',
      'lhost-x1-01',
      'lhost-x2-01',
    ].map((name) => [name, 'it says "unknown user" in so many words, and nothing that it was said after the body']),
  ),
}

async function read(file: string): Promise<InboundReading> {
  const result = await parseMail(readFileSync(file))
  if (result.kind !== 'parsed') throw new Error(`${file}: ${result.reason}`)
  return readInbound(result.mail)
}

/** Each expectation with the recipient that fits it best: the list of expectations names no addresses. */
function paired(
  expected: readonly Expected[],
  recipients: readonly ReportedRecipient[],
): (readonly [Expected, ReportedRecipient | undefined])[] {
  const left = [...recipients]
  return expected.map((wanted) => {
    const fits = left.findIndex((found) => isOfClass(wanted, found) && found.hard === wanted.hard)
    const [found] = left.splice(Math.max(fits, 0), 1)
    return [wanted, found]
  })
}

function isOfClass({ reason }: Expected, found: ReportedRecipient | undefined): boolean {
  if (reason in KINDS) return found?.class === null
  return found?.class != null && (CLASSES[reason] ?? []).includes(found.class)
}

test.skipIf(!here)('real bounces are understood: whom they are about, what they mean, and which addresses are dead', async () => {
  const expected = JSON.parse(readFileSync(join(BOUNCES, 'expected.json'), 'utf8')) as Record<string, Expected[]>
  let total = 0
  let found = 0
  const otherClass = new Set<string>()
  const otherHard = new Set<string>()
  const otherKind: string[] = []
  for (const [name, wanted] of Object.entries(expected)) {
    const reading = await read(join(BOUNCES, `${name}.eml`))
    total += wanted.length
    found += Math.min(reading.recipients.length, wanted.length)
    expect(reading.recipients.length, name).toBeLessThanOrEqual(wanted.length)
    for (const [one, recipient] of paired(wanted, reading.recipients)) {
      if (!isOfClass(one, recipient)) otherClass.add(name)
      if (recipient?.hard !== one.hard) otherHard.add(name)
    }
    const kind = KINDS[wanted[0]?.reason ?? ''] ?? 'bounce'
    if (reading.kind !== kind && !(kind === 'bounce' && reading.kind === 'delay')) otherKind.push(name)
  }
  expect(otherKind).toEqual([])
  expect([...otherClass].sort()).toEqual(Object.keys(OTHER_CLASS).sort())
  expect([...otherHard].sort()).toEqual(Object.keys(OTHER_HARD).sort())
  expect(total).toBeGreaterThan(300)
  expect(found / total).toBeGreaterThanOrEqual(0.95)
  expect(1 - otherClass.size / total).toBeGreaterThanOrEqual(0.9)
})

test.skipIf(!here)('what is no bounce is not taken for one', async () => {
  const folder = join(BOUNCES, 'not-bounces')
  const files = readdirSync(folder)
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect((await read(join(folder, file))).kind, file).toMatch(/^(?:message|automatic)$/)
})

test.skipIf(!existsSync(join(CORPORA, 'mime')))(
  'odd and broken mail is read without a fault, and hardly ever taken for a bounce',
  async () => {
    const folder = join(CORPORA, 'mime')
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(({ name }) =>
      /\.(?:eml|msg|txt)$/.test(name),
    )
    expect(files.length).toBeGreaterThan(100)
    for (const { parentPath, name } of files) {
      const result = await parseMail(readFileSync(join(parentPath, name)))
      if (result.kind !== 'parsed') continue
      const { kind, recipients } = readInbound(result.mail)
      if (!/report/.test(parentPath) && (kind === 'bounce' || kind === 'delay'))
        expect([name, recipients.length]).toEqual([name, expect.any(Number)])
    }
  },
)
