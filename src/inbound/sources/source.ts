/**
 * Where mail is fetched from: a mailbox on another server, or a folder of files on this one; or who hands it over: Amazon SES, by a topic.
 *
 *   untried ──read to the end──▶ working ◀──▶ failing
 *      └──────────── paused (switched off) ◀── any
 *
 * Whoever holds the lease of its row fetches; new settings make it untried and take the lease away. It is not the queue: what was fetched is a row of
 * inbound_mail. The same law stands as CHECKs in migrations/0027_inbound.sql, 0030_sources.sql and
 * 0037_provider_sources.sql.
 */
import { MINUTE } from '../../lib/clock.ts'
import type { InboxId, RouteId, SourceId, WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId, MailboxProblem } from '../../mailboxes/mailbox.ts'

export const AFTERWARDS = ['leave', 'mark_seen', 'move', 'delete'] as const
/** What is done with a mail on its server once it was processed here. */
export type Afterwards = (typeof AFTERWARDS)[number]

/** new: what comes from now on. all: what is there already, too. */
export const BEGINNINGS = ['new', 'all'] as const
export type Beginning = (typeof BEGINNINGS)[number]

export const SOURCE_STATES = ['untried', 'working', 'failing', 'paused'] as const
export type SourceState = (typeof SOURCE_STATES)[number]

export interface FolderCount {
  readonly path: string
  /** On the server, of what was to be taken so far. */
  readonly on_server: number
  /** Of these, how many have a row. */
  readonly here: number
  /** Found missing, and fetched by the count itself. */
  readonly fetched: number
}

export interface Counted {
  readonly at: string
  readonly folders: readonly FolderCount[]
}

export interface Source {
  readonly workspaceId: WorkspaceId
  readonly id: SourceId
  readonly kind: 'mailbox' | 'folder' | 'ses'
  readonly name: string
  readonly mailboxId: MailboxId | null
  /** Of a folder of files: its name below the import folder. */
  readonly path: string | null
  /** Of SES: the only topic that is believed. */
  readonly topicArn: string | null
  /** Whose access to AWS reads what SES put into S3. */
  readonly routeId: RouteId | null
  readonly folders: readonly string[]
  /** Where its mail goes; null: by whom it is addressed to. */
  readonly inboxId: InboxId | null
  readonly afterwards: Afterwards
  readonly moveTo: string | null
  readonly beginWith: Beginning
  readonly isEnabled: boolean
  readonly state: SourceState
  readonly problem: MailboxProblem | null
  readonly stateSince: Date
  readonly lastHeardAt: Date | null
  readonly listening: 'push' | 'poll' | null
  readonly lastMailAt: Date | null
  readonly counted: Counted | null
  readonly failures: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** How long a source may fail before somebody is told: servers restart, and come back. */
export const FAILING_MATTERS_MS = 10 * MINUTE
/** A source that listens is heard of every minute. After so long without, nobody runs it, or whoever does hangs. */
export const SILENCE_MATTERS_MS = 15 * MINUTE

export type Trouble = 'reconnect' | 'failing' | 'silent'

/** What of a source needs a person, if anything does. */
export function troubleOf(
  { kind, isEnabled, state, stateSince, problem, lastHeardAt, updatedAt }: Source,
  now: Date,
): Trouble | null {
  if (!isEnabled) return null
  if (state === 'failing')
    return problem?.cause === 'reconnect'
      ? 'reconnect'
      : now.getTime() - stateSince.getTime() >= FAILING_MATTERS_MS
        ? 'failing'
        : null
  // Whoever hands mail over is heard of when there is some.
  if (kind === 'ses') return null
  const heardAt = Math.max(lastHeardAt?.getTime() ?? 0, updatedAt.getTime())
  return now.getTime() - heardAt >= SILENCE_MATTERS_MS ? 'silent' : null
}

/** A name below the import folder, which must not lead out of it. */
export function isFolderName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text) && !text.includes('..')
}

/** The mail of one server must not be fetched twice, however its name is written. */
export function isSameMailbox(
  a: { readonly host: string; readonly username: string },
  b: { readonly host: string; readonly username: string },
): boolean {
  const plain = ({ host, username }: typeof a) => `${host.toLowerCase().replace(/\.$/, '')} ${username.toLowerCase()}`
  return plain(a) === plain(b)
}
