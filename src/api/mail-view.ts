import { Refusal } from '../errors.ts'
import { sanitizeMailHtml } from '../mail/html.ts'
import type { MailParser } from '../mail/mail-parser.ts'
import type { ParsedMail, ReceivedFile } from '../mail/parse.ts'

/** A mail as the API shows it. */
export interface MailView {
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
  readonly text: string | null
  /** Made safe. */
  readonly html: string | null
  /** Pictures that would be fetched from elsewhere, shown or not. */
  readonly remoteImages: number
  readonly files: readonly ReceivedFile[]
}

/** Text beyond this is read in the source. */
const MAX_TEXT_CHARACTERS = 1_000_000
const MAX_INLINE_PICTURE_BYTES = 2 * 1024 * 1024
/** Not SVG: that is a document, which can carry scripts and references. */
const PICTURES = /^image\/(png|jpeg|gif|webp)$/
const CUT = '[The rest is left out here. The source has all of it.]'

export async function viewMail(parser: MailParser, bytes: Buffer, { images }: { images: boolean }): Promise<MailView> {
  const { headers, text, html, attachments } = await readMail(parser, bytes)
  const cidUrl = (contentId: string) => inlinePicture(attachments, contentId)
  const safe = html === null ? null : sanitizeMailHtml(html, { cidUrl, allowRemoteImages: images })
  return {
    headers,
    text:
      text === null || text.length <= MAX_TEXT_CHARACTERS
        ? text
        : `${text.slice(0, MAX_TEXT_CHARACTERS).toWellFormed()}\n\n${CUT}`,
    html: safe && (safe.truncated ? `${safe.html}<p>${CUT}</p>` : safe.html),
    remoteImages: safe?.remoteImages ?? 0,
    files: attachments,
  }
}

export async function readMail(parser: MailParser, bytes: Buffer): Promise<ParsedMail> {
  const result = await parser.parse(bytes)
  if (result.kind === 'parsed') return result.mail
  throw new Refusal('mail_unreadable', { why: result.reason })
}

/** A picture that came with the mail, as an address that needs no further request. */
function inlinePicture(files: readonly ReceivedFile[], contentId: string): string | null {
  const found = files.find((file) => file.contentId === contentId)
  if (!found || !PICTURES.test(found.contentType) || found.size > MAX_INLINE_PICTURE_BYTES) return null
  return `data:${found.contentType};base64,${Buffer.from(found.bytes).toString('base64')}`
}

/** A document of its own for a frame. Mail is written for paper-white pages, whatever the colours around the frame. */
export function documentOf({ html, text }: Pick<MailView, 'html' | 'text'>, { margin = 16 }: { margin?: number } = {}): string {
  const body = html ?? `<pre>${escapeHtml(text ?? '')}</pre>`
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
html { color-scheme: light; background: #fff; }
body { margin: ${margin}px; color: #1a1a1a; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
img:not([src]) { display: inline-block; min-width: 24px; min-height: 24px; border: 1px dashed #b5b5b5; }
pre { white-space: pre-wrap; font: inherit; }
</style>
</head>
<body>
${body}
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
