import { parseStructured, type Structured } from './structured.ts'

/** A part of a mail that came from anywhere: its description, and its body still encoded; a multipart has parts instead. */
export interface Entity {
  readonly type: Structured
  readonly disposition: Structured | null
  /** In lower case: 'base64', … */
  readonly encoding: string
  /** As written. */
  readonly contentId: string
  readonly body: Buffer
  readonly parts: readonly Entity[] | null
}

export interface EntityLimits {
  readonly parts: number
  readonly depth: number
  /** Of the heads of all parts together. */
  readonly headerBytes: number
}

/** What is left of the limits; the one value that changes while a mail is read. */
interface Budget {
  parts: number
  headerBytes: number
}

/** Thrown when a mail has more of something than it may; parse.ts makes an answer of it. */
export class TooMuch extends Error {}

const LF = 10
const CR = 13

/** Reads how a mail is built. Nothing is decoded, and nothing copied, since most of a mail is looked at once only. */
export function readEntity(bytes: Buffer, bodyAt: number, limits: EntityLimits): Entity {
  return entityIn(bytes, { from: 0, bodyAt, to: bytes.length }, 0, 'text/plain', limits, {
    parts: limits.parts,
    headerBytes: limits.headerBytes,
  })
}

interface Range {
  readonly from: number
  readonly bodyAt: number
  readonly to: number
}

function entityIn(bytes: Buffer, range: Range, depth: number, usual: string, limits: EntityLimits, budget: Budget): Entity {
  if (depth > limits.depth) throw new TooMuch(`its parts are nested more than ${limits.depth} deep`)
  const fields = contentFields(bytes.toString('latin1', range.from, range.bodyAt))
  const written = fields.get('content-type')
  const type = parseStructured(written ?? usual)
  const disposition = fields.get('content-disposition')
  const entity = {
    // RFC 2045 §5.2: what is no type is plain text.
    type: /^[^/\s]+\/[^/\s]+$/.test(type.value) ? type : { ...type, value: written === undefined ? usual : 'text/plain' },
    disposition: disposition === undefined ? null : parseStructured(disposition),
    encoding:
      /[\w-]+/.exec((fields.get('content-transfer-encoding') ?? '').replace(/\([^()]{0,200}\)/g, ' '))?.[0]?.toLowerCase() ?? '',
    contentId: fields.get('content-id') ?? '',
    body: bytes.subarray(afterEmptyLine(bytes, range.bodyAt, range.to), range.to),
    parts: null,
  }
  if (!entity.type.value.startsWith('multipart/')) return entity
  const parts = partsIn(entity.body, entity.type, limits, budget)
  // Nothing divides it: then it is one text, whatever it says it is.
  if (parts.length === 0) return { ...entity, type: parseStructured('text/plain') }
  const inner = entity.type.value === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
  return { ...entity, parts: parts.map((part) => entityIn(entity.body, part, depth + 1, inner, limits, budget)) }
}

/** The headers that say how a part is to be read, one character a byte. Of two of one name the first counts. */
function contentFields(head: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const match of head.matchAll(
    /^(content-(?:type|disposition|transfer-encoding|id))[ \t]*:((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*)/gim,
  )) {
    const name = (match[1] ?? '').toLowerCase()
    if (!found.has(name)) found.set(name, (match[2] ?? '').replace(/[\r\n]+/g, '').trim())
  }
  return found
}

function afterEmptyLine(bytes: Buffer, at: number, to: number): number {
  if (at >= to) return to
  if (bytes[at] === LF) return at + 1
  return bytes[at] === CR && bytes[at + 1] === LF ? Math.min(at + 2, to) : at
}

function partsIn(body: Buffer, type: Structured, limits: EntityLimits, budget: Budget): Range[] {
  const boundary = type.parameters.get('boundary') || guessedBoundary(body)
  if (boundary === '') return []
  const ranges: Range[] = []
  let from = -1
  for (const line of delimiters(body, boundary)) {
    if (from !== -1) ranges.push(rangeOf(body, from, Math.max(line.start, from), budget, limits))
    if (ranges.length > 0 && --budget.parts < 0) throw new TooMuch(`it has more than ${limits.parts} parts`)
    from = line.isClosing ? -1 : line.end
    if (line.isClosing) break
  }
  // A mail that was cut off ends without its last delimiter.
  if (from !== -1 && from < body.length) ranges.push(rangeOf(body, from, body.length, budget, limits))
  return ranges
}

/** Where a program forgot to name its boundary, or named it in a way that cannot be read: the first line that looks like one. */
function guessedBoundary(body: Buffer): string {
  const first = /^(?:[^\r\n]{0,200}\r?\n){0,3}?--([^\s]{4,70})[ \t]*\r?\n(?=content-)/i.exec(body.toString('latin1', 0, 2_000))
  return first?.[1] ?? ''
}

interface Delimiter {
  /** Without the line end before it, which belongs to it (RFC 2046 §5.1.1). */
  readonly start: number
  readonly end: number
  readonly isClosing: boolean
}

function* delimiters(body: Buffer, boundary: string): Generator<Delimiter> {
  const mark = Buffer.from(`--${boundary}`, /[^\x00-\xff]/.test(boundary) ? 'utf8' : 'latin1')
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== LF) continue
    let rest = at + mark.length
    const isClosing = body[rest] === 45 && body[rest + 1] === 45
    if (isClosing) rest += 2
    while (body[rest] === 32 || body[rest] === 9) rest += 1
    if (rest < body.length && body[rest] !== LF && !(body[rest] === CR && (body[rest + 1] === LF || rest + 1 === body.length)))
      continue
    const end = body.indexOf(LF, rest)
    const start = at === 0 ? 0 : body[at - 2] === CR ? at - 2 : at - 1
    yield { start, end: end === -1 ? body.length : end + 1, isClosing }
  }
}

function rangeOf(body: Buffer, from: number, to: number, budget: Budget, limits: EntityLimits): Range {
  const bodyAt = endOfHead(body, from, to)
  budget.headerBytes -= bodyAt - from
  if (budget.headerBytes < 0) throw new TooMuch(`the headers of its parts are larger than ${limits.headerBytes / 1024} KB`)
  return { from, bodyAt, to }
}

/** The first empty line of a part, or its end. */
export function endOfHead(body: Buffer, from: number, to: number): number {
  for (let start = from; start < to; ) {
    if (body[start] === LF || (body[start] === CR && body[start + 1] === LF)) return start
    const next = body.indexOf(LF, start)
    if (next === -1 || next >= to) return to
    start = next + 1
  }
  return to
}
