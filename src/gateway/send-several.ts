import type { BlobStore } from '../blobs/blob-store.ts'
import type { Tx } from '../db/database.ts'
import { submit } from '../delivery/submit.ts'
import { assert } from '../lib/assert.ts'
import type { MessageId, WorkspaceId } from '../lib/ids.ts'
import { selectAnswers, takeKeys } from './queries.ts'
import type { Prepared } from './send.ts'

export interface ToSend extends Prepared {
  /** Null: it is new, whatever came before. */
  readonly key: { readonly text: string; readonly expiresAt: Date } | null
}

export type Sent =
  | { readonly kind: 'accepted'; readonly id: MessageId; readonly replayed: boolean }
  /** Its key came with another request before. */
  | { readonly kind: 'key_reused' }

/** Under a key of its own kind, that no client can write (theirs begin with a visible character), a repetition is known by what it is. */
export function repetitionKey(fingerprint: Buffer): string {
  return ` ${fingerprint.toString('base64url')}`
}

/**
 * Stores several messages of one workspace, each under its key, in one transaction: the price of a commit is theirs together. No two of them may
 * have the same key. The answers come in the order of the messages.
 */
export async function sendSeveral(
  tx: Tx,
  blobs: BlobStore,
  workspaceId: WorkspaceId,
  wanted: readonly ToSend[],
  now: Date,
): Promise<Sent[]> {
  const keyed = wanted.flatMap(({ key, requestHash, submission }) =>
    key === null ? [] : [{ key: key.text, expiresAt: key.expiresAt, requestHash, reply: { id: submission.id } }],
  )
  assert(new Set(keyed.map(({ key }) => key)).size === keyed.length, 'a key stands once in a transaction')
  const taken = keyed.length === 0 ? new Set<string>() : await takeKeys(tx, workspaceId, keyed, now)
  const known = keyed.filter(({ key }) => !taken.has(key)).map(({ key }) => key)
  const answers = known.length === 0 ? new Map() : await selectAnswers(tx, workspaceId, known)
  const isNew = ({ key }: ToSend) => key === null || taken.has(key.text)

  const fresh = wanted.filter(isNew)
  if (fresh.length > 0)
    await submit(
      tx,
      blobs,
      fresh.map(({ submission }) => submission),
      now,
    )
  return wanted.map((one) => {
    if (isNew(one)) return { kind: 'accepted', id: one.submission.id, replayed: false }
    const kept = answers.get(one.key?.text ?? '')
    if (!kept?.requestHash.equals(one.requestHash)) return { kind: 'key_reused' }
    return { kind: 'accepted', id: (kept.reply as { id: MessageId }).id, replayed: true }
  })
}
