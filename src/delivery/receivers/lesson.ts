import type { SmtpReply } from '../../mail/smtp-reply.ts'
import type { Lesson } from './limits.ts'

const TOO_MANY_MESSAGES =
  /too many (?:\w+ ){0,2}(?:messages|mails|e-?mails|transactions)|(?:messages?|mails?|transactions?)(?: \w+){0,3} (?:per|in this|on this|in one|for this) (?:\w+ )?(?:session|connection)|(?:session|connection) message limit|message (?:count|number) limit/i
const TOO_MANY_CONNECTIONS =
  /too many (?:\w+ ){0,2}(?:connections|sessions)|(?:connection|concurrency|session)s? (?:rate )?limit|maximum (?:\w+ ){0,3}(?:connections|sessions)|(?:connections|sessions) from your (?:ip|host)/i

/** A server that closes after `carried` messages, and says that these were too many, takes one fewer than it refused. */
export function lessonOfDismissal(carried: number, reply: SmtpReply): Lesson | null {
  return carried >= 1 && TOO_MANY_MESSAGES.test(reply.text) ? { messages: carried, why: saying(reply) } : null
}

/** A server that refuses one connection beside `open` others. */
export function lessonOfRefusal(open: number, reply: SmtpReply): Lesson | null {
  return open >= 1 && speaksOfConnections(reply) ? { connections: open, why: saying(reply) } : null
}

export function speaksOfConnections({ text }: SmtpReply): boolean {
  return TOO_MANY_CONNECTIONS.test(text)
}

function saying({ code, enhanced, text }: SmtpReply): string {
  const words = [String(code), enhanced ?? '', text].join(' ')
  return words
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 500)
    .toWellFormed()
}
