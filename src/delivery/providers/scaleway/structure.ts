import type { MimePart } from '../../../mail/mime-tree.ts'
import { SCALEWAY_FILE_TYPES, SCALEWAY_LIMITS, SCALEWAY_PART_WRITES } from './limits.ts'

/** What a mail consists of, where Scaleway has a field for each part. */
export interface Carryable {
  readonly hasText: boolean
  readonly hasHtml: boolean
  readonly files: readonly MimePart[]
}

/**
 * Whether a mail built so can be taken apart into one text, one HTML and files, and nothing of it be lost; if not, which part is in the
 * way, in a sentence.
 */
export function carryableOf(root: MimePart): Carryable | string {
  const [body, ...files] = root.type === 'multipart/mixed' ? root.parts : [root]
  if (!body) return 'it has no part to read'
  const texts = bodyOf(body)
  if (typeof texts === 'string') return texts
  for (const file of files) {
    const why = whyNoFile(file)
    if (why !== null) return why
  }
  if (files.length > SCALEWAY_LIMITS.attachments)
    return `it has ${files.length} attachments, and Scaleway takes ${SCALEWAY_LIMITS.attachments}`
  const odd = [body, ...body.parts, ...files]
    .filter((part) => part !== root)
    .map(oddField)
    .find((name) => name !== null)
  if (odd !== undefined && odd !== null) return `a part of it has the header ${odd}, which Scaleway cannot carry`
  return { hasText: texts.includes('text/plain'), hasHtml: texts.includes('text/html'), files }
}

function bodyOf(part: MimePart): readonly string[] | string {
  if (part.type === 'multipart/related')
    return 'it has an inline image or another part that its HTML refers to (multipart/related)'
  if (part.type === 'multipart/alternative') return alternativesOf(part)
  if (part.type.startsWith('multipart/')) return `it has a part of the type ${part.type}`
  if (part.disposition === 'attachment') return 'it has files but no text'
  const why = whyNoText(part)
  return why ?? [part.type]
}

function alternativesOf({ parts }: MimePart): readonly string[] | string {
  for (const part of parts) {
    const nested = part.type === 'multipart/related' ? bodyOf(part) : whyNoText(part)
    if (typeof nested === 'string') return nested
  }
  const types = parts.map(({ type }) => type)
  if (new Set(types).size < types.length) return 'it says the same twice in one type (multipart/alternative)'
  return types
}

function whyNoText({ type, contentType }: MimePart): string | null {
  if (type === 'text/calendar') return 'it has a calendar part (text/calendar) beside its text'
  if (type !== 'text/plain' && type !== 'text/html') return `it has a part of the type ${type} in the place of its text`
  return /;\s*(?:delsp|report-type|amp)\s*=/i.test(contentType) ? `its text has the form ${contentType.slice(0, 80)}` : null
}

function whyNoFile({ type, contentType, disposition, parts }: MimePart): string | null {
  if (parts.length > 0) return `it has a nested part of the type ${type}`
  if (disposition === 'inline') return `it has an inline part of the type ${type}`
  if ((type === 'text/plain' || type === 'text/html') && disposition === null) return 'it has a second text'
  if (/;\s*method\s*=/i.test(contentType)) return 'it has a calendar invitation, whose method Scaleway cannot carry'
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset !== undefined && !['utf-8', 'us-ascii'].includes(charset)) return `it has a file in the character set ${charset}`
  return SCALEWAY_FILE_TYPES.has(type) ? null : `it has an attachment of the type ${type}, which Scaleway does not take`
}

function oddField(part: MimePart): string | null {
  return part.fields.find(({ key }) => !SCALEWAY_PART_WRITES.has(key))?.name ?? null
}
