import type { MailboxProblem } from './mailbox.ts'

/** What a folder is for, as the server says (RFC 6154) or its name does. */
export type FolderRole = 'inbox' | 'junk' | 'sent' | 'trash' | 'drafts' | 'archive' | 'all' | 'other'

export interface Folder {
  readonly path: string
  readonly role: FolderRole
}

/** The open folder: UIDs mean something only together with `uidValidity`. */
export interface OpenFolder {
  readonly path: string
  readonly uidValidity: bigint
  /** The next mail gets at least this. */
  readonly uidNext: number
  readonly exists: number
}

export interface RawMail {
  readonly uid: number
  /** Up to `maxBytes` of it. */
  readonly raw: Buffer
  readonly sizeBytes: number
  readonly isCut: boolean
  /** When the server took it (INTERNALDATE). */
  readonly receivedAt: Date | null
  readonly flags: readonly string[]
}

/** An IMAP mailbox that is open. Whatever fails ends the session with a problem. */
export interface OpenMailbox {
  folders(): Promise<readonly Folder[]>
  open(path: string, mode?: 'read' | 'write'): Promise<OpenFolder>
  /** UIDs above `uid` in the open folder, the newest `limit` of them, oldest first. */
  uidsAfter(uid: number, limit: number): Promise<readonly number[]>
  /** Null: it is not there any more. */
  fetch(uid: number, maxBytes: number): Promise<RawMail | null>
  /** The first `maxBytes` of each: enough for their heads. */
  heads(uids: readonly number[], maxBytes: number): Promise<readonly RawMail[]>
  markSeen(uids: readonly number[]): Promise<void>
  move(uids: readonly number[], path: string): Promise<void>
  remove(uids: readonly number[]): Promise<void>
  /** Puts a mail into a folder, as if it had been sent from there: read already. */
  append(path: string, raw: Buffer, at: Date): Promise<void>
  /** Whether the folder has a mail with this Message-ID, angle brackets included. It becomes the open folder. */
  holds(path: string, messageId: string): Promise<boolean>
}

export type Session<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: MailboxProblem }

/** A folder as it is now. `generation` is its UIDVALIDITY; always 0 with POP3. */
export interface FolderNow {
  readonly path: string
  readonly generation: bigint
  readonly exists: number
  /** The highest UID that was ever given out in it; 0 with POP3. */
  readonly lastUid: number
}

/** A mail on its server: `key` is its UID, or its UIDL with POP3, and means something within folder and generation only. */
export interface Arrival {
  readonly path: string
  readonly generation: bigint
  readonly key: string
  readonly sizeBytes: number
}

/** What of a folder was taken already. */
export interface Taken {
  /** IMAP: everything up to this UID of this generation. */
  readonly lastUid: number
  /** POP3: which of these UIDLs are new. */
  unseen(uidls: readonly string[]): Promise<readonly string[]>
}

/** What both protocols give to somebody who takes mail from a mailbox. Nothing here changes a flag, moves or deletes unless it is called for it. */
export interface MailReader {
  /** POP3 has one: INBOX. */
  folders(): Promise<readonly Folder[]>
  enter(path: string, mode?: 'read' | 'write'): Promise<FolderNow>
  /** What is new in the entered folder, oldest first, at most `limit`. */
  arrivals(taken: Taken, limit: number): Promise<readonly Arrival[]>
  /** Null: it is not there any more. A mail larger than `maxBytes` comes cut. */
  fetch(arrival: Arrival, maxBytes: number): Promise<RawMail | null>
  /** Everything the entered folder has up to this UID, page by page; all of it with POP3. */
  keysUpTo(uid: number): AsyncIterable<readonly Pick<Arrival, 'key' | 'sizeBytes'>[]>
  /** The last one of the entered folder; null when it is empty. */
  newest(): Promise<Arrival | null>
  /** Keys are those of the entered folder, which must be open for writing. POP3 can neither mark nor move. */
  markSeen(keys: readonly string[]): Promise<void>
  move(keys: readonly string[], path: string): Promise<void>
  remove(keys: readonly string[]): Promise<void>
}
