import { type Failure, type FailureClass, failureOf } from './failure.ts'
import { CLASS_FACTS } from './failure-classes.ts'
import { classOfReply } from './failure-rules.ts'
import { classOfWord } from './failure-words.ts'
import { replyInWords } from './reply-in-words.ts'
import type { SmtpStage } from './smtp-answer.ts'
import type { SmtpReply } from './smtp-reply.ts'

/** What somebody else tells us later about one recipient: a bounce mail, a provider's webhook. Every part may be missing. */
export interface FailureReport {
  /** `failed`: nobody tries any more. `delayed`: whoever reports goes on trying. */
  readonly action: 'failed' | 'delayed'
  /** RFC 3464 §2.3.4: "5.1.1", also with words behind it. */
  readonly status?: string | null | undefined
  /** What was said, with or without codes: "smtp; 550 5.1.1 <ann@example.org>... User unknown". */
  readonly diagnostic?: string | null | undefined
  /** The three digits, where they are told apart from the words. */
  readonly replyCode?: number | null | undefined
  /** Who said so. */
  readonly remoteMta?: string | null | undefined
  /** Where in the dialogue; null where nobody says. */
  readonly stage?: SmtpStage | null | undefined
  readonly recipient?: string | null | undefined
  /** A provider's own word for it, such as `NoEmail` or `email_mailbox_not_found`. */
  readonly word?: string | null | undefined
}

/**
 * What a report means, by the same rules as a live reply. It is final when it says that nobody tries any more, whatever the digits: a mail
 * that a relay gave up after days of 4yz is lost all the same. Only a 5yz suppresses, since a 4yz never said that the address is wrong.
 */
export function classifyReport(report: FailureReport): Failure {
  const reply = replyOf(report)
  const stage = report.stage ?? null
  const said = classOfReply(reply, stage)
  const told = classOfWord(report.word ?? null)
  const found = told !== null && (isVague(said) || told === 'provider_suppressed') ? told : said
  const failure = failureOf(found, {
    kind: 'reply',
    mode: 'mx',
    stage,
    host: report.remoteMta ?? '',
    address: null,
    port: null,
    recipient: report.recipient ?? '',
    reply,
    isFinal: report.action === 'failed',
  })
  return failure.suppress && reply.code < 500 ? { ...failure, suppress: false } : failure
}

/** True when this address will not take mail again, whoever sends it. */
export function isHard(failure: Failure): boolean {
  return failure.permanent && CLASS_FACTS[failure.class].hard === true
}

function isVague(found: FailureClass): boolean {
  return (
    found === 'unknown_temporary' || found === 'unknown_permanent' || found === 'protocol_error' || found === 'policy_refused'
  )
}

/** The reply behind the report, as far as it is told. Codes within the words are nearer to the source than a status somebody made of them. */
function replyOf(report: FailureReport): SmtpReply {
  const words = (report.diagnostic ?? '').trim()
  const status = /^\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(report.status ?? '')?.[1] ?? null
  const specific = status === null || /^.\.0\.0$/.test(status) ? null : status
  const said = replyInWords(words)
  if (said) return { ...said, enhanced: said.enhanced ?? sameDigit(specific, said.code) }
  const text = words === '' ? (report.status ?? '').slice(status?.length ?? 0) : words
  const code = codeOf(report.replyCode ?? null) ?? (status?.startsWith('4') ? 450 : status?.startsWith('5') ? 550 : null)
  return { code: code ?? (report.action === 'failed' ? 550 : 450), enhanced: specific, text }
}

function codeOf(code: number | null): number | null {
  return code !== null && code >= 400 && code <= 599 ? code : null
}

/** A status of the other digit was made by somebody else than who spoke. */
function sameDigit(status: string | null, code: number): string | null {
  return status?.startsWith(String(code)[0] ?? '') ? status : null
}
