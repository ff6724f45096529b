import { setTimeout as sleep } from 'node:timers/promises'
import type { SmtpReply } from '../../mail/smtp-reply.ts'
import { type Examination, type Found, failureOf, findingOf, type Place } from './examination.ts'
import type { Neighbourhood } from './reach-check.ts'
import type { Finding, Fix } from './report.ts'
import { greetsInTls } from './survey.ts'
import { endpoint, shown } from './text.ts'
import type { Dialogue, Heard } from './wire.ts'

const SLOW_MS = 5_000

/**
 * The server speaks first (RFC 5321 §3.1). One that does not may be waiting for TLS: that is found out on a second connection while the
 * first still listens, rather than guessed from the number of the port.
 */
export async function checkGreeting(
  exam: Examination,
  place: Place,
  dialogue: Dialogue,
  connectedAtMs: number,
  near: Neighbourhood,
): Promise<Found<true>> {
  const hearing = dialogue.hear(exam.limits.greeting)
  const early = await Promise.race([hearing, sleep(exam.limits.silence, null, { ref: false })])
  if (early?.kind !== 'reply' && (await wantsTls(exam, place)))
    return { finding: tlsExpected(place, dialogue, early), value: null }
  const heard = early ?? (await hearing)
  const ms = Math.round((dialogue.seenAtMs ?? performance.now()) - connectedAtMs)
  if (heard.kind === 'reply' && heard.reply.code === 220) return { finding: greeted(heard.reply, ms), value: true }

  const evidence = heard.kind === 'reply' ? `${quote(heard.reply)} after ${ms} ms` : (foreign(dialogue.seen) ?? heard.message)
  const failure = failureOf(exam, place, { stage: 'banner', ...(heard.kind === 'reply' ? heard : { ...heard, bodySent: false }) })
  return { finding: findingOf(failure, { evidence, fixes: await near.alternatives() }), value: null }
}

async function wantsTls(exam: Examination, { address, port }: Place): Promise<boolean> {
  return exam.input.security !== 'tls' && address !== null && (await greetsInTls(exam, address, port))
}

function tlsExpected({ address, port }: Place, dialogue: Dialogue, heard: Heard | null): Finding {
  const place = endpoint(address ?? '', port)
  const silence = heard === null ? 'Nothing came in plain text' : 'The connection in plain text broke'
  const fixes: Fix[] = [{ label: 'Use TLS from the first byte', patch: { security: 'tls' } }]
  return {
    status: 'fail',
    evidence: foreign(dialogue.seen) ?? `${silence}; with TLS the server greets.`,
    cause: `${place} expects TLS from the first byte, and the settings begin in plain text. Change security to "TLS (implicit)".`,
    fixes,
  }
}

function greeted(reply: SmtpReply, ms: number): Finding {
  const evidence = `${quote(reply)} after ${ms} ms`
  if (ms < SLOW_MS) return { status: 'ok', evidence }
  return {
    status: 'warn',
    evidence,
    cause: 'The server is slow to greet: it is busy, looks our address up, or delays strangers on purpose. Sending waits for it.',
  }
}

export function quote(reply: SmtpReply): string {
  return shown([reply.code, reply.enhanced, reply.text].filter((part) => part !== null && part !== '').join(' '))
}

/** Whose first words these are, when they are not a mail server's. */
function foreign(seen: string): string | null {
  if (seen === '') return null
  if (/^[\x14-\x17]\x03[\x00-\x04]/.test(seen)) return 'The first bytes are a TLS record, not a greeting.'
  const service = [
    ['HTTP/', 'a web server'],
    ['* OK', 'an IMAP server (for reading mail)'],
    ['+OK', 'a POP3 server (for fetching mail)'],
    ['SSH-', 'an SSH server'],
  ]
  const name = service.find(([start]) => seen.startsWith(start ?? ''))?.[1]
  return name ? `This is ${name}: "${shown(seen, 80)}"` : `The first bytes are not a greeting: "${shown(seen, 80)}"`
}
