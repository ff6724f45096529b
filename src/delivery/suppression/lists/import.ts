import type { NewSuppression } from '../queries.ts'
import { createCsvReader } from './csv.ts'
import { type Fields, fieldsOf, headerOf, readLine } from './read-line.ts'

const LIST_FORMATS = ['csv', 'jsonl'] as const
export type ListFormat = (typeof LIST_FORMATS)[number]

export interface Imported {
  readonly lines: number
  readonly added: number
  /** On the list already, for as long or longer. */
  readonly unchanged: number
  readonly refused: number
  /** The first of what was refused, by line. */
  readonly problems: ReadonlyArray<{ readonly line: number; readonly text: string; readonly problem: string }>
  /** The list was longer than one import takes: what comes after this line was not read. */
  readonly endedAt: number | null
}

const CHUNK = 1_000
const MAX_LINES = 1_000_000
const MAX_PROBLEMS = 1_000
const MAX_SHOWN = 120
/** A line of JSON lines longer than this is refused without being parsed. */
const MAX_LINE_CHARACTERS = 8_000

interface Line {
  readonly line: number
  readonly text: string
  readonly fields: Fields | null
}

/**
 * Reads a list piece by piece and saves it a thousand lines at a time: what was saved stays, whatever comes after. A line that cannot be read is told, and
 * the others go on. `save` says how many were new.
 */
export async function importSuppressions(
  source: AsyncIterable<Uint8Array>,
  format: ListFormat,
  save: (rows: readonly NewSuppression[]) => Promise<number>,
  now: Date,
): Promise<Imported> {
  const problems: { line: number; text: string; problem: string }[] = []
  let [lines, added, read, refused] = [0, 0, 0, 0]
  let endedAt: number | null = null
  let waiting: NewSuppression[] = []
  const flush = async () => {
    if (waiting.length > 0) added += await save(waiting)
    waiting = []
  }
  for await (const line of format === 'csv' ? csvLines(source) : jsonLines(source)) {
    if (lines >= MAX_LINES) {
      endedAt = line.line
      break
    }
    lines += 1
    const result = line.fields
      ? readLine(line.fields, now)
      : { ok: false as const, problem: 'This line is no JSON object with an address.' }
    if (result.ok) {
      read += 1
      waiting.push(result.suppression)
      if (waiting.length >= CHUNK) await flush()
    } else {
      refused += 1
      if (problems.length < MAX_PROBLEMS) problems.push({ line: line.line, text: shown(line.text), problem: result.problem })
    }
  }
  await flush()
  return { lines, added, unchanged: read - added, refused, problems, endedAt }
}

async function* csvLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const reader = createCsvReader()
  let columns: ReturnType<typeof headerOf> = null
  const toLine = ({ line, cells }: { line: number; cells: readonly string[] }): Line | null => {
    if (columns === null) {
      columns = headerOf(cells)
      if (columns !== null) return null
      columns = ['address']
    }
    return { line, text: cells.join(', '), fields: fieldsOf(cells, columns) }
  }
  for await (const text of textOf(source)) {
    for (const record of reader.push(text)) {
      const line = toLine(record)
      if (line) yield line
    }
  }
  for (const record of reader.end()) {
    const line = toLine(record)
    if (line) yield line
  }
}

async function* jsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest = ''
  let line = 0
  for await (const text of textOf(source)) {
    rest += text
    const parts = rest.split('\n')
    rest = parts.pop() ?? ''
    // Nobody's line is that long; the rest of it must not gather in memory.
    if (rest.length > 2 * MAX_LINE_CHARACTERS) rest = rest.slice(0, MAX_LINE_CHARACTERS + 1)
    for (const part of parts) {
      line += 1
      if (part.trim() !== '') yield { line, text: part, fields: parseFields(part) }
    }
  }
  if (rest.trim() !== '') yield { line: line + 1, text: rest, fields: parseFields(rest) }
}

async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const chunk of source) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

/** `"ann@example.org"`, or an object with an address and whatever else is known. */
function parseFields(text: string): Fields | null {
  if (text.length > MAX_LINE_CHARACTERS) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value === 'string') return { address: value }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const columns = headerOf(entries.map(([name]) => name))
  return columns
    ? fieldsOf(
        entries.map(([, text]) => text),
        columns,
      )
    : null
}

function shown(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line
}
