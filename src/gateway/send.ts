import type { BlobStore } from '../blobs/blob-store.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Submission, SubmittedDelivery } from '../delivery/message.ts'
import { submit } from '../delivery/submit.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { HOUR } from '../lib/clock.ts'
import { keepLinks } from '../tracking/links.ts'
import type { LinkSet } from '../tracking/track.ts'
import { deleteOldKeys } from './queries.ts'
import { underKey } from './under-key.ts'

const CHUNK = 10_000

/** What a client is told: enough to find everything again. Plain data, since it is kept under the idempotency key as it is. */
export interface Receipt {
  readonly id: string
  readonly createdAt: string
  readonly stream: string
  readonly deliveries: readonly { readonly id: string; readonly recipient: string; readonly dueAt: string }[]
}

export interface Prepared {
  readonly submission: Submission
  /** Of the request as it came: the same key with another request is refused. */
  readonly requestHash: Buffer
  /** Where its tracked links lead; null or left out: it has none. */
  readonly links?: LinkSet | null
}

/** Stores the message, its deliveries and the answer under its key in one transaction. `replayed`: it was done before, nothing was sent now. */
export async function send(
  tx: Tx,
  blobs: BlobStore,
  prepared: Prepared,
  idempotencyKey: string | null,
  now: Date,
): Promise<{ receipt: Receipt; replayed: boolean }> {
  const { submission, requestHash, links } = prepared
  const { workspaceId } = submission
  const work = async () => {
    if (links) await keepLinks(tx, workspaceId, [links])
    const [deliveries = []] = await submit(tx, blobs, [submission], now)
    return receiptOf(submission, deliveries, now)
  }
  return await underKey(tx, { workspaceId, key: idempotencyKey, requestHash }, work, now)
}

function receiptOf(submission: Submission, deliveries: readonly SubmittedDelivery[], now: Date): Receipt {
  return {
    id: submission.id,
    createdAt: now.toISOString(),
    stream: submission.stream,
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      recipient: delivery.recipient,
      dueAt: delivery.dueAt.toISOString(),
    })),
  }
}

export function gatewayJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'gateway.forget_keys',
      everyMs: HOUR,
      run: (now) => inChunks(database, CHUNK, (tx) => deleteOldKeys(tx, CHUNK, now)),
    },
  ]
}
