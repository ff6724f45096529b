/** What one look at one record of a domain came to. */

/**
 * correct; incorrect (another value); missing; duplicate (several, where one is allowed); insecure (there, but it protects nothing);
 * incomplete (part of what is needed); invalid (cannot be read); conflicting (something else stands in its place); error (the DNS could not
 * be asked: says nothing about the record, and changes nothing).
 */
export const CHECK_STATUSES = [
  'correct',
  'incorrect',
  'missing',
  'duplicate',
  'insecure',
  'incomplete',
  'invalid',
  'conflicting',
  'error',
] as const
export type CheckStatus = (typeof CHECK_STATUSES)[number]

export interface Finding {
  readonly status: CheckStatus
  /** What was found and what it means, in one sentence. */
  readonly sentence: string
  /** The actual records, as they stand. */
  readonly found: readonly string[]
  /** What to publish, where that depends on what is there. */
  readonly publish?: string
}

export interface CheckResult extends Finding {
  readonly subject: string
}

/** As it is remembered. */
export interface Check extends CheckResult {
  /** The last status that was an answer: what counts while the DNS cannot be asked. */
  readonly answeredStatus: CheckStatus | null
  readonly since: Date
  readonly checkedAt: Date
  readonly lastOkAt: Date | null
}

/** What is remembered after another look. */
export function afterCheck(before: Check | null, result: CheckResult, now: Date): Check {
  return {
    ...result,
    answeredStatus: result.status === 'error' ? (before?.answeredStatus ?? null) : result.status,
    since: before?.status === result.status ? before.since : now,
    checkedAt: now,
    lastOkAt: result.status === 'correct' ? now : (before?.lastOkAt ?? null),
  }
}
