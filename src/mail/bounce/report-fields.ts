import { decodeWords } from '../encoded-word.ts'
import { cleanText } from '../raw-head.ts'

/** Fields of a report, by their name in lower case, each with all its values. */
export type Fields = ReadonlyMap<string, readonly string[]>

const GROUPS_MAX = 2_000
const LINES_MAX = 50_000
const TEXT_MAX = 4 * 1024 * 1024
const VALUE_MAX = 8_000

/**
 * The groups of fields in a machine-readable report (RFC 3464 §2.1, RFC 5965 §3), which empty lines part. Stray characters that mail has
 * suffered on its way, a `=` before a value or a name without its first letter, are forgiven.
 */
export function fieldGroups(text: string): Fields[] {
  const groups: Map<string, string[]>[] = []
  let group: Map<string, string[]> | null = null
  let last: string[] | null = null
  for (const line of text.slice(0, TEXT_MAX).split(/\r?\n/, LINES_MAX)) {
    if (line.trim() === '') {
      group = null
      last = null
      continue
    }
    if (/^[ \t]/.test(line) && last) {
      const before: string = last.pop() ?? ''
      last.push(before.length > VALUE_MAX ? before : `${before} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    if (!/^[a-z0-9-]{2,60}$/.test(name)) {
      last = null
      continue
    }
    if (group === null) {
      if (groups.length >= GROUPS_MAX) break
      group = new Map()
      groups.push(group)
    }
    last = group.get(name) ?? []
    last.push(
      line
        .slice(colon + 1)
        .replace(/^=(?= )/, '')
        .trim(),
    )
    group.set(name, last)
  }
  return groups.map((found) => new Map([...found].map(([name, values]) => [name, values.map(readable)])))
}

function readable(value: string): string {
  return cleanText(decodeWords(value.slice(0, VALUE_MAX))).trim()
}

/** The first value of a field, or null. */
export function field(fields: Fields, name: string): string | null {
  const value = fields.get(name)?.[0]
  return value === undefined || value === '' ? null : value
}
