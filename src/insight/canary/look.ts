import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { readDelivery } from '../../delivery/reading/read.ts'
import { listSandbox } from '../../delivery/sandbox/feedback.ts'
import { Refusal } from '../../errors.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import { DAY, MINUTE } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { createLimiter } from '../../lib/limiter.ts'
import type { Mailbox, MailboxId, MailboxProblem } from '../../mailboxes/mailbox.ts'
import { findMailbox, type MailboxDeps, placesOf, readMailbox, recordLook, savePlace } from '../../mailboxes/mailboxes.ts'
import { LOOPBACK_ADDRESS } from './canary.ts'
import { judgeCanary } from './judge.ts'
import { markAbsent, markArrived, type OpenRun, selectSoughtRuns } from './queries.ts'
import { type ReadBack, readBack } from './read-back.ts'

export type LookDeps = MailboxDeps

/** A probe that was given up is looked for so much longer: mail that comes late is another matter than mail that is lost. */
const LATE_MS = DAY
const MAX_RUNS = 5_000
const MAILBOXES_AT_ONCE = 4
const MAX_MAILBOXES = 200
/** One failure can be the far end's restart; so many in a row need somebody. */
const FAILURES_THAT_MATTER = 3
const SANDBOX_MAILS = 200

/** Reads back what was sent, gives up what is overdue, and says how every canary fares that something was learnt about. */
export async function lookForProbes(deps: LookDeps, now: Date): Promise<void> {
  const runs = await selectSoughtRuns(deps.database.db, { lateMs: LATE_MS, limit: MAX_RUNS }, now)
  const groups = [...byMailbox(runs).values()].slice(0, MAX_MAILBOXES)
  const limiter = createLimiter({ concurrency: MAILBOXES_AT_ONCE, waiting: MAX_MAILBOXES })
  await Promise.all(groups.map((group) => limiter.run(() => lookInto(deps, group, now))))
  const canaries = new Map(runs.map(({ workspaceId, canaryId }) => [canaryId, workspaceId]))
  for (const [canaryId, workspaceId] of canaries)
    await deps.database.transaction(ENGINE, (tx) => judgeCanary(tx, workspaceId, canaryId, now))
}

async function lookInto(deps: LookDeps, runs: readonly OpenRun[], now: Date): Promise<void> {
  const [first] = runs
  if (!first) return
  const { database } = deps
  const { workspaceId, mailboxId } = first
  let problem: MailboxProblem | null = null
  if (mailboxId === null) await lookIntoSandbox(database, workspaceId, runs, now)
  else {
    const mailbox = await findMailbox(database.db, workspaceId, mailboxId)
    if (mailbox) problem = await lookIntoMailbox(deps, mailbox, runs, now)
  }
  await database.transaction(ENGINE, (tx) => giveUp(tx, runs, problem, now))
}

/** Null: it was read to the end. */
async function lookIntoMailbox(
  deps: LookDeps,
  mailbox: Mailbox,
  runs: readonly OpenRun[],
  now: Date,
): Promise<MailboxProblem | null> {
  const { database } = deps
  const places = await placesOf(database.db, mailbox)
  const sought = new Set(runs.map(({ token }) => token))
  const keep = ({ sightings, places: reached }: ReadBack) =>
    database.transaction(ENGINE, async (tx) => {
      for (const { token, folder, receivedAt, results } of sightings) {
        const run = runs.find((each) => each.token === token)
        if (run)
          await markArrived(tx, run.workspaceId, { runId: run.id, folder, results, tookMs: tookOf(run, receivedAt, now) }, now)
      }
      for (const place of reached) await savePlace(tx, mailbox, place, now)
    })
  const session = await readMailbox(mailbox, deps, (open) => readBack(open, places, sought, keep))
  const problem = session.ok ? null : session.problem
  await database.transaction(ENGINE, async (tx) => {
    const health = await recordLook(tx, mailbox, problem, now)
    if (health?.state === 'failing' && health.failures >= FAILURES_THAT_MATTER)
      await raiseUnreadable(tx, mailbox, health.problem, now)
    else if (health?.state === 'working') await clearIncident(tx, mailbox.workspaceId, unreadableKey(mailbox.id), now)
  })
  return problem
}

async function lookIntoSandbox(database: Database, workspaceId: WorkspaceId, runs: readonly OpenRun[], now: Date): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    const kept = await listSandbox(tx, workspaceId, { after: null, limit: SANDBOX_MAILS, recipient: LOOPBACK_ADDRESS })
    for (const { deliveryId, receivedAt } of kept) {
      const run = runs.find((each) => each.deliveryId === deliveryId)
      if (run)
        await markArrived(
          tx,
          workspaceId,
          { runId: run.id, folder: 'inbox', results: null, tookMs: tookOf(run, receivedAt, now) },
          now,
        )
    }
  })
}

/** By the receiving server's own time where it is plausible: it has whole seconds, and a clock of its own. */
function tookOf({ sentAt }: OpenRun, receivedAt: Date | null, now: Date): number {
  const atMost = Math.max(0, now.getTime() - sentAt.getTime())
  if (!receivedAt || receivedAt.getTime() < sentAt.getTime() - MINUTE) return atMost
  return Math.min(atMost, Math.max(0, receivedAt.getTime() - sentAt.getTime()))
}

/** What is overdue is missing; where the mailbox could not be read, nobody knows. */
async function giveUp(tx: Tx, runs: readonly OpenRun[], problem: MailboxProblem | null, now: Date): Promise<void> {
  for (const run of runs) {
    if (run.state !== 'sent' || run.giveUpAt > now) continue
    const runId = run.id
    const absent = problem
      ? { runId, state: 'unread' as const, reason: problem.sentence }
      : { runId, state: 'missing' as const, reason: await whereItEnded(tx, run, now) }
    await markAbsent(tx, run.workspaceId, absent, now)
  }
}

/** What our own waybill says of it, kept with the run: the delivery may be gone when somebody looks. */
async function whereItEnded(tx: Tx, { workspaceId, deliveryId }: OpenRun, now: Date): Promise<string> {
  try {
    const { state, reason, waitingOn } = await readDelivery(tx, workspaceId, deliveryId, now)
    const why = reason?.failure?.sentence ?? reason?.sentence ?? waitingOn?.sentence
    return why ? `${state}: ${why}` : state
  } catch (error) {
    if (error instanceof Refusal) return 'its delivery is no longer kept'
    throw error
  }
}

function unreadableKey(id: MailboxId): string {
  return `mailbox.unreadable:${id}`
}

async function raiseUnreadable(
  tx: Tx,
  { workspaceId, id, name, address }: Mailbox,
  problem: MailboxProblem,
  now: Date,
): Promise<void> {
  await raiseIncident(
    tx,
    {
      workspaceId,
      key: unreadableKey(id),
      kind: 'mailbox.unreadable',
      severity: 'warning',
      title: `The mailbox ${name} cannot be read`,
      sentence: `${problem.sentence} While this lasts, nothing is known of canaries that go to ${address}.`,
      hint: problem.hint,
      subject: { kind: 'mailbox', id },
      evidence: { cause: problem.cause, address, link: '/canaries' },
    },
    now,
  )
}

function byMailbox(runs: readonly OpenRun[]): Map<string, OpenRun[]> {
  const groups = new Map<string, OpenRun[]>()
  for (const run of runs) {
    const key = `${run.workspaceId} ${run.mailboxId}`
    const group = groups.get(key)
    if (group) group.push(run)
    else groups.set(key, [run])
  }
  return groups
}
