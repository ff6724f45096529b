/** Rules that turn mail away: making and removing them, and trying one on what came lately. */
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { findInbox } from '../../helpdesk/inboxes.ts'
import { type InboxId, newId, type WorkspaceId } from '../../lib/ids.ts'
import { ruleAgainst } from '../decide.ts'
import { deleteRule, insertRule, type Recent, selectRecent, selectRules } from './queries.ts'
import { type IgnoreRuleId, MAX_RULES, problemOf, type Rule, type RuleField } from './rule.ts'

export interface RuleWanted {
  readonly inboxId: InboxId | null
  readonly field: RuleField
  readonly pattern: string
  readonly note: string
}

export interface ByWhom {
  readonly workspaceId: WorkspaceId
  readonly actor: string
}

/** Newest first; with `inboxId`, those that hold there. */
export async function listRules(db: Db | Tx, workspaceId: WorkspaceId, inboxId: InboxId | null): Promise<Rule[]> {
  const all = await selectRules(db, workspaceId, MAX_RULES)
  return inboxId === null ? all : all.filter((rule) => rule.inboxId === null || rule.inboxId === inboxId)
}

/** `isNew` false: one says the same already, and is given back. */
export async function addRule(
  tx: Tx,
  { workspaceId, actor }: ByWhom,
  wanted: RuleWanted,
  now: Date,
): Promise<{ readonly rule: Rule; readonly isNew: boolean }> {
  const pattern = wanted.pattern.trim()
  await refuseWrong(tx, workspaceId, { ...wanted, pattern })
  if ((await selectRules(tx, workspaceId, MAX_RULES)).length >= MAX_RULES)
    throw new Refusal('too_many_of_these', { limit: MAX_RULES, what: 'rules that ignore mail' })
  const id = newId<IgnoreRuleId>(now.getTime())
  const blank = { turnedAway: 0, lastAt: null }
  const rule = await insertRule(tx, workspaceId, { ...wanted, ...blank, id, pattern, createdBy: actor, createdAt: now })
  if (rule.id !== id) return { rule, isNew: false }
  const { inboxId: inbox_id, field } = rule
  await append(tx, { type: 'ignore_rule.added', workspaceId, subjectId: id, actor, data: { inbox_id, field, pattern } }, now)
  return { rule, isNew: true }
}

export async function removeRule(tx: Tx, by: ByWhom, id: IgnoreRuleId, now: Date): Promise<void> {
  if (!(await dropRule(tx, by, id, now))) throw new Refusal('not_found', { what: 'rule' })
}

/** False: it is gone already. */
export async function dropRule(tx: Tx, { workspaceId, actor }: ByWhom, id: IgnoreRuleId, now: Date): Promise<boolean> {
  const rule = await deleteRule(tx, workspaceId, id)
  if (!rule) return false
  const { inboxId: inbox_id, field, pattern } = rule
  await append(tx, { type: 'ignore_rule.removed', workspaceId, subjectId: id, actor, data: { inbox_id, field, pattern } }, now)
  return true
}

/** What a rule would have done to the newest mails of its inbox. */
export interface Tried {
  readonly looked: number
  readonly fits: number
  /** Of these, as many are conversations, or in one: people would not have seen them. */
  readonly wouldBeMissed: number
  readonly examples: readonly Recent[]
}

export const TRIED_ON = 1_000
const EXAMPLES = 5

export async function tryRule(db: Db | Tx, workspaceId: WorkspaceId, wanted: Omit<RuleWanted, 'note'>): Promise<Tried> {
  const pattern = wanted.pattern.trim()
  await refuseWrong(db, workspaceId, { ...wanted, pattern })
  const recent = await selectRecent(db, workspaceId, wanted.inboxId, TRIED_ON)
  const found = recent.filter((mail) => ruleAgainst([{ field: wanted.field, pattern }], mail) !== null)
  return {
    looked: recent.length,
    fits: found.length,
    wouldBeMissed: found.filter(({ outcome }) => outcome === 'conversation_started' || outcome === 'reply_added').length,
    examples: found.slice(0, EXAMPLES),
  }
}

async function refuseWrong(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { inboxId, field, pattern }: Omit<RuleWanted, 'note'>,
): Promise<void> {
  const problem = problemOf(field, pattern)
  if (problem) throw new Refusal('invalid_request', { why: problem, pointer: '/pattern' })
  if (inboxId !== null && !(await findInbox(db, workspaceId, inboxId)))
    throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox_id' })
}
