import { type Database, ENGINE, isRefusedForItsContent } from '../db/database.ts'
import type { ReceiveDeps } from '../helpdesk/receive-message.ts'
import type { Clock } from '../lib/clock.ts'
import { factsOf, factsOfHead, NO_FACTS } from './facts.ts'
import { isPlaced, MAX_TRIES, type Outcome } from './inbound-mail.ts'
import { type ClaimedMail, type Facts, lockClaimed } from './queries.ts'
import { bytesOf, type MailRead, type ReadDeps, readClaimed } from './read-mail.ts'
import { settleAll } from './settle.ts'
import type { Ready } from './together.ts'
import { headFactsOf, unreadMail } from './unread.ts'
import { writeAlone } from './write.ts'

export interface TakeInDeps extends ReceiveDeps, ReadDeps {
  readonly database: Database
  readonly clock: Clock
}

/**
 * One claimed mail to its end: read, decide, write. Everything it comes to is one transaction with its outcome; whatever is wrong with it is an outcome
 * too, so that no mail stops another.
 */
export async function takeIn(deps: TakeInDeps, claimed: ClaimedMail): Promise<void> {
  const ready = await readFor(deps, claimed)
  if (ready) await takeInRead(deps, ready)
}

/** Reads one that may be written. Null: it has come to its end without, since nobody can read it, or nobody should try again. */
export async function readFor(deps: TakeInDeps, claimed: ClaimedMail, content?: string): Promise<Ready | null> {
  const { wish, attempts } = claimed
  if (isPlaced(wish) && (wish.unread || attempts >= MAX_TRIES)) return await doneWith(takeInUnread(deps, claimed))
  if (attempts >= MAX_TRIES) {
    const detail = `Taking it in was begun ${attempts - 1} times and never ended. What ended it is in the log.`
    const outcome = { kind: 'quarantined', stage: 'crash', reason: 'fails_again_and_again', detail } as const
    return await doneWith(settleAlone(deps, claimed, outcome, NO_FACTS))
  }
  const result = await readClaimed(deps, claimed, content)
  return result.ok ? { claimed, read: result.read } : await doneWith(takeInUnreadable(deps, claimed, result))
}

async function doneWith(work: Promise<void>): Promise<null> {
  await work
  return null
}

/** One that was read, alone. What cannot be stored is put aside. */
export async function takeInRead(deps: TakeInDeps, ready: Ready): Promise<void> {
  const { claimed, read } = ready
  try {
    await writeAlone(deps, ready)
  } catch (error) {
    if (!isRefusedForItsContent(error) || isTakenAtOnce(error)) throw error
    const detail = `It holds something that cannot be stored: ${(error as Error).message.slice(0, 300)}.`
    if (isPlaced(claimed.wish)) return await takeInUnread(deps, claimed)
    const facts = factsOf(read, claimed.inboxId)
    await settleAlone(deps, claimed, { kind: 'quarantined', stage: 'write', reason: 'cannot_be_stored', detail }, facts)
  }
}

/** The same mail was taken in at the same moment, by another connection: at the next try it is seen to be there. */
function isTakenAtOnce(error: unknown): boolean {
  return (error as { constraint?: unknown }).constraint === 'inbound_mail_is_no_repeat'
}

/** Put aside with what its head says; where somebody wants it all the same, it becomes a file of a conversation. */
async function takeInUnreadable(
  deps: TakeInDeps,
  claimed: ClaimedMail,
  { reason, detail, bytes }: Extract<MailRead, { ok: false }>,
): Promise<void> {
  const head = bytes && headFactsOf(bytes)
  if (bytes && isPlaced(claimed.wish)) {
    const because = `${detail.charAt(0).toLowerCase()}${detail.slice(1, -1)}`
    return await writeAlone(deps, { claimed, read: unreadMail(claimed, bytes, head, because) })
  }
  const stage = reason === 'too_large' ? 'take' : 'read'
  const facts = { ...NO_FACTS, inboxId: claimed.inboxId, ...(head && factsOfHead(head)) }
  await settleAlone(deps, claimed, { kind: 'quarantined', stage, reason, detail }, facts)
}

/** Nothing of it is looked at but, at the first tries, its head: reading it is what went wrong before. */
async function takeInUnread(deps: TakeInDeps, claimed: ClaimedMail): Promise<void> {
  const bytes = await bytesOf(deps, claimed)
  if (bytes === null) {
    const detail = 'Its bytes are not there any more, or not as they were written.'
    return await settleAlone(deps, claimed, { kind: 'quarantined', stage: 'read', reason: 'bytes_missing', detail }, NO_FACTS)
  }
  const head = claimed.attempts < MAX_TRIES ? headFactsOf(bytes) : null
  await writeAlone(deps, { claimed, read: unreadMail(claimed, bytes, head, 'reading it failed again and again') })
}

/** A mail whose taking in failed again, and not for want of the database: people decide. */
export async function giveUp(deps: TakeInDeps, claimed: ClaimedMail, error: unknown): Promise<void> {
  const detail = `Taking it in failed ${claimed.attempts} times: ${String(error).slice(0, 300)}.`
  await settleAlone(deps, claimed, { kind: 'quarantined', stage: 'write', reason: 'fails_again_and_again', detail }, NO_FACTS)
}

async function settleAlone({ database, clock }: TakeInDeps, claimed: ClaimedMail, outcome: Outcome, facts: Facts): Promise<void> {
  const now = clock.now()
  await database.transaction(ENGINE, async (tx) => {
    if ((await lockClaimed(tx, claimed.workspaceId, [claimed])).size > 0)
      await settleAll(tx, [{ claimed, outcome, facts: { ...facts, inboxId: facts.inboxId ?? claimed.inboxId } }], now)
  })
}
