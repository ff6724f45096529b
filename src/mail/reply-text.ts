import type { SmtpReply } from './smtp-reply.ts'

const TEXT_MAX = 2_000
const DAY_SECONDS = 24 * 60 * 60

/** A reply's words on one line, the enhanced code said once: servers repeat it on every line of a long reply. */
export function plainText(reply: SmtpReply): string {
  const lines = reply.text.slice(0, TEXT_MAX).toWellFormed().split(/\r?\n/)
  const code = enhancedOf(reply)
  return lines
    .map((line, index) => (index > 0 && code !== null && line.startsWith(code) ? line.slice(code.length) : line))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The enhanced code (RFC 3463), also where a server puts it elsewhere than RFC 2034 says: `550 #5.1.1 …`, `554 rejected (5.7.1)`. */
export function enhancedOf(reply: SmtpReply): string | null {
  return reply.enhanced ?? /(?:^|[\s#([:])([245]\.\d{1,3}\.\d{1,3})(?![.\d])/.exec(reply.text.slice(0, 300))?.[1] ?? null
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 60 * 60, d: DAY_SECONDS }
const UNIT = '(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\\b'
const ASKED = '(?:try|retry|again|wait|gr[ea]y-?list(?:ed|ing)?|come back|deferred|delayed|resend|resubmit)'
const IN_UNITS = new RegExp(`\\b${ASKED}\\D{0,40}?(\\d{1,7})\\s*${UNIT}(?:,?\\s*(?:and\\s*)?(\\d{1,5})\\s*${UNIT})?`, 'i')
const AS_CLOCK = new RegExp(`\\b${ASKED}\\D{0,40}?(\\d{1,2}):(\\d{2}):(\\d{2})\\b`, 'i')
const BARE = /\bretry[- ]after[:= ]+(\d{1,7})\b/i

/** The wait that a server asks for in words ("try again in 5 minutes"), from 1 second to 24 hours; null when it names none. */
export function retryAfterSeconds(reply: SmtpReply): number | null {
  const text = plainText(reply)
  const clock = AS_CLOCK.exec(text)
  if (clock) return bounded(Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]))
  const units = IN_UNITS.exec(text)
  if (units) return bounded(inSeconds(units[1], units[2]) + inSeconds(units[3], units[4]))
  const bare = BARE.exec(text)
  return bare ? bounded(Number(bare[1])) : null
}

function inSeconds(count: string | undefined, unit: string | undefined): number {
  return count === undefined || unit === undefined ? 0 : Number(count) * (UNITS[unit.charAt(0).toLowerCase()] ?? 0)
}

function bounded(seconds: number): number {
  return Math.min(Math.max(seconds, 1), DAY_SECONDS)
}

/** A reply without what changes from mail to mail (addresses, names, ids, numbers): equal for replies that say the same. */
export function fingerprint(reply: SmtpReply): string {
  const words = plainText(reply)
    .toLowerCase()
    .replace(/https?:\/\/\S+/g, '<url>')
    .replace(/<?[^\s<>"'(),;]+@[^\s<>"'(),;]+>?/g, '<address>')
    .replace(/\[?(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})\]?/g, '<ip>')
    .replace(/\b[245]\.\d{1,3}\.\d{1,3}\b/g, '')
    .replace(/\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b/g, '<host>')
    .replace(/\b(?=[\w.-]*\d)[\w.-]{6,}/g, '<id>')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  return [reply.code, enhancedOf(reply) ?? '-', words].join(' ')
}
