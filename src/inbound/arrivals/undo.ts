import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { reachOf } from '../../helpdesk/access/reach.ts'
import { newId } from '../../lib/ids.ts'
import type { IgnoreRuleId } from '../ignoring/rule.ts'
import { dropRule } from '../ignoring/rules.ts'
import type { ActId } from './act.ts'
import { insertActs, lockActed, putBack } from './act-queries.ts'
import { raisePutAside } from './incident.ts'

/**
 * Takes an ignoring back: the mails lie in the quarantine again as they did, and a rule that it made is gone. What became of a mail since is left
 * alone. How many were put back.
 */
export async function undoAct(tx: Tx, id: ActId, actor: Actor, now: Date): Promise<number> {
  const { workspaceId } = actor
  const reach = await reachOf(tx, actor)
  const mails = (await lockActed(tx, workspaceId, id)).filter(
    ({ inboxId }) => reach.all || (inboxId !== null && reach.inboxes.includes(inboxId)),
  )
  if (mails.length === 0) throw new Refusal('not_found', { what: 'act that can be taken back' })
  const back = mails.filter(({ isAsLeft }) => isAsLeft)
  const ids = back.map((mail) => mail.id)
  const by = actorReference(actor)
  await insertActs(tx, workspaceId, { id: newId<ActId>(now.getTime()), act: 'undo', by, ruleId: null }, ids, now)
  await putBack(tx, workspaceId, id, ids, now)
  for (const ruleId of new Set(mails.map((mail) => mail.ruleId)))
    if (ruleId !== null) await dropRule(tx, { workspaceId, actor: by }, ruleId as IgnoreRuleId, now)
  const events = back.map((mail) => ({
    type: 'inbound.quarantined' as const,
    workspaceId,
    subjectId: mail.id,
    actor: by,
    data: { inbox_id: mail.inboxId, stage: mail.before.stage, reason: mail.before.reason },
  }))
  await append(tx, events, now)
  for (const [inboxId, group] of Map.groupBy(back, (mail) => mail.inboxId))
    await raisePutAside(tx, workspaceId, { inboxId, sentence: putBackSentence(group.length, actor.name), evidence: {} }, now)
  return back.length
}

function putBackSentence(count: number, name: string): string {
  return count === 1 ? `${name} put a mail back into the quarantine.` : `${name} put ${count} mails back into the quarantine.`
}
