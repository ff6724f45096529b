import { setImmediate as afterOthers } from 'node:timers/promises'
import { INLINE_BYTES } from '../blobs/staged-blob.ts'
import { isDatabaseUnavailable } from '../db/database.ts'
import type { InboundMailId } from '../lib/ids.ts'
import type { Log } from '../log.ts'
import { nextGroup } from './group.ts'
import type { ClaimedMail } from './queries.ts'
import { readFor, type TakeInDeps, takeInRead } from './take-in.ts'
import type { Ready } from './together.ts'
import { writeTogether } from './write.ts'

export interface FlowDeps extends TakeInDeps {
  readonly log: Log
  /** The next that were never tried, held until their lease ends; none: there are no more, or no more are wanted. */
  readonly claim: (limit: number) => Promise<ClaimedMail[]>
  readonly isStopping: () => boolean
  /** Not begun with: others may have it at once, and the try does not count. */
  readonly giveBack: (claimed: ClaimedMail) => Promise<void>
  /** A try that failed. */
  readonly failed: (claimed: ClaimedMail, error: unknown) => Promise<void>
  /** How many are read at once. */
  readonly readers: number
}

const CLAIMED_AT_ONCE = 64
/** Claimed and not written: few enough to be through long before their lease ends. */
const UNDER_WAY_MAX = 256
const UNDER_WAY_BYTES = 64 * 1024 * 1024
const GROUP_MAX = 32
const WRITERS = 3
/** How long those that were read wait for others to fill their group. */
const LINGER_MS = 10
/** Then others have their turn: those that were tried before. */
const A_TURN = 2_000

/** Claimed, with its bytes if they were fetched with those of others. */
interface Held {
  readonly claimed: ClaimedMail
  readonly content: string | undefined
}

/**
 * Takes in what is due and was never tried, until nothing is. Many are read at once, and as they are, they are written in groups, three at a time: while
 * PostgreSQL writes, others are read. Gives how many there were.
 */
export function flow(deps: FlowDeps): Promise<number> {
  const queue: Held[] = []
  const reading = new Set<ClaimedMail>()
  const writing = new Set<readonly Ready[]>()
  let ready: Ready[] = []
  let bytes = 0
  let taken = 0
  let isClaiming = false
  let isEmpty = false
  let hasLingered = false
  let isLingering = false
  let fault: unknown = null

  return new Promise((resolve, reject) => {
    function next(): void {
      if (!isEmpty && !isClaiming && queue.length < CLAIMED_AT_ONCE / 2 && underWay() < UNDER_WAY_MAX) void claim()
      while (reading.size < deps.readers && queue[0] && hasRoomFor(queue[0])) {
        const held = queue.shift() as Held
        void (deps.isStopping() ? giveBack(held) : read(held))
      }
      while (writing.size < WRITERS) {
        const group = pick()
        if (group.length === 0) break
        void write(group)
      }
      if (!isEmpty || isClaiming || underWay() > 0) return
      if (fault === null) resolve(taken)
      else reject(fault)
    }

    function underWay(): number {
      let written = 0
      for (const group of writing) written += group.length
      return queue.length + reading.size + ready.length + written
    }

    function hasRoomFor({ claimed }: Held): boolean {
      return bytes === 0 || bytes + claimed.sizeBytes <= UNDER_WAY_BYTES
    }

    async function claim(): Promise<void> {
      isClaiming = true
      try {
        const claimed = await deps.claim(CLAIMED_AT_ONCE)
        taken += claimed.length
        isEmpty = claimed.length === 0 || taken >= A_TURN
        queue.push(...(await fetchAll(deps, claimed)))
      } catch (error) {
        fault = error
        isEmpty = true
      }
      isClaiming = false
      next()
    }

    async function read({ claimed, content }: Held): Promise<void> {
      reading.add(claimed)
      bytes += claimed.sizeBytes
      // Small mails are read in this thread: between two of them, others have their turn.
      await afterOthers()
      const mail = await readFor(deps, claimed, content).catch((error: unknown) => deps.failed(claimed, error))
      reading.delete(claimed)
      if (mail) ready.push(mail)
      else bytes -= claimed.sizeBytes
      next()
    }

    async function giveBack({ claimed }: Held): Promise<void> {
      reading.add(claimed)
      await deps.giveBack(claimed)
      reading.delete(claimed)
      next()
    }

    /** None where none may go now, or more are about to come. */
    function pick(): readonly Ready[] {
      const mails = ready.map((mail) => ({ mail, ...groupable(mail) }))
      const ids = new Set([...writing].flatMap((group) => group.flatMap(({ read }) => read.mail.messageId ?? [])))
      const group = nextGroup(
        mails,
        { writing: ids, oldestUnread: oldestOf([...reading, ...queue.map(({ claimed }) => claimed)]) },
        GROUP_MAX,
      )
      const isMoreComing = reading.size > 0 || queue.length > 0 || isClaiming
      if (group.length === 0 || (group.length < GROUP_MAX && isMoreComing && !hasLingered)) {
        if (group.length > 0 && !isLingering) linger()
        return []
      }
      hasLingered = false
      const picked = new Set(group.map(({ mail }) => mail))
      ready = ready.filter((mail) => !picked.has(mail))
      return [...picked]
    }

    function linger(): void {
      isLingering = true
      setTimeout(() => {
        isLingering = false
        hasLingered = true
        next()
      }, LINGER_MS)
    }

    async function write(group: readonly Ready[]): Promise<void> {
      writing.add(group)
      await writeGroup(deps, group)
      writing.delete(group)
      for (const { claimed } of group) bytes -= claimed.sizeBytes
      next()
    }

    next()
  })
}

