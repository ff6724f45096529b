import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { countMailing, findMailing, type MailingCounts, settleMailing } from '../delivery/mailings/mailings.ts'
import { whyMailingWaits } from '../delivery/mailings/waiting.ts'
import { intervalMs } from '../delivery/pace/gcra.ts'
import type { NewIncident } from '../incidents/incident.ts'
import { keepIncidents } from '../incidents/incidents.ts'
import { testStep } from './ab/decide.ts'
import { type Campaign, isQuiet, isStuck } from './campaign.ts'
import { mailingOf } from './life.ts'
import { tell } from './manage.ts'
import { lockCampaign, markMoved, saveCampaign, selectUnderWay } from './queries.ts'
import { forgetPulses, keepPulse, leftOf } from './rate.ts'

const AT_ONCE = 1_000
const STUCK = 'campaign.stuck'

/** Looks at every campaign under way: whether it is over, whether its mailing was stopped from elsewhere, whether it should move and does not. */
export async function watchCampaigns(database: Database, now: Date): Promise<void> {
  const stuck: NewIncident[] = []
  for (const campaign of await selectUnderWay(database.db, ['preparing', 'sending', 'paused'], AT_ONCE)) {
    const incident = await database.transaction(ENGINE, (tx) => lookAt(tx, campaign, now))
    if (incident) stuck.push(incident)
  }
  await database.transaction(ENGINE, (tx) => keepIncidents(tx, STUCK, stuck, now))
}

async function lookAt(tx: Tx, seen: Campaign, now: Date): Promise<NewIncident | null> {
  if (seen.state === 'preparing')
    return isStuck(seen, 0, now) ? stuckIncident(seen, 'Preparing it has come to a halt.', now) : null
  const { workspaceId, id } = seen
  const counts = await countMailing(tx, workspaceId, mailingOf(seen))
  const settled = settledOf(counts)
  const alive = aliveIn(counts)
  if (seen.state === 'sending') await keepPulse(tx, seen, leftOf(counts), now)
  else await forgetPulses(tx, seen)
  const rest = seen.prepared - settled - alive
  if (seen.ab && rest > 0 && seen.state === 'sending' && seen.again === null && (await stepTest(tx, seen, now))) return null
  const isOver = alive === 0 && seen.again === null && rest <= 0
  const mailing = isOver ? null : await findMailing(tx, workspaceId, mailingOf(seen))
  const wasStopped = seen.state === 'sending' && mailing?.state === 'paused'
  if (isOver || wasStopped || settled !== seen.settled) {
    const campaign = await lockCampaign(tx, workspaceId, id)
    if (campaign?.state !== seen.state || (campaign.again !== null) !== (seen.again !== null)) return null
    if (isOver) return await finish(tx, campaign, settled, now)
    const moved = { ...campaign, settled, movedAt: settled === seen.settled ? campaign.movedAt : now }
    if (wasStopped && mailing?.reason) {
      await saveCampaign(tx, { ...moved, state: 'paused', reason: mailing.reason, updatedAt: now })
      await tell(tx, campaign, 'campaign.paused', null, now, { why: mailing.reason.code })
    } else await saveCampaign(tx, moved)
    return null
  }
  const interval = seen.pace ? intervalMs(seen.pace) : 0
  if (seen.state !== 'sending' || alive === 0 || !isQuiet(seen, interval, now)) return null
  const wait = await whyMailingWaits(tx, workspaceId, mailingOf(seen), now)
  // What had a reason to wait is not late from the moment on at which the reason goes.
  if (wait.kind !== 'open') await markMoved(tx, seen, now)
  else if (isStuck(seen, interval, now) && isStuck({ movedAt: wait.dueAt }, interval, now))
    return stuckIncident(seen, 'Nothing stands in its way, and nothing is sent.', now)
  return null
}

/** Some of its people wait for the winner of its test. */
async function stepTest(tx: Tx, seen: Campaign, now: Date): Promise<boolean> {
  const mailing = await findMailing(tx, seen.workspaceId, mailingOf(seen))
  if (mailing?.state !== 'running') return false
  const campaign = await lockCampaign(tx, seen.workspaceId, seen.id)
  return campaign?.state === 'sending' && campaign.again === null ? await testStep(tx, campaign, now) : true
}

/** Nothing waits any more. A paused one whose rest was settled by other ways is over, too. */
async function finish(tx: Tx, campaign: Campaign, settled: number, now: Date): Promise<null> {
  if (!(await settleMailing(tx, campaign.workspaceId, mailingOf(campaign), now))) return null
  await saveCampaign(tx, { ...campaign, state: 'done', reason: null, settled, movedAt: now, finishedAt: now, updatedAt: now })
  await tell(tx, campaign, 'campaign.finished', null, now, { settled })
  return null
}

/** Those that somebody will still move. What was not heard is left as it is in bulk mail, and does not keep a campaign open. */
function aliveIn({ queued = 0, sending = 0, held = 0 }: MailingCounts): number {
  return queued + sending + held
}

function settledOf(counts: MailingCounts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0) - aliveIn(counts)
}

function stuckIncident({ workspaceId, id, name, movedAt, prepared, settled }: Campaign, what: string, now: Date): NewIncident {
  const minutes = Math.round((now.getTime() - (movedAt?.getTime() ?? now.getTime())) / 60_000)
  return {
    workspaceId,
    key: `${STUCK}:${id}`,
    kind: STUCK,
    severity: 'critical',
    title: `Campaign ${name} does not move`,
    sentence: `${what} The last step was ${minutes} minutes ago; ${settled} of ${prepared} are settled.`,
    hint: 'Look whether a process with the roles "delivery" and "jobs" runs, and at its log.',
    subject: { kind: 'campaign', id },
    evidence: { moved_at: movedAt, settled, prepared },
  }
}
