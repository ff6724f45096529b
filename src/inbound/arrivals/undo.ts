import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { reachOf } from '../../helpdesk/access/reach.ts'
import { listInboxes } from '../../helpdesk/inboxes.ts'
import type { TriageDeps } from '../../helpdesk/triage/act.ts'
import { type Stood, takeOut } from '../../helpdesk/triage/take-out.ts'
import { newId } from '../../lib/ids.ts'
import type { IgnoreRuleId } from '../ignoring/rule.ts'
import { dropRule } from '../ignoring/rules.ts'
import { insertActs, lockActed, putBack, type Undoable } from './act-queries.ts'
import type { ActId } from './arrival.ts'
import { clearWhenEmpty, raisePutAside } from './incident.ts'

export interface Undone {
  readonly count: number
  /** Something happened to these since: they are as they are. */
  readonly left: number
}

/**
 * Takes an act back: the mails lie where they lay, and what the act made of them is gone: a rule, a wish that waits, their place in a conversation.
 * What became of a mail since, and a conversation in which something was said since, is left alone.
 */
export async function undoAct(tx: Tx, deps: TriageDeps, id: ActId, actor: Actor, now: Date): Promise<Undone> {
  const { workspaceId } = actor
  const reach = await reachOf(tx, actor)
  const mails = (await lockActed(tx, workspaceId, id)).filter(
    ({ inboxId }) => reach.all || (inboxId !== null && reach.inboxes.includes(inboxId)),
  )
  if (mails.length === 0) throw new Refusal('not_found', { what: 'act that can be taken back' })
  const there = new Set((await listInboxes(tx, workspaceId)).map((inbox) => inbox.id))
  const back: Undoable[] = []
  for (const mail of mails) {
    const { inbox_id: was } = mail.before
    if ((was === null || there.has(was)) && (await isFree(tx, deps, mail, actor, now))) back.push(mail)
  }
  const ids = back.map((mail) => mail.id)
  const by = actorReference(actor)
  await insertActs(tx, workspaceId, { id: newId<ActId>(now.getTime()), act: 'undo', by, ruleId: null }, ids, now)
  await putBack(tx, workspaceId, id, ids, now)
  for (const ruleId of new Set(mails.map((mail) => mail.ruleId)))
    if (ruleId !== null) await dropRule(tx, { workspaceId, actor: by }, ruleId as IgnoreRuleId, now)
  await append(
    tx,
    back.map((mail) => eventOf(mail, actor)),
    now,
  )
  await tellAgain(tx, back, actor, now)
  return { count: back.length, left: mails.length - back.length }
}

async function isFree(tx: Tx, deps: TriageDeps, mail: Undoable, actor: Actor, now: Date): Promise<boolean> {
  const { id: inboundId, itemId, before } = mail
  if (mail.now !== 'taken_in') return mail.now !== null
  return itemId !== null && (await takeOut(tx, deps, { inboundId, itemId, stood: stoodOf(before.stood) }, actor, now))
}

function stoodOf(stored: Stood | null | undefined): Stood | null {
  return stored ? { ...stored, snoozedUntil: stored.snoozedUntil && new Date(stored.snoozedUntil) } : null
}

function eventOf({ id: subjectId, from, before }: Undoable, actor: Actor) {
  const { outcome, stage, reason, inbox_id } = before
  const about = { workspaceId: actor.workspaceId, subjectId, actor: actorReference(actor) }
  return outcome === 'quarantined'
    ? { type: 'inbound.quarantined' as const, ...about, data: { inbox_id, stage, reason } }
    : { type: 'inbound.settled' as const, ...about, data: { from, inbox_id, outcome, reason } }
}

/** What lies in a quarantine again is told of again; what only waited there for its turn is not waited for any more. */
async function tellAgain(tx: Tx, back: readonly Undoable[], { workspaceId, name }: Actor, now: Date): Promise<void> {
  const quarantined = back.filter(({ before }) => before.outcome === 'quarantined')
  for (const [inboxId, group] of Map.groupBy(quarantined, ({ before }) => before.inbox_id))
    await raisePutAside(tx, workspaceId, { inboxId, sentence: putBackSentence(group.length, name), evidence: {} }, now)
  await clearWhenEmpty(
    tx,
    workspaceId,
    back.map(({ before }) => before.inbox_id),
    now,
  )
}

function putBackSentence(count: number, name: string): string {
  return count === 1 ? `${name} put a mail back into the quarantine.` : `${name} put ${count} mails back into the quarantine.`
}
