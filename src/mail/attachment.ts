import { Refusal } from '../errors.ts'
import { findControl } from './characters.ts'
import type { Part } from './compose.ts'
import { headerParameter } from './header.ts'
import { base64Lines, isSevenBitText } from './transfer-encoding.ts'

export interface Attachment {
  readonly filename: string
  /** `type/subtype` with parameters; null: application/octet-stream. */
  readonly contentType?: string | null
  readonly content: Buffer
  /** For `cid:` references in the HTML, without angle brackets; makes the attachment inline unless `disposition` says otherwise. */
  readonly contentId?: string | null
  readonly disposition?: 'attachment' | 'inline'
}

const FILENAME_MAX = 255
const TOKEN = "[A-Za-z0-9!#$&'*+.^_`|~-]+"
const TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:; ?${TOKEN}=(?:${TOKEN}|"[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]*"))*$`)

/** An attachment as a part of a message. Its name is written for every reader, its bytes in base64. */
export function attachmentPart(attachment: Attachment, disposition: 'attachment' | 'inline'): Part {
  const { filename, content } = attachment
  const bad = findControl(filename)
  if (bad) throw new Refusal('control_character', { field: `The filename ${JSON.stringify(filename.slice(0, 80))}` })
  if (filename.length > FILENAME_MAX)
    throw new Refusal('invalid_request', { why: `A filename is longer than ${FILENAME_MAX} characters.` })

  const { type, encoding, body } = encoded(typeOf(attachment), content)
  let fields = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n`
  fields += `Content-Disposition: ${disposition}${filename === '' ? '' : headerParameter('filename', filename)}\r\n`
  if (attachment.contentId) fields += `Content-ID: <${contentIdOf(attachment.contentId)}>\r\n`
  return { fields, content: body }
}

function typeOf({ contentType, filename }: Attachment): string {
  const type = contentType ?? 'application/octet-stream'
  const wrong = type.length > 255 || !TYPE.test(type)
  if (wrong || /^multipart\//i.test(type)) {
    throw new Refusal('invalid_request', {
      why: `${JSON.stringify(type.slice(0, 100))} cannot be the content type of ${JSON.stringify(filename.slice(0, 80))}: write it like application/pdf.`,
    })
  }
  return type.replaceAll('; ', ';').replaceAll(';', ';\r\n ')
}

/** A message within a message may not be encoded (RFC 2046 §5.2.1): one that is not plain goes as a file, which mail programs open as well. */
function encoded(type: string, content: Buffer): { type: string; encoding: string; body: string } {
  if (!/^message\//i.test(type)) return { type, encoding: 'base64', body: base64Lines(content) }
  const lines = content.toString('latin1')
  const plain = isSevenBitText(lines) && !/\r(?!\n)|(?<!\r)\n/.test(lines)
  return plain
    ? { type, encoding: '7bit', body: lines }
    : { type: 'application/octet-stream', encoding: 'base64', body: base64Lines(content) }
}

function contentIdOf(id: string): string {
  const bare = id.replace(/^<(.*)>$/, '$1')
  if (!/^[\x21-\x3b\x3d\x3f-\x7e]{1,200}$/.test(bare)) {
    throw new Refusal('invalid_request', {
      why: `${JSON.stringify(id.slice(0, 100))} cannot be a content id: it takes up to 200 printable ASCII characters without space.`,
    })
  }
  return bare
}
