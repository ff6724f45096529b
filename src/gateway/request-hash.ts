import { createHash } from 'node:crypto'

/** The same request gives the same hash, in whatever order its fields came. */
export function hashOf(request: object): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest()
}

/** Long texts (attachments) by their own hash: they need not be copied into one text with the rest. */
function sorted(value: unknown): unknown {
  if (typeof value === 'string' && value.length > LONG_TEXT) return { sha256: createHash('sha256').update(value).digest('hex') }
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
const LONG_TEXT = 1_000
