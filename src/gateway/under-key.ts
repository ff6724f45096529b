import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { DAY } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { keepAnswer, selectAnswer, takeKey } from './queries.ts'
import { KEY_LIFETIME_DAYS } from './send-request.ts'

export interface Keyed {
  readonly workspaceId: WorkspaceId
  /** Null: it is new, whatever came before. */
  readonly key: string | null
  /** Of the request as it came: the same key with another request is refused. */
  readonly requestHash: Buffer
}

/** Does the work once for each key. What it answers is plain data, kept as it is. `replayed`: it was done before, nothing was done now. */
export async function underKey<Answer>(
  tx: Tx,
  { workspaceId, key, requestHash }: Keyed,
  work: () => Promise<Answer>,
  now: Date,
): Promise<{ receipt: Answer; replayed: boolean }> {
  if (key !== null) {
    const expiresAt = new Date(now.getTime() + KEY_LIFETIME_DAYS * DAY)
    if (!(await takeKey(tx, { workspaceId, key, requestHash, expiresAt }, now))) {
      const kept = await selectAnswer(tx, workspaceId, key)
      if (!kept?.requestHash.equals(requestHash)) throw new Refusal('idempotency_key_reused')
      return { receipt: kept.reply as Answer, replayed: true }
    }
  }
  const receipt = await work()
  if (key !== null) await keepAnswer(tx, workspaceId, key, receipt)
  return { receipt, replayed: false }
}
