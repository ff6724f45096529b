import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { EventType } from '../../events/event.ts'
import { newId, type RuleId, type WorkspaceId } from '../../lib/ids.ts'
import { listRoutes } from '../routes/manage.ts'
import { deleteRule, insertRule, lockRules, nextFineVersion, updateRule } from './queries.ts'
import { hasFineConditions, type Rule, type RuleConditions, type RuleTarget, sameFineConditions, type Trip } from './rule.ts'

export { selectRules as listRules } from './queries.ts'

/** As many as a person can keep in mind, and a lane can be compared with at every turn. */
const MAX_RULES = 100

export interface RuleDraft {
  readonly name: string
  readonly enabled: boolean
  readonly conditions: RuleConditions
  readonly targets: readonly RuleTarget[]
  readonly trip: Trip | null
  /** Its place, counted from 0; the end when left out. */
  readonly position?: number | undefined
}

export async function createRule(
  tx: Tx,
  workspaceId: WorkspaceId,
  draft: RuleDraft,
  actor: string | null,
  now: Date,
): Promise<Rule> {
  const rules = await lockRules(tx, workspaceId)
  if (rules.length >= MAX_RULES) throw new Refusal('invalid_request', { why: `A workspace has at most ${MAX_RULES} rules.` })
  await refuseUnknownRoutes(tx, workspaceId, draft.targets)
  const { position = rules.length, ...rest } = draft
  const rule: Rule = { ...rest, id: newId<RuleId>(now.getTime()), position }
  await insertRule(tx, workspaceId, rule, now)
  await renumber(tx, workspaceId, placed(rules, rule, position), now)
  if (hasFineConditions(rule)) await nextFineVersion(tx, workspaceId)
  await tell(tx, workspaceId, 'rule.created', rule, actor, now)
  return rule
}

export async function changeRule(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: RuleId,
  change: Partial<RuleDraft>,
  actor: string | null,
  now: Date,
): Promise<Rule> {
  const rules = await lockRules(tx, workspaceId)
  const before = mustFind(rules, id)
  if (change.targets) await refuseUnknownRoutes(tx, workspaceId, change.targets)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const rule: Rule = { ...before, ...given }
  await updateRule(tx, workspaceId, rule, now)
  const others = rules.filter((each) => each.id !== id)
  if (rule.position !== before.position) await renumber(tx, workspaceId, placed(others, rule, rule.position), now)
  const looksAgain = rule.enabled !== before.enabled && (hasFineConditions(rule) || hasFineConditions(before))
  if (looksAgain || !sameFineConditions(before.conditions, rule.conditions)) await nextFineVersion(tx, workspaceId)
  await tell(tx, workspaceId, 'rule.changed', rule, actor, now)
  return rule
}

export async function removeRule(tx: Tx, workspaceId: WorkspaceId, id: RuleId, actor: string | null, now: Date): Promise<void> {
  const rules = await lockRules(tx, workspaceId)
  const rule = mustFind(rules, id)
  await deleteRule(tx, workspaceId, id)
  // Places are counted: a gap would make the next one already stand where it is asked to move to.
  await renumber(
    tx,
    workspaceId,
    rules.filter((each) => each.id !== id),
    now,
  )
  if (hasFineConditions(rule)) await nextFineVersion(tx, workspaceId)
  await tell(tx, workspaceId, 'rule.removed', rule, actor, now)
}

function placed(others: readonly Rule[], rule: Rule, position: number): Rule[] {
  return others.toSpliced(Math.min(position, others.length), 0, rule)
}

async function renumber(tx: Tx, workspaceId: WorkspaceId, rules: readonly Rule[], now: Date): Promise<void> {
  for (const [position, rule] of rules.entries()) await updateRule(tx, workspaceId, { ...rule, position }, now)
}

function mustFind(rules: readonly Rule[], id: RuleId): Rule {
  const rule = rules.find((each) => each.id === id)
  if (!rule) throw new Refusal('not_found', { what: 'rule' })
  return rule
}

async function refuseUnknownRoutes(tx: Tx, workspaceId: WorkspaceId, targets: readonly RuleTarget[]): Promise<void> {
  const known = new Set((await listRoutes(tx, workspaceId)).map((route) => route.id))
  const wrong = targets.findIndex((target) => !known.has(target.route_id))
  if (wrong >= 0)
    throw new Refusal('invalid_request', {
      pointer: `/targets/${wrong}/route_id`,
      why: 'There is no such route in this workspace.',
    })
}

async function tell(
  tx: Tx,
  workspaceId: WorkspaceId,
  type: EventType,
  rule: Rule,
  actor: string | null,
  now: Date,
): Promise<void> {
  await append(tx, { type, workspaceId, subjectId: rule.id, actor, data: { name: rule.name } }, now)
}
