import { Refusal } from '../errors.ts'

/**
 * Where a page ended, opaque to whoever carries it: the name of the list and the sort key of the last item. Not secret and not signed:
 * it can only ever choose a place in a list that its bearer may read anyway.
 */
export function encodeCursor(list: string, key: readonly string[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url')
}

/** The parts of the key, each approved by its check; refuses what is not a cursor of this list. */
export function decodeCursor(list: string, cursor: string, checks: ReadonlyArray<(part: string) => boolean>): string[] {
  const parts = parse(cursor)
  const key = parts?.slice(1)
  if (parts?.[0] !== list || key?.length !== checks.length || !key.every((part, i) => checks[i]?.(part)))
    throw new Refusal('invalid_cursor')
  return key
}

function parse(cursor: string): string[] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : null
  } catch {
    return null
  }
}
