import { createHash } from 'node:crypto'
import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import type { ItemFile } from '../helpdesk/item.ts'
import { authenticate } from '../mail/authenticate.ts'
import type { AuthenticationDns, MailAuthentication } from '../mail/authentication.ts'
import { type Automatic, automaticOf } from '../mail/automatic.ts'
import type { InboundReading } from '../mail/bounce/inbound.ts'
import { readInbound } from '../mail/bounce/read-inbound.ts'
import type { MailParser } from '../mail/mail-parser.ts'
import type { ParsedMail, ReceivedFile } from '../mail/parse.ts'
import type { MailReading } from '../mail/read-mail.ts'
import { type ReplyKeys, replyKeysOf } from '../mail/reply-keys.ts'
import type { VisibleText } from '../mail/visible-text.ts'
import { findMailbox } from '../mailboxes/mailboxes.ts'
import type { QuarantineReason } from './inbound-mail.ts'
import type { ClaimedMail } from './queries.ts'
import { findSource } from './sources/manage.ts'

/** Everything that a mail says by itself, before the database is asked anything about it. */
export interface ReadMail {
  readonly mail: ParsedMail
  readonly contentHash: Buffer
  readonly reading: InboundReading
  readonly automatic: Automatic | null
  readonly keys: ReplyKeys
  readonly body: VisibleText
  readonly files: readonly ItemFile[]
  readonly blobs: readonly StagedBlob[]
  readonly authentication: MailAuthentication
}

export type MailRead =
  | { readonly ok: true; readonly read: ReadMail }
  | {
      readonly ok: false
      readonly reason: QuarantineReason
      readonly detail: string
      /** As they came, where they are there. */
      readonly bytes: Buffer | null
    }

export interface ReadDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly parser: MailParser
  /** Asked whether a mail comes from whom it says. */
  readonly dns: AuthenticationDns
}

/** Reads the stored bytes, `content` where they were fetched already. No transaction is open: parsing takes its time, and files are put on disk. */
export async function readClaimed(
  { database, blobs, parser, dns }: ReadDeps,
  claimed: ClaimedMail,
  content?: string,
): Promise<MailRead> {
  const { workspaceId, isCut, sizeBytes } = claimed
  const bytes = content === undefined ? await bytesOf({ database, blobs }, claimed) : Buffer.from(content, 'latin1')
  if (bytes === null) return failed('bytes_missing', 'Its bytes are not there any more, or not as they were written.', null)
  if (isCut)
    return failed('too_large', `It is larger than may be taken in; its first ${Math.ceil(sizeBytes / 1024)} KB are kept.`, bytes)
  const parsed = await parser.read(bytes)
  if (parsed.kind === 'unreadable') return failed('unreadable', `It cannot be read, because ${parsed.reason}.`, bytes)
  const { mail, body } = parsed
  const staged = await Promise.all(mail.attachments.map((file) => blobs.stage(workspaceId, Buffer.from(file.bytes))))
  return {
    ok: true,
    read: {
      ...whatItSays(parsed, bytes, claimed),
      files: mail.attachments.map((file, ordinal) => toFile(file, ordinal, staged[ordinal]?.hash ?? Buffer.alloc(0), body)),
      blobs: staged,
      authentication: await authenticate(await receivedAs(database, claimed, mail, bytes), dns),
    },
  }
}

/** Null: they are not there any more, or not as they were written. */
export async function bytesOf(
  { database, blobs }: Pick<ReadDeps, 'database' | 'blobs'>,
  { workspaceId, hash }: Pick<ClaimedMail, 'workspaceId' | 'hash'>,
): Promise<Buffer | null> {
  const content = (await blobs.read(database.db, workspaceId, [hash])).get(hash)
  return content === undefined ? null : Buffer.from(content, 'latin1')
}

/** All that a decision about it is made of, but for what is known here. */
export function whatItSays(
  { mail, body }: Extract<MailReading, { kind: 'parsed' }>,
  bytes: Buffer,
  { envelopeSender, envelopeRecipients }: Pick<ClaimedMail, 'envelopeSender' | 'envelopeRecipients'>,
): Pick<ReadMail, 'mail' | 'contentHash' | 'reading' | 'automatic' | 'keys' | 'body'> {
  return {
    mail,
    contentHash: contentHashOf(mail, bytes),
    reading: readInbound(mail),
    automatic: automaticOf(mail, envelopeSender),
    keys: replyKeysOf(mail, envelopeRecipients),
    body,
  }
}

/** What came by SMTP came from a client; what was fetched was received by its mailbox's server, which may have said what it thinks of it. */
async function receivedAs(
  { db }: Database,
  { workspaceId, sourceId, remoteIp, helo, envelopeSender }: ClaimedMail,
  mail: ParsedMail,
  raw: Buffer,
): Promise<Parameters<typeof authenticate>[0]> {
  const client = remoteIp === null ? null : { ip: remoteIp, helo: helo ?? '', envelopeSender: envelopeSender ?? '' }
  const isTold = client === null && sourceId !== null && mail.headers.some(({ name }) => /^authentication-results$/i.test(name))
  const source = isTold ? await findSource(db, workspaceId, sourceId) : null
  const mailbox = source?.mailboxId ? await findMailbox(db, workspaceId, source.mailboxId) : null
  return { raw, mail, client, receivers: mailbox ? [mailbox.settings.host] : [] }
}

function failed(reason: QuarantineReason, detail: string, bytes: Buffer | null): MailRead {
  return { ok: false, reason, detail, bytes }
}

function toFile(file: ReceivedFile, ordinal: number, hash: Buffer, { html }: VisibleText): ItemFile {
  const { contentId } = file
  const isShown = contentId !== null && `${html?.visible ?? ''}${html?.quoted ?? ''}`.includes(encodeURIComponent(contentId))
  return {
    ordinal,
    filename: file.name,
    contentType: file.contentType,
    sizeBytes: file.size,
    contentId,
    isInline: isShown && file.contentType.startsWith('image/'),
    hash: hash.toString('hex'),
  }
}

/**
 * Of what the sender wrote: the same mail that came by two ways, with other Received lines above it, has the same; another mail under an old Message-ID
 * has not.
 */
function contentHashOf(mail: ParsedMail, bytes: Buffer): Buffer {
  const hash = createHash('sha256')
  hash.update(`${mail.from?.address ?? ''}\0${mail.date?.getTime() ?? ''}\0${mail.subject}\0`)
  if (mail.text === null && mail.html === null && mail.attachments.length === 0) return hash.update(bytes).digest()
  hash.update(`${mail.text ?? ''}\0${mail.html ?? ''}\0`)
  for (const { filename, size, bytes: content } of mail.attachments) hash.update(`${filename ?? ''}\0${size}\0`).update(content)
  return hash.digest()
}