function groupable({ claimed, read }: Ready) {
  const { id, workspaceId } = claimed
  return { id, workspaceId, messageId: read.mail.messageId, references: read.keys.references }
}

function oldestOf(mails: readonly ClaimedMail[]): InboundMailId | null {
  return mails.reduce<InboundMailId | null>((oldest, { id }) => (oldest === null || id < oldest ? id : oldest), null)
}

/** With the bytes of the small ones, by one statement a workspace. Where that fails each is fetched alone. */
async function fetchAll({ database, blobs }: FlowDeps, claimed: readonly ClaimedMail[]): Promise<Held[]> {
  const contents = new Map<ClaimedMail, string | undefined>()
  const small = claimed.filter(({ sizeBytes }) => sizeBytes <= INLINE_BYTES)
  for (const [workspaceId, mails] of Map.groupBy(small, (mail) => mail.workspaceId)) {
    const found = await blobs
      .read(
        database.db,
        workspaceId,
        mails.map(({ hash }) => hash),
      )
      .catch(() => null)
    for (const mail of mails) contents.set(mail, found?.get(mail.hash))
  }
  return claimed.map((mail) => ({ claimed: mail, content: contents.get(mail) }))
}

/** Together; where that fails, each alone, so that whatever is wrong with one is that one's. */
async function writeGroup(deps: FlowDeps, group: readonly Ready[]): Promise<void> {
  const [only] = group
  if (only && group.length === 1) return await writeOne(deps, only)
  let left: readonly Ready[]
  try {
    left = await writeTogether(deps, group)
  } catch (error) {
    if (isDatabaseUnavailable(error)) return void (await Promise.all(group.map(({ claimed }) => deps.failed(claimed, error))))
    deps.log.warn({ err: error as Error, mails: group.length }, 'a group of mails could not be written; each is written alone')
    left = group
  }
  for (const mail of left) await writeOne(deps, mail)
}

async function writeOne(deps: FlowDeps, mail: Ready): Promise<void> {
  await takeInRead(deps, mail).catch((error: unknown) => deps.failed(mail.claimed, error))
}
