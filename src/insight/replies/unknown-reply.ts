import { createHash } from 'node:crypto'
import type { FailureClass } from '../../mail/failure.ts'
import { classOfReply } from '../../mail/failure-rules.ts'
import { replyInWords } from '../../mail/reply-in-words.ts'
import { fingerprint } from '../../mail/reply-text.ts'
import { SMTP_STAGES, type SmtpStage } from '../../mail/smtp-answer.ts'
import type { SmtpReply } from '../../mail/smtp-reply.ts'

/** A reply that no rule knew when it came, and how often the same was said. */
export interface UnknownReply {
  readonly fingerprint: string
  /** What is the same in all of them. */
  readonly pattern: string
  readonly code: number
  readonly enhanced: string | null
  /** A stage of the dialogue, or 'report'. */
  readonly stage: string
  readonly example: string
  readonly host: string
  readonly receiver: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly n: number
  readonly reviewedAt: Date | null
  readonly reviewedBy: string | null
}

/** What the log holds of one such reply, or of some that are equal to the letter. */
export interface HeardReply {
  readonly workspaceId: string
  readonly code: number | null
  readonly enhanced: string | null
  readonly stage: string | null
  readonly text: string
  readonly host: string
  readonly receiver: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly n: number
}

export type CountedReply = Omit<UnknownReply, 'reviewedAt' | 'reviewedBy'> & { readonly workspaceId: string }

const EXAMPLE_MAX = 500
const NAME_MAX = 255

/** Replies that say the same, counted together. One of a report is read out of its words. */
export function countTogether(heard: readonly HeardReply[]): CountedReply[] {
  const counted = new Map<string, CountedReply>()
  for (const one of heard) {
    const next = toCounted(one)
    const key = `${next.workspaceId} ${next.fingerprint}`
    const before = counted.get(key)
    counted.set(key, before ? joined(before, next) : next)
  }
  return [...counted.values()]
}

function toCounted(heard: HeardReply): CountedReply {
  const reply = replyOf(heard)
  const stage = heard.stage ?? 'report'
  const pattern = fingerprint(reply).toWellFormed()
  return {
    workspaceId: heard.workspaceId,
    fingerprint: createHash('sha256').update(`${stage} ${pattern}`).digest('hex').slice(0, 32),
    pattern,
    code: reply.code,
    enhanced: reply.enhanced,
    stage,
    example: cut(reply.text, EXAMPLE_MAX),
    host: cut(heard.host, NAME_MAX),
    receiver: heard.receiver,
    firstSeenAt: heard.firstSeenAt,
    lastSeenAt: heard.lastSeenAt,
    n: heard.n,
  }
}

function replyOf({ code, enhanced, text }: HeardReply): SmtpReply {
  if (code !== null) return { code, enhanced, text }
  return replyInWords(text) ?? { code: enhanced?.startsWith('4') ? 450 : 550, enhanced, text }
}

function joined(a: CountedReply, b: CountedReply): CountedReply {
  return {
    ...a,
    n: a.n + b.n,
    firstSeenAt: a.firstSeenAt < b.firstSeenAt ? a.firstSeenAt : b.firstSeenAt,
    lastSeenAt: a.lastSeenAt > b.lastSeenAt ? a.lastSeenAt : b.lastSeenAt,
  }
}

/** The class by the rules of this version, where one knows the reply by now; else null. */
export function knownAs({
  code,
  enhanced,
  stage,
  example,
}: Pick<UnknownReply, 'code' | 'enhanced' | 'stage' | 'example'>): FailureClass | null {
  const found = classOfReply({ code, enhanced, text: example }, isStage(stage) ? stage : null)
  return found === 'unknown_temporary' || found === 'unknown_permanent' ? null : found
}

function isStage(text: string): text is SmtpStage {
  return (SMTP_STAGES as readonly string[]).includes(text)
}

/** Cut between two halves of a character a text could not be stored. */
function cut(text: string, max: number): string {
  return text.slice(0, max).toWellFormed()
}
