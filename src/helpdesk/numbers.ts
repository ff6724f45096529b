/**
 * Numbers of conversations: people say them on the telephone, so they are short and grow by one. A mail that comes in must not wait for another
 * that is being written, so under load numbers are taken in blocks outside the transactions that use them; what a stopped process had left of a
 * block is a gap. While little comes in, a block is one.
 */
import type { Database, Db, Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { SECOND } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { takeNumbers } from './queries.ts'

/** One number, in the transaction that uses it or just before it: for what people begin. */
export function takeNumber(tx: Db | Tx, workspaceId: WorkspaceId): Promise<number> {
  return takeNumbers(tx, workspaceId, 1)
}

export interface Numbers {
  take(workspaceId: WorkspaceId): Promise<number>
}

interface Block {
  next: number
  end: number
  size: number
  takenAt: number
  refill: Promise<void> | null
}

const BLOCK_MAX = 256
const USED_UP_QUICKLY_MS = SECOND

export function createNumbers(database: Database, clock: Clock): Numbers {
  const blocks = new Map<WorkspaceId, Block>()

  async function refill(workspaceId: WorkspaceId, block: Block): Promise<void> {
    const at = clock.now().getTime()
    block.size = at - block.takenAt < USED_UP_QUICKLY_MS ? Math.min(block.size * 2, BLOCK_MAX) : 1
    const first = await takeNumbers(database.db, workspaceId, block.size)
    block.takenAt = at
    block.next = first
    block.end = first + block.size
  }

  return {
    async take(workspaceId) {
      let block = blocks.get(workspaceId)
      if (!block) {
        block = { next: 0, end: 0, size: 1, takenAt: 0, refill: null }
        blocks.set(workspaceId, block)
      }
      const own = block
      while (own.next >= own.end) {
        own.refill ??= refill(workspaceId, own).finally(() => {
          own.refill = null
        })
        await own.refill
      }
      const number = own.next
      own.next += 1
      return number
    },
  }
}
