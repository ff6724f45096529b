/** Regular expressions in linear time (RE2): what somebody wrote once is matched against mail of strangers for years. */
import { RE2JS } from 're2js'

export const MAX_PATTERN = 500
/** Characters of a value that are looked at. */
export const MAX_LOOKED_AT = 100_000
const CACHED = 500
const cache = new Map<string, RE2JS | string>()

/** The compiled pattern, without regard to case; or why it is none. */
function compiled(pattern: string): RE2JS | string {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const made = compile(pattern)
  if (cache.size >= CACHED) cache.clear()
  cache.set(pattern, made)
  return made
}

function compile(pattern: string): RE2JS | string {
  if (pattern.length > MAX_PATTERN) return `it is longer than ${MAX_PATTERN} characters`
  try {
    return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE)
  } catch (error) {
    return (error as Error).message.slice(0, 200)
  }
}

/** Why a pattern cannot be used; null: it can. */
export function faultOfPattern(pattern: string): string | null {
  const made = compiled(pattern)
  return typeof made === 'string' ? made : null
}

/** Whether some part of the text is what the pattern says. What is no pattern matches nothing. */
export function matches(text: string, pattern: string): boolean {
  const made = compiled(pattern)
  return typeof made !== 'string' && made.matcher(text.slice(0, MAX_LOOKED_AT)).find()
}
