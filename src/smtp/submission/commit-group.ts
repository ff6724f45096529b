import { type Leave, useCredentials } from '../../accounts/credentials/use.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { type Database, isDatabaseUnavailable } from '../../db/database.ts'
import { type Sent, sendSeveral, type ToSend } from '../../gateway/send-several.ts'
import type { Clock } from '../../lib/clock.ts'
import type { CredentialId, WorkspaceId } from '../../lib/ids.ts'

export interface Offered extends ToSend {
  readonly credentialId: CredentialId
}

export type Outcome = Sent | Exclude<Leave, { kind: 'granted' }>

export interface CommitGroupDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
  /** Called after a commit: mail may be due. */
  readonly wake: () => void
}

/** One transaction of a workspace may be under way while the next gathers. */
const AT_ONCE = 2
const MESSAGES_MAX = 200
/** A batch with this many recipients is large enough for one statement. */
const RECIPIENTS_MAX = 2_000
const BYTES_MAX = 4 * 1024 * 1024

interface Waiting {
  readonly offered: Offered
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

interface Lane {
  readonly waiting: Waiting[]
  running: number
}

/**
 * Lets mails of many connections share a commit: what comes while one is being written waits for the next, and goes with everything else that came.
 * Each is answered after the commit that holds it, and after no other. With one connection it is a commit a mail; with fifty, one for about fifty.
 */
export class CommitGroup {
  readonly #deps: CommitGroupDeps
  readonly #lanes = new Map<WorkspaceId, Lane>()

  constructor(deps: CommitGroupDeps) {
    this.#deps = deps
  }

  add(offered: Offered): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const { workspaceId } = offered.submission
      const lane = this.#lanes.get(workspaceId) ?? { waiting: [], running: 0 }
      this.#lanes.set(workspaceId, lane)
      lane.waiting.push({ offered, resolve, reject })
      // What is read in the same turn of the event loop goes together.
      if (lane.waiting.length === 1) setImmediate(() => this.#pump(workspaceId, lane))
    })
  }

  #pump(workspaceId: WorkspaceId, lane: Lane): void {
    while (lane.waiting.length > 0 && lane.running < AT_ONCE) {
      const batch = takeBatch(lane.waiting)
      lane.running += 1
      void this.#commit(workspaceId, batch).finally(() => {
        lane.running -= 1
        if (lane.waiting.length > 0) this.#pump(workspaceId, lane)
        else if (lane.running === 0) this.#lanes.delete(workspaceId)
      })
    }
  }

  /** A batch that fails for a reason of its own is done again one by one: one mail must not cost others their commit. */
  async #commit(workspaceId: WorkspaceId, batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#store(
        workspaceId,
        batch.map(({ offered }) => offered),
      )
      for (const [at, { resolve }] of batch.entries()) resolve(outcomes[at] as Outcome)
      this.#deps.wake()
    } catch (error) {
      if (batch.length === 1 || isDatabaseUnavailable(error)) {
        for (const { reject } of batch) reject(error)
        return
      }
      for (const one of batch) await this.#commit(workspaceId, [one])
    }
  }

  async #store(workspaceId: WorkspaceId, batch: readonly Offered[]): Promise<Outcome[]> {
    const { database, blobs, clock } = this.#deps
    const now = clock.now()
    const uses = new Map<CredentialId, number>()
    for (const { credentialId, submission } of batch)
      uses.set(credentialId, (uses.get(credentialId) ?? 0) + submission.recipients.length)
    return await database.transaction({ as: 'api', workspaceId }, async (tx) => {
      const leaves = await useCredentials(tx, workspaceId, uses, now)
      const leaveOf = ({ credentialId }: Offered) => leaves.get(credentialId) ?? ({ kind: 'ended' } as const)
      const granted = batch.filter((one) => leaveOf(one).kind === 'granted')
      const sent = granted.length === 0 ? [] : await sendSeveral(tx, blobs, workspaceId, granted, now)
      const bySubmission = new Map(granted.map((one, at) => [one.submission.id, sent[at] as Sent]))
      return batch.map((one) => bySubmission.get(one.submission.id) ?? (leaveOf(one) as Exclude<Leave, { kind: 'granted' }>))
    })
  }
}

/** From the front, as much as one transaction should carry. Two under the same key never go together: the second needs the first one's answer. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  const batch: Waiting[] = []
  const left: Waiting[] = []
  const keys = new Set<string>()
  let recipients = 0
  let bytes = 0
  for (const one of waiting.splice(0)) {
    const { key, submission } = one.offered
    const isFull =
      batch.length > 0 &&
      (batch.length >= MESSAGES_MAX ||
        recipients + submission.recipients.length > RECIPIENTS_MAX ||
        bytes + submission.content.sizeBytes > BYTES_MAX)
    if (isFull || (key !== null && keys.has(key.text))) {
      left.push(one)
      continue
    }
    if (key !== null) keys.add(key.text)
    recipients += submission.recipients.length
    bytes += submission.content.location === null ? submission.content.sizeBytes : 0
    batch.push(one)
  }
  waiting.push(...left)
  return batch
}
