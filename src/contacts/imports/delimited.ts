/** Records separated by lines, cells separated by one character, quotes as in RFC 4180: read piece by piece. Pure. */

export interface Record_ {
  /** Where it begins, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
  /** As it stands there. */
  readonly raw: string
}

export interface DelimitedReader {
  /** The records that are complete now. */
  push(text: string): Record_[]
  end(): Record_[]
}

export const DELIMITERS = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof DELIMITERS)[number]

/** A record longer than this is cut off at the next end of a line: an unclosed quote must not swallow the rest of the file. */
export const MAX_RECORD_CHARACTERS = 64 * 1024
const MAX_QUOTED_LINES = 100

export function createDelimitedReader(delimiter: Delimiter): DelimitedReader {
  let rest = ''
  let line = 1

  function take(isEnd: boolean): Record_[] {
    const records: Record_[] = []
    let at = 0
    for (;;) {
      const end = endOfRecord(rest, at, delimiter, isEnd)
      if (end === null) break
      const raw = rest.slice(at, end.at)
      if (raw.trim() !== '') records.push({ line, cells: cellsOf(raw, delimiter), raw })
      line += end.lines
      at = end.next
      if (at >= rest.length) break
    }
    rest = rest.slice(at)
    return records
  }

  return {
    push(text) {
      rest += text
      return take(false)
    },
    end: () => take(true),
  }
}

interface End {
  readonly at: number
  readonly next: number
  readonly lines: number
}

/** Where the record that begins at `from` ends, and where the next begins; null while its end has not come. */
function endOfRecord(text: string, from: number, delimiter: string, isEnd: boolean): End | null {
  const plain = endOfLine(text, from, isEnd)
  if (plain === null) return isEnd && from < text.length ? { at: text.length, next: text.length, lines: 1 } : tooLong(text, from)
  if (!text.slice(from, plain.at).includes('"')) return { ...plain, lines: 1 }
  // A line with quotes: its end counts only outside of them.
  let inQuotes = false
  let end = plain
  let at = from
  for (let lines = 1; lines <= MAX_QUOTED_LINES && end.at - from <= MAX_RECORD_CHARACTERS; lines++) {
    inQuotes = quotedAfter(text, at, end.at, delimiter, inQuotes)
    if (!inQuotes) return { ...end, lines }
    const next = endOfLine(text, end.next, isEnd)
    if (next === null) {
      if (!isEnd) return text.length - from > MAX_RECORD_CHARACTERS ? { ...plain, lines: 1 } : null
      // The quote is never closed: its line is a record like any other.
      return { ...plain, lines: 1 }
    }
    at = end.at
    end = next
  }
  return { ...plain, lines: 1 }
}

function tooLong(text: string, from: number): End | null {
  return text.length - from > 2 * MAX_RECORD_CHARACTERS ? { at: text.length, next: text.length, lines: 0 } : null
}

function endOfLine(text: string, from: number, isEnd: boolean): { at: number; next: number } | null {
  const feed = text.indexOf('\n', from)
  const bound = feed === -1 ? text.length : feed
  // Only as far as the line goes: a file without any would be searched to its end for each of its lines.
  const found = text.slice(from, bound).indexOf('\r')
  const carriage = from + found
  if (found !== -1) {
    // It may be the first half of a line end whose second half has not come.
    if (carriage + 1 === text.length && !isEnd) return null
    return { at: carriage, next: text[carriage + 1] === '\n' ? carriage + 2 : carriage + 1 }
  }
  if (feed !== -1) return { at: feed, next: feed + 1 }
  return isEnd && from < text.length ? { at: text.length, next: text.length } : null
}

/** A quote opens only at the beginning of a cell: `5" disk` opens none. Inside, two of them are one. */
function quotedAfter(text: string, from: number, to: number, delimiter: string, inQuotes: boolean): boolean {
  let quoted = inQuotes
  for (let i = text.indexOf('"', from); i !== -1 && i < to; i = text.indexOf('"', i + 1)) {
    if (quoted && text[i + 1] === '"') i += 1
    else if (quoted) quoted = !closesAt(text, i, delimiter)
    else if (opensAt(text, i, delimiter)) quoted = true
  }
  return quoted
}

/** What goes on in the same cell after a quote was not closed by it: `"so "called" words"`, or a quote that another line opens. */
function closesAt(text: string, at: number, delimiter: string): boolean {
  let after = at + 1
  while (text[after] === ' ') after += 1
  const character = text[after]
  return character === undefined || character === delimiter || character === '\n' || character === '\r'
}

function opensAt(text: string, at: number, delimiter: string): boolean {
  let before = at - 1
  while (text[before] === ' ') before -= 1
  const character = text[before]
  return character === undefined || character === delimiter || character === '\n' || character === '\r'
}

export function cellsOf(raw: string, delimiter: string): string[] {
  if (!raw.includes('"')) return raw.split(delimiter).map((cell) => cell.trim())
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i] ?? ''
    if (quoted) {
      if (character !== '"') cell += character
      else if (raw[i + 1] === '"') {
        cell += '"'
        i += 1
      } else if (closesAt(raw, i, delimiter)) quoted = false
      else cell += character
    } else if (character === delimiter) {
      cells.push(cell.trim())
      cell = ''
    } else if (character === '"' && cell.trim() === '') {
      quoted = true
      cell = ''
    } else cell += character
  }
  return [...cells, cell.trim()]
}
