import type { FailureClass } from '../../../mail/failure.ts'
import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import type { ProviderMark } from '../../outcome.ts'
import type { ApiAnswer } from './call.ts'

/** What an answer says about one recipient. */
export type Verdict =
  | { readonly kind: 'taken'; readonly reply: SmtpReply; readonly mark: ProviderMark }
  | {
      readonly kind: 'refused'
      readonly reply: SmtpReply
      readonly class: FailureClass
      readonly isFinal: boolean
      readonly retryAfterSeconds: number | null
    }
  /** It had the mail, and what it said about it cannot be understood. */
  | { readonly kind: 'unclear'; readonly why: string }

/** What a provider's error means. The first rule whose conditions all hold decides. */
export interface ErrorRule {
  /** The provider's own name of the error. */
  readonly code?: RegExp
  readonly status?: number
  readonly text?: RegExp
  readonly class: FailureClass
  /** Of a message or a recipient: the last word. */
  readonly isFinal: boolean
  /** A wait to go by where the answer names none. */
  readonly waitSeconds?: number
}

/** An error as the provider's document tells it. */
export interface ToldError {
  readonly code: string
  readonly text: string
}

/** Statuses that mean the same from everybody, for when a provider's own rules know nothing. */
const STATUS_RULES: readonly ErrorRule[] = [
  { status: 401, class: 'auth_failed', isFinal: true },
  { status: 403, class: 'sending_disabled', isFinal: true },
  { status: 404, class: 'configuration_wrong', isFinal: true },
  { status: 407, class: 'configuration_wrong', isFinal: true },
  { status: 408, class: 'remote_temporary', isFinal: false },
  { status: 413, class: 'too_large', isFinal: true },
  { status: 429, class: 'rate_limited', isFinal: false },
  { status: 503, class: 'service_closing', isFinal: false },
]

/**
 * What an answer other than success means. A gateway that gave up waiting (504) had handed the request on: whether it was carried out
 * nobody knows. A redirect is never followed: the settings lead elsewhere than they should.
 */
export function verdictOnError(answer: ApiAnswer, told: ToldError | null, rules: readonly ErrorRule[], now: Date): Verdict {
  const { status } = answer
  const text = told ? `${told.code === '' ? '' : `${told.code}: `}${told.text}` : wordsOf(answer)
  if (status === 504) return { kind: 'unclear', why: `${status} ${text}` }
  const rule = [...rules, ...STATUS_RULES].find((each) => fits(each, status, told)) ?? byStatus(status)
  return {
    kind: 'refused',
    reply: { code: status, enhanced: null, text },
    class: rule.class,
    isFinal: rule.isFinal,
    retryAfterSeconds: retryAfter(answer, now) ?? rule.waitSeconds ?? null,
  }
}

function fits(rule: ErrorRule, status: number, told: ToldError | null): boolean {
  if (rule.status !== undefined && rule.status !== status) return false
  if (rule.code !== undefined && !(told && rule.code.test(told.code))) return false
  return rule.text === undefined || (told !== null && rule.text.test(told.text))
}

function byStatus(status: number): ErrorRule {
  if (status >= 500) return { class: 'remote_temporary', isFinal: false }
  if (status >= 300 && status < 400) return { class: 'configuration_wrong', isFinal: true }
  // An error told with a success, or a refusal without a reason that we know.
  return status < 300 ? { class: 'unknown_temporary', isFinal: false } : { class: 'unknown_permanent', isFinal: true }
}

const DAY_SECONDS = 24 * 60 * 60

/** RFC 9110 §10.2.3: seconds or a date. Between 1 second and a day. */
export function retryAfter({ headers }: Pick<ApiAnswer, 'headers'>, now: Date): number | null {
  const value = headers['retry-after']?.trim()
  if (value === undefined || value === '') return null
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (new Date(value).getTime() - now.getTime()) / 1000
  return Number.isNaN(seconds) ? null : Math.min(Math.max(Math.ceil(seconds), 1), DAY_SECONDS)
}

const WORDS_MAX = 500

/** The words of an answer, those of an error page without its marks. */
export function wordsOf({ status, headers, text }: ApiAnswer): string {
  const location = status >= 300 && status < 400 ? ` to ${headers.location ?? 'nowhere'}` : ''
  const isPage = /^\s*</.test(text)
  const bare = isPage
    ? text.slice(0, 20_000).replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    : text.slice(0, 4 * WORDS_MAX)
  const words = bare
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, WORDS_MAX)
    .toWellFormed()
  return `${words === '' ? 'no words' : isPage ? `an error page: ${words}` : words}${location}`
}

/** The answer as an object, or null for anything else. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
