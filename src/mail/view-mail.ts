import PostalMime, { decodeWords } from 'postal-mime'
import { type SafeHtml, safeHtml } from './safe-html.ts'

/** A mail as people look at it. */
export interface MailView extends Omit<SafeHtml, 'html'> {
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly AttachmentView[]
}

export interface AttachmentView {
  readonly index: number
  readonly filename: string
  readonly contentType: string
  readonly sizeBytes: number
}

const MAX_HEADERS = 500
const MAX_HEADER_CHARACTERS = 10_000
const MAX_TEXT_CHARACTERS = 1_000_000
const MAX_INLINE_IMAGE_BYTES = 2 * 1024 * 1024
const LIMITS = { maxNestingDepth: 50, maxHeadersSize: 512 * 1024, maxRfc822NestingDepth: 3 } as const
const CUT = '\n\n[The rest is left out here. The source has all of it.]'
/** Not SVG: it is a document that can carry scripts and references. */
const PICTURES = /^image\/(png|jpeg|gif|webp)$/

/** Takes seconds for tens of megabytes, so it belongs into a thread of its own. Throws on a mail that is nested beyond reason. */
export async function viewMail(
  bytes: Uint8Array,
  options: { readonly images: boolean; readonly styles: boolean },
): Promise<MailView> {
  const mail = await PostalMime.parse(bytes, LIMITS)
  const inlineImage = (contentId: string) => {
    const found = mail.attachments.find((attachment) => attachment.contentId === `<${decode(contentId)}>`)
    if (!found || !PICTURES.test(found.mimeType)) return null
    const content = bytesOf(found.content)
    return content.length > MAX_INLINE_IMAGE_BYTES ? null : `data:${found.mimeType};base64,${content.toString('base64')}`
  }
  const safe = mail.html === undefined ? null : safeHtml(mail.html.slice(0, MAX_TEXT_CHARACTERS), { ...options, inlineImage })
  return {
    headers: mail.headers
      .slice(0, MAX_HEADERS)
      .map(({ originalKey, value }) => ({ name: originalKey, value: decodeWords(value.slice(0, MAX_HEADER_CHARACTERS)) })),
    text: mail.text === undefined ? null : cut(mail.text),
    html: safe?.html ?? null,
    remoteImages: safe?.remoteImages ?? 0,
    attachments: mail.attachments.map(({ filename, mimeType, content }, index) => ({
      index,
      filename: filename ?? `part-${index + 1}`,
      contentType: mimeType,
      sizeBytes: bytesOf(content).length,
    })),
  }
}

/** Null when there is no attachment with this number. */
export async function readAttachment(
  bytes: Uint8Array,
  index: number,
): Promise<{ filename: string; content: Uint8Array } | null> {
  const mail = await PostalMime.parse(bytes, LIMITS)
  const found = mail.attachments[index]
  return found ? { filename: found.filename ?? `part-${index + 1}`, content: bytesOf(found.content) } : null
}

function bytesOf(content: ArrayBuffer | Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content)
  return content instanceof Uint8Array
    ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    : Buffer.from(content)
}

function cut(text: string): string {
  return text.length > MAX_TEXT_CHARACTERS ? text.slice(0, MAX_TEXT_CHARACTERS).toWellFormed() + CUT : text
}

function decode(contentId: string): string {
  try {
    return decodeURIComponent(contentId)
  } catch {
    return contentId
  }
}
