import { boundaryOf, partsOf } from './multipart.ts'
import { type Field, readHead } from './raw-head.ts'

/** A part of a mail, with the parts it consists of: what it is made of, not what it says. */
export interface MimePart {
  /** `text/plain`, in lower case. */
  readonly type: string
  /** The whole Content-Type, or what is meant where there is none (RFC 2045 §5.2). */
  readonly contentType: string
  /** `attachment` or `inline`, or null where nothing is said. */
  readonly disposition: string | null
  readonly fields: readonly Field[]
  readonly parts: readonly MimePart[]
}

const MAX_DEPTH = 20

/** How a mail is built; null when that cannot be read without guessing. One character a byte. */
export function readMimeTree(content: string): MimePart | null {
  try {
    return partIn(content, 0)
  } catch {
    return null
  }
}

function partIn(entity: string, depth: number): MimePart | null {
  if (depth > MAX_DEPTH) return null
  const { fields, body } = readHead(entity)
  const contentType = textOf(fields, 'content-type') ?? 'text/plain'
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const disposition = textOf(fields, 'content-disposition')?.split(';', 1)[0]?.trim().toLowerCase() ?? null
  if (!type.startsWith('multipart/')) return { type, contentType, disposition, fields, parts: [] }
  const boundary = boundaryOf(contentType)
  const parts = boundary === null ? null : partsOf(body, boundary)?.map((part) => partIn(part, depth + 1))
  if (!parts || parts.includes(null)) return null
  return { type, contentType, disposition, fields, parts: parts as MimePart[] }
}

function textOf(fields: readonly Field[], key: string): string | null {
  return fields.find((field) => field.key === key)?.value ?? null
}
