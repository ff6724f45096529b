/**
 * What is to be done with a mail, from what it says and what is known here. Pure, and total: every mail leads to exactly one of these, before anything
 * is written.
 */
import type { Inbox } from '../helpdesk/inbox.ts'
import type { Match } from '../helpdesk/matching.ts'
import type { InboundMailId } from '../lib/ids.ts'
import type { Automatic } from '../mail/automatic.ts'
import type { InboundKind } from '../mail/bounce/inbound.ts'
import type { IgnoredReason, QuarantineReason } from './inbound-mail.ts'

export interface Known {
  readonly kind: InboundKind
  readonly automatic: Automatic | null
  /** Whose inbox it came to; null where nobody knows. */
  readonly inbox: Pick<Inbox, 'name' | 'noMatch' | 'closedAt'> | null
  /** The mail that it repeats in its inbox. */
  readonly repeats: InboundMailId | null
  /** The rule of the inbox that turns it away. */
  readonly ignoredBy: string | null
  /** It is a mail that this inbox sent, or that was sent by itself from any, come back. */
  readonly isOwn: boolean
  /** Its sender is the address of an inbox here, or says so. */
  readonly isFromInbox: boolean
  /** It answers, by a token, a mail that told an agent something. */
  readonly answersNotification: boolean
  /** What it asks is to be left alone. */
  readonly unsubscribes: boolean
  readonly match: Match | null
  /** The campaign that it answers, by a mail of which it says so. */
  readonly answersCampaign: string | null
}

export type Decision =
  | { readonly do: 'record_report' }
  | { readonly do: 'unsubscribe' }
  | { readonly do: 'ask_agent' }
  | { readonly do: 'duplicate'; readonly of: InboundMailId }
  | { readonly do: 'ignore'; readonly reason: IgnoredReason; readonly detail: string; readonly answer?: 'no_match' }
  | { readonly do: 'quarantine'; readonly reason: QuarantineReason; readonly detail: string; readonly answer?: 'no_match' }
  | { readonly do: 'add'; readonly match: Match }
  | { readonly do: 'start'; readonly because: string }

export function decide(known: Known): Decision {
  const {
    kind,
    automatic,
    inbox,
    repeats,
    ignoredBy,
    isOwn,
    isFromInbox,
    answersNotification,
    unsubscribes,
    match,
    answersCampaign,
  } = known
  if (kind === 'bounce' || kind === 'delay' || kind === 'complaint') return { do: 'record_report' }
  if (repeats) return { do: 'duplicate', of: repeats }
  if (isOwn) return ignore('own_mail', 'It is a mail that was sent from here.')
  if (answersNotification && automatic)
    return ignore('answer_to_notification', `A machine answered a notification (${automatic.why}).`)
  if (answersNotification) return { do: 'ask_agent' }
  if (ignoredBy !== null) return ignore('ignore_rule', `The rule ${ignoredBy} turns it away.`)
  if (unsubscribes) return { do: 'unsubscribe' }
  if (match) return { do: 'add', match }
  if (answersCampaign !== null && automatic?.kind === 'auto_reply')
    return ignore('answer_to_campaign', `A machine answered the campaign “${answersCampaign}” (${automatic.why}).`)
  // A provider may have given it another Message-ID: two inboxes that answer one another must still come to an end.
  if (isFromInbox && automatic?.kind === 'auto_reply')
    return ignore('own_mail', `It is an automatic answer from the address of an inbox here (${automatic.why}).`)
  // Whoever answers what we sent is no stranger, whatever the inbox does with those.
  if (answersCampaign !== null && inbox && !inbox.closedAt)
    return { do: 'start', because: `It answers the campaign “${answersCampaign}”.` }
  return withoutMatch(inbox)
}

function withoutMatch(inbox: Known['inbox']): Decision {
  if (!inbox) return quarantine('no_inbox', 'None of the addresses it was sent to is that of an inbox here.')
  if (inbox.closedAt) return quarantine('inbox_closed', `The inbox ${inbox.name} is closed, and it belongs to no conversation.`)
  const detail = `It belongs to no conversation, and the inbox ${inbox.name} starts none by mail.`
  switch (inbox.noMatch) {
    case 'start':
      return { do: 'start', because: 'It belongs to no conversation that is there.' }
    case 'ignore':
      return { ...ignore('update_only_no_match', detail), answer: 'no_match' }
    case 'quarantine':
      return { ...quarantine('update_only_no_match', detail), answer: 'no_match' }
  }
}

function ignore(reason: IgnoredReason, detail: string): Extract<Decision, { do: 'ignore' }> {
  return { do: 'ignore', reason, detail }
}

function quarantine(reason: QuarantineReason, detail: string): Extract<Decision, { do: 'quarantine' }> {
  return { do: 'quarantine', reason, detail }
}

export interface IgnorePattern {
  readonly field: 'from' | 'to' | 'subject'
  readonly pattern: string
}

/** `*` stands for anything. Case does not count. The first rule that fits. */
export function ruleAgainst<Rule extends IgnorePattern>(
  rules: readonly Rule[],
  mail: { readonly from: string; readonly to: readonly string[]; readonly subject: string },
): Rule | null {
  const values = { from: [mail.from], to: mail.to, subject: [mail.subject] }
  const found = rules.find(({ field, pattern }) =>
    values[field].some((value) => fits(pattern.toLowerCase(), value.toLowerCase())),
  )
  return found ?? null
}

/** By hand: a pattern with many stars makes a regular expression slow. */
function fits(pattern: string, value: string): boolean {
  const pieces = pattern.split('*')
  const [first = ''] = pieces
  if (pieces.length === 1) return value === pattern
  if (!value.startsWith(first)) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  const last = pieces.at(-1) ?? ''
  return value.length - last.length >= at && value.endsWith(last)
}

/** The words that List-Unsubscribe links put into a mail (RFC 2369 §3.2), alone in its subject. */
const UNSUBSCRIBE =
  /^(?:unsubscribe(?: me)?|opt[- ]?out|remove me|abmelden|abbestellen|désabonner|désinscription|cancelar suscripción|disiscrivi|afmelden|avregistrera|退订|配信停止)[.!]?$/i

export function asksToUnsubscribe(subject: string, text: string): boolean {
  return UNSUBSCRIBE.test(subject.trim()) && text.trim().length <= 200
}
