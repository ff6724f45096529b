import { decodeWords } from '../encoded-word.ts'
import type { ReceivedFile } from '../parse.ts'
import { cleanText } from '../raw-head.ts'
import { safeFilename } from '../safe-filename.ts'
import type { FilePart } from './body.ts'
import { decodeTransfer } from './transfer-decode.ts'

const TYPE = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/

/** A part as the file it is; `number` counts from 1 and names what has no name. */
export function toFile({ entity, isRelated }: FilePart, number: number): ReceivedFile {
  const { type, disposition, encoding, contentId } = entity
  const bytes = decodeTransfer(entity.body, encoding)
  const given = disposition?.parameters.get('filename') || type.parameters.get('name') || null
  const contentType = TYPE.test(type.value) ? type.value : 'application/octet-stream'
  const filename = given === null ? null : safeFilename(given)
  return {
    filename,
    name: filename ?? nameFor(contentType, bytes, number),
    contentType,
    size: bytes.length,
    contentId: idOf(contentId),
    disposition: disposition?.value === 'inline' || (isRelated && disposition?.value !== 'attachment') ? 'inline' : 'attachment',
    bytes: ofItsOwn(bytes),
  }
}

/** Memory that can be handed to another thread: nothing else lives in it. */
function ofItsOwn(bytes: Buffer): Uint8Array {
  return bytes.buffer.byteLength === bytes.length ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes)
}

function idOf(written: string): string | null {
  const id = cleanText(written)
    .replace(/^\s*<?|>?\s*$/g, '')
    .slice(0, 500)
  return id === '' ? null : id
}

/** Kinds whose ending is not simply what stands behind the slash. */
const NAMES: Readonly<Record<string, string>> = {
  'message/delivery-status': 'delivery-status.txt',
  'message/global-delivery-status': 'delivery-status.txt',
  'message/disposition-notification': 'disposition-notification.txt',
  'message/feedback-report': 'feedback-report.txt',
  'text/rfc822-headers': 'headers.txt',
  'text/calendar': 'invite.ics',
  'application/ics': 'invite.ics',
  'text/vcard': 'contact.vcf',
  'text/x-vcard': 'contact.vcf',
  'application/pkcs7-mime': 'smime.p7m',
  'application/x-pkcs7-mime': 'smime.p7m',
  'application/pkcs7-signature': 'smime.p7s',
  'application/x-pkcs7-signature': 'smime.p7s',
  'application/pgp-signature': 'signature.asc',
  'application/pgp-keys': 'key.asc',
  'application/pgp-encrypted': 'version.asc',
  'application/ms-tnef': 'winmail.dat',
  'application/vnd.ms-tnef': 'winmail.dat',
}
const ENDINGS: Readonly<Record<string, string>> = {
  'text/plain': 'txt',
  'text/html': 'html',
  'text/csv': 'csv',
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
  'image/x-icon': 'ico',
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'video/quicktime': 'mov',
  'application/gzip': 'gz',
  'application/x-gzip': 'gz',
  'application/msword': 'doc',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/octet-stream': 'bin',
}

/** A name for what has none: "invite.ics", "image-2.png". A mail within the mail is called by its subject. */
function nameFor(contentType: string, bytes: Buffer, number: number): string {
  if (contentType === 'message/rfc822' || contentType === 'message/global')
    return `${subjectOf(bytes) ?? `message-${number}`}.eml`
  const known = NAMES[contentType]
  if (known !== undefined) return known
  const [kind = '', subtype = ''] = contentType.split('/')
  const ending = ENDINGS[contentType] ?? (/^[a-z0-9]{2,5}$/.test(subtype) ? subtype : 'bin')
  return `${/^(?:image|audio|video|text)$/.test(kind) ? kind : 'file'}-${number}.${ending}`
}

function subjectOf(bytes: Buffer): string | null {
  const head = bytes.toString('latin1', 0, 16_384).split(/\r?\n\r?\n/, 1)[0] ?? ''
  const raw = /^subject:((?:[^\r\n]|\r?\n[ \t])*)/im
    .exec(head)?.[1]
    ?.replace(/[\r\n]+/g, '')
    .trim()
  if (!raw) return null
  const name = safeFilename(cleanText(decodeWords(Buffer.from(raw, 'latin1').toString('utf8'))).slice(0, 100))
  return name === 'unnamed' ? null : name
}
