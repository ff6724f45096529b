/** What an answer comes to: well, to be tried again, or not well for good. Pure. */
import type { Json } from '../definition/graph.ts'

export interface Heard {
  readonly status: number | null
  readonly error: string | null
  readonly headers: Readonly<Record<string, string>> | null
  readonly body: string | null
  /** It leads to where nothing may be asked: no time mends that. */
  readonly isForbidden: boolean
}

export interface Wanted {
  readonly expect: readonly number[] | null
  readonly keep: 'json' | 'text' | 'nothing'
}

export type Outcome =
  | { readonly kind: 'ok'; readonly body: Json }
  | { readonly kind: 'again' | 'failed'; readonly class: string; readonly sentence: string; readonly body: Json }

/** What a run keeps of an answer, and what is read of one at all. */
export const MAX_KEPT = 20_000
/** Statuses that say: later (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2). */
const LATER = new Set([408, 425, 429])

export function outcomeOf({ status, error, body, isForbidden }: Heard, { expect, keep }: Wanted): Outcome {
  if (status === null && isForbidden) return { kind: 'failed', class: 'forbidden', sentence: error ?? '', body: null }
  if (status === null) return { kind: 'again', class: 'unreachable', sentence: error ?? 'There was no answer.', body: null }
  const isWell = expect === null ? status >= 200 && status < 300 : expect.includes(status)
  if (isWell) return kept(body ?? '', keep)
  const said = body === null || body === '' ? null : body.slice(0, 1_000)
  const sentence = `The answer was ${status}.`
  if (status === 429 || status === 503) return { kind: 'again', class: 'throttled', sentence, body: said }
  if (LATER.has(status) || status >= 500) return { kind: 'again', class: 'server_error', sentence, body: said }
  return { kind: 'failed', class: 'refused', sentence, body: said }
}

function kept(body: string, keep: Wanted['keep']): Outcome {
  if (keep === 'nothing') return { kind: 'ok', body: null }
  if (body.length > MAX_KEPT) {
    const sentence = `The answer is longer than ${MAX_KEPT} characters, which is what a run can keep.`
    return { kind: 'failed', class: 'answer_too_long', sentence, body: null }
  }
  if (keep === 'text') return { kind: 'ok', body }
  // An empty answer, as with 204, is no value.
  if (body.trim() === '') return { kind: 'ok', body: null }
  try {
    return { kind: 'ok', body: JSON.parse(body) as Json }
  } catch {
    return { kind: 'failed', class: 'not_json', sentence: 'The answer is not JSON.', body: body.slice(0, 1_000) }
  }
}
