/**
 * Puts what was sent into the folder of sent mail, where people look for it in their own mail programs. Work of its own, after the mail: whatever goes
 * wrong here is said on the message and tried again, and the mail itself is never touched.
 */
import type { BlobStore } from '../../blobs/blob-store.ts'
import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { LIVE_STATES } from '../../delivery/delivery.ts'
import { readMessage } from '../../delivery/reading/read.ts'
import { append } from '../../events/append.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'
import { findMailbox, type MailboxDeps, readMailbox } from '../../mailboxes/mailboxes.ts'
import { type CopyEnd, claimCopies, endCopy, type WaitingCopy } from './queries.ts'

export interface CopyDeps extends MailboxDeps {
  readonly database: Database
  readonly blobs: BlobStore
}

const AT_ONCE = 8
/** Longer than that many sessions may take, one after the other. */
const CLAIM_MS = 10 * MINUTE
const WAITS_MS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
const GIVE_UP_MS = 2 * DAY

export function sentCopyJobs(deps: CopyDeps): PeriodicJob[] {
  return [{ name: 'helpdesk.copy_sent', everyMs: 5 * SECOND, run: (now) => copySent(deps, now) }]
}

export async function copySent(deps: CopyDeps, now: Date): Promise<void> {
  const until = new Date(now.getTime() + CLAIM_MS)
  const copies = await deps.database.transaction(ENGINE, (tx) => claimCopies(tx, AT_ONCE, until, now))
  for (const copy of copies) {
    const end = await endOf(deps, copy, now)
    await deps.database.transaction(ENGINE, async (tx) => {
      await endCopy(tx, copy, end, now)
      if (end.state !== 'waiting' || end.problem !== null) await tell(tx, copy, now)
    })
  }
}

async function endOf(deps: CopyDeps, copy: WaitingCopy, now: Date): Promise<CopyEnd> {
  const { db } = deps.database
  const { counts, contentHash } = await readMessage(db, copy.workspaceId, copy.messageId, now)
  const has = (states: readonly string[]) => states.some((state) => (counts[state as keyof typeof counts] ?? 0) > 0)
  if (!has(['sent', 'delivered'])) {
    const isPending = has(LIVE_STATES) && now.getTime() - copy.createdAt.getTime() < 5 * DAY
    return isPending
      ? { state: 'waiting', problem: null, dueAt: new Date(now.getTime() + MINUTE), isTry: false }
      : { state: 'not_sent' }
  }
  const mailbox = await findMailbox(db, copy.workspaceId, copy.mailboxId)
  if (!mailbox) return { state: 'given_up', problem: 'The mailbox that the copy was for is not there any more.' }
  const content = (await deps.blobs.read(db, copy.workspaceId, [contentHash])).get(contentHash)
  if (content === undefined) return { state: 'given_up', problem: 'The content of the mail is not kept any more.' }
  const session = await readMailbox(mailbox, deps, async (open) => {
    // An earlier try may have put it there and died, or lost the line, before it heard so.
    const messageId = copy.attempts > 1 ? messageIdOf(content) : null
    if (messageId !== null && (await open.holds(copy.folder, messageId))) return
    await open.append(copy.folder, Buffer.from(content, 'latin1'), copy.createdAt)
  })
  if (session.ok) return { state: 'stored' }
  const problem = `No copy in “${copy.folder}” of ${mailbox.name} yet: ${session.problem.sentence}`
  if (now.getTime() - copy.createdAt.getTime() >= GIVE_UP_MS) return { state: 'given_up', problem }
  const waitMs = WAITS_MS[Math.min(copy.attempts, WAITS_MS.length) - 1] ?? HOUR
  return { state: 'waiting', problem, dueAt: new Date(now.getTime() + waitMs), isTry: true }
}

/** Of a mail that we wrote ourselves: its head has one, on one line or folded after the name. */
function messageIdOf(content: string): string | null {
  const head = content.slice(0, content.indexOf('\r\n\r\n'))
  return /^message-id:\s{0,10}(<[^<>\s]{1,990}>)/im.exec(head)?.[1] ?? null
}

/** For open pages. */
async function tell(tx: Tx, { workspaceId, conversationId, itemId }: WaitingCopy, now: Date): Promise<void> {
  await append(
    tx,
    { type: 'conversation.changed', workspaceId, subjectId: conversationId, data: { item_id: itemId, changes: {} } },
    now,
  )
}
