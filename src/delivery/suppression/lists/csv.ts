/** Comma-separated values (RFC 4180), read piece by piece and written so that no program takes a cell for a formula. Pure. */

export interface CsvRecord {
  /** Where it begins, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvReader {
  /** The records that are complete now. */
  push(text: string): readonly CsvRecord[]
  end(): readonly CsvRecord[]
}

/** A record longer than this is cut off at the next end of a line: an unclosed quote must not swallow the rest of the file. */
const MAX_RECORD_CHARACTERS = 8_000
const SEPARATORS = [',', ';', '\t'] as const

/** The separator is the one that the first line has most of. */
export function createCsvReader(): CsvReader {
  let separator: string | null = null
  let rest = ''
  let line = 1

  function take(isEnd: boolean): CsvRecord[] {
    const records: CsvRecord[] = []
    for (;;) {
      const end = endOfRecord(rest, isEnd)
      if (end === null) return records
      const text = rest.slice(0, end.at)
      separator ??= separatorOf(text)
      if (text.trim() !== '') records.push({ line, cells: cellsOf(text, separator) })
      line += text.split('\n').length - 1 + (end.next > end.at ? 1 : 0)
      rest = rest.slice(end.next)
      if (end.isLast) return records
    }
  }

  return {
    push(text) {
      rest += line === 1 && rest === '' && separator === null ? text.replace(/^\ufeff/, '') : text
      return take(false)
    },
    end: () => take(true),
  }
}

/** Where the first record ends and where the next begins; null when its end has not come yet. */
function endOfRecord(text: string, isEnd: boolean): { at: number; next: number; isLast: boolean } | null {
  let inQuotes = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    const isTooLong = i > MAX_RECORD_CHARACTERS
    if (character === '"' && !isTooLong) inQuotes = !inQuotes
    // A CR may be the first half of a line end whose second half has not come.
    else if ((character === '\n' || character === '\r') && (!inQuotes || isTooLong)) {
      if (character === '\r' && i + 1 === text.length && !isEnd) return null
      return { at: i, next: character === '\r' && text[i + 1] === '\n' ? i + 2 : i + 1, isLast: false }
    }
  }
  if (isEnd) return text === '' ? null : { at: text.length, next: text.length, isLast: true }
  return text.length > 2 * MAX_RECORD_CHARACTERS ? { at: text.length, next: text.length, isLast: false } : null
}

function separatorOf(text: string): string {
  const count = (separator: string) => text.split(separator).length
  return SEPARATORS.toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

function cellsOf(text: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let inQuotes = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (inQuotes && character === '"' && text[i + 1] === '"') {
      cell += '"'
      i += 1
    } else if (character === '"') inQuotes = !inQuotes
    else if (character === separator && !inQuotes) {
      cells.push(cell)
      cell = ''
    } else cell += character
  }
  return [...cells, cell].map((each) => unescapeCell(each.trim()))
}

/** What a spreadsheet would take for a formula (=, +, -, @, or hidden behind a tab or a line end). */
const FORMULA = /^[=+\-@\t\r\n]/

export function escapeCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** Takes back what `escapeCell` put before a cell, so that an exported list can be read in again. */
function unescapeCell(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(escapeCell).join(',')}\r\n`
}
