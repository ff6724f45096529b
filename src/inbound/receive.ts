import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { type InboundMailId, newId } from '../lib/ids.ts'
import type { Arrival } from './inbound-mail.ts'
import { insertInbound } from './queries.ts'

export interface ReceiveDeps {
  readonly database: Database
  readonly blobs: BlobStore
  /** Called after the commit: a hint that there is something to take in. */
  readonly wake: () => void
}

/** One mail and the arrivals it makes: one for each inbox it came to. */
export interface ReceivedMail {
  readonly arrivals: readonly Arrival[]
  readonly content: Buffer | StagedBlob
}

/**
 * The only way in. The bytes are stored before anything of them is read, and the row that says they are there, and how far its source was read
 * (`alsoInTx`), come with the same commit; whoever handed the mail in is answered after it. What was taken from its place before is left out of the
 * answer.
 */
export async function receive(
  { database, blobs, wake }: ReceiveDeps,
  mails: readonly ReceivedMail[],
  now: Date,
  alsoInTx?: (tx: Tx) => Promise<void>,
): Promise<InboundMailId[]> {
  const staged = await Promise.all(mails.map((mail) => stagedOf(blobs, mail)))
  const ids = await database.transaction(ENGINE, async (tx) => {
    const inserted = await receiveStaged(
      tx,
      blobs,
      staged.filter((mail) => mail !== null),
      now,
    )
    await alsoInTx?.(tx)
    return inserted
  })
  if (ids.length > 0) wake()
  return ids
}

export interface StagedMail {
  readonly arrivals: readonly Arrival[]
  readonly content: StagedBlob
}

/** The part of it that is a transaction's, for whoever has one. */
export async function receiveStaged(tx: Tx, blobs: BlobStore, mails: readonly StagedMail[], now: Date): Promise<InboundMailId[]> {
  await blobs.put(
    tx,
    mails.map(({ content }) => content),
    now,
  )
  const rows = mails.flatMap(({ arrivals, content: { hash, sizeBytes } }) =>
    arrivals.map((arrival) => ({ ...arrival, id: newId<InboundMailId>(now.getTime()), hash, sizeBytes })),
  )
  return await insertInbound(tx, rows, now)
}

/** Null: nobody here is to have it. */
async function stagedOf(blobs: BlobStore, { arrivals, content }: ReceivedMail): Promise<StagedMail | null> {
  const [first] = arrivals
  if (!first) return null
  return { arrivals, content: Buffer.isBuffer(content) ? await blobs.stage(first.workspaceId, content) : content }
}
