/** Asking people, and hearing what they decide. */
import { type Actor, actorReference, can } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Database, Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { findTeam } from '../../helpdesk/teams/teams.ts'
import type { UserId, WorkspaceId } from '../../lib/ids.ts'
import { sha256 } from '../../lib/secrets.ts'
import { selectByToken, selectTask, updateDecided } from './queries.ts'
import { initialAnswers, labelOf, MAX_COMMENT, readAnswers, type Task, type TaskId } from './task.ts'

export { endTask, selectTask as findTask, selectTasks as listTasks, type TaskFilter } from './queries.ts'

export interface Decision {
  /** The key of one of the task's decisions. */
  readonly decision: string
  readonly comment?: string
  readonly answers?: Readonly<Record<string, unknown>>
}

/** Who was asked decides, whoever is of the team that was, or whoever runs the workspace. The first word holds. */
export async function decideTask(tx: Tx, id: TaskId, decision: Decision, actor: Actor, now: Date): Promise<Task> {
  const task = await selectTask(tx, actor.workspaceId, id, { lock: true })
  if (!task || !(await mayDecide(tx, task, actor))) throw new Refusal('not_found', { what: 'task' })
  return await decide(tx, task, decision, actorReference(actor), now)
}

/** Of what is open, and theirs to decide; nobody else decides meanwhile. */
export async function lockOpen(tx: Tx, id: TaskId, actor: Actor, action: string): Promise<Task> {
  const task = await selectTask(tx, actor.workspaceId, id, { lock: true })
  if (!task || !(await mayDecide(tx, task, actor))) throw new Refusal('not_found', { what: 'task' })
  if (task.state !== 'open') throw new Refusal('wrong_state', { what: 'task', state: await howEnded(tx, task), action })
  return task
}

/** One word for many, each by itself: what cannot be decided by it is told. */
export async function decideMany(
  database: Database,
  actor: Actor,
  ids: readonly TaskId[],
  decision: Decision,
  now: () => Date,
): Promise<{ done: number; refused: { id: TaskId; sentence: string }[] }> {
  const refused: { id: TaskId; sentence: string }[] = []
  for (const id of ids) {
    try {
      await database.transaction({ as: 'api', workspaceId: actor.workspaceId }, async (tx) => {
        const { fields } = await lockOpen(tx, id, actor, 'decided')
        await decideTask(tx, id, { ...decision, answers: initialAnswers(fields) }, actor, now())
      })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused.push({ id, sentence: error.message })
    }
  }
  return { done: ids.length - refused.length, refused }
}

async function mayDecide(tx: Tx, task: Task, actor: Actor): Promise<boolean> {
  if (can(actor, 'workspace.manage')) return true
  return actor.kind === 'user' && (await isAsked(tx, task, actor.id))
}

async function isAsked(db: Db | Tx, { workspaceId, people, teamId }: Task, userId: UserId): Promise<boolean> {
  if (people.includes(userId)) return true
  return teamId !== null && (await findTeam(db, workspaceId, teamId))?.members.includes(userId) === true
}

async function decide(tx: Tx, task: Task, given: Decision, by: string, now: Date): Promise<Task> {
  if (task.state !== 'open')
    throw new Refusal('wrong_state', { what: 'task', state: await howEnded(tx, task), action: 'decided' })
  const { decision, comment = '', answers = {} } = given
  if (!task.decisions.some(({ key }) => key === decision))
    throw new Refusal('invalid_request', { why: `“${decision.slice(0, 60)}” is none of its decisions.`, pointer: '/decision' })
  if (comment.length > MAX_COMMENT)
    throw new Refusal('invalid_request', { why: `A comment has at most ${MAX_COMMENT} characters.`, pointer: '/comment' })
  const state = { state: 'decided' as const, endedAt: now }
  const decided: Task = { ...task, ...state, decision, decidedBy: by, comment, answers: readAnswers(task.fields, answers) }
  await updateDecided(tx, decided, now)
  const { workspaceId, id, runId, workflowId, workflow, node, conversationId } = decided
  const person = await deciderOf(tx, decided)
  const data = {
    ...{ task_id: id, workflow_id: workflowId, run_id: runId, name: workflow, node, title: decided.title },
    ...{ decision, label: labelOf(decided), comment, answers: decided.answers, decided_by: person },
    ...(conversationId !== null && { conversation_id: conversationId }),
  }
  await append(tx, { type: 'workflow.task_decided', workspaceId, subjectId: id, actor: by, data }, now)
  return decided
}

/** In words, as in 'A task that is …'. */
async function howEnded(tx: Tx, task: Task): Promise<string> {
  const at = `${(task.endedAt ?? task.createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (task.state === 'decided') return `decided already (“${labelOf(task)}”, by ${await deciderOf(tx, task)}, ${at})`
  return task.state === 'expired' ? `over since ${at}` : 'not asked any more'
}

export async function deciderOf(db: Db | Tx, { workspaceId, decidedBy }: Task): Promise<string> {
  if (decidedBy === null) return 'somebody'
  return (await nameActors(db, workspaceId, [decidedBy]))(decidedBy).name ?? 'somebody'
}

/** What a link that was mailed leads to. */
export interface Linked {
  readonly task: Task
  readonly userId: UserId
  /** Who decided, where somebody has. */
  readonly decider: string | null
}

/** Looking changes nothing. Null: nothing that is known here, or somebody who is not of the workspace any more. */
export async function taskByLink(db: Db | Tx, token: string): Promise<Linked | null> {
  const found = await selectByToken(db, sha256(token))
  const task = found && (await selectTask(db, found.workspaceId, found.taskId))
  if (!found || !task || !(await isMember(db, found.workspaceId, found.userId))) return null
  return { task, userId: found.userId, decider: task.state === 'decided' ? await deciderOf(db, task) : null }
}

/** In the name of whom the link was mailed to. */
export async function decideByLink(tx: Tx, token: string, decision: Decision, now: Date): Promise<Task> {
  const found = await selectByToken(tx, sha256(token))
  const task = found && (await selectTask(tx, found.workspaceId, found.taskId, { lock: true }))
  if (!found || !task || !(await isMember(tx, found.workspaceId, found.userId))) throw new Refusal('not_found', { what: 'task' })
  return await decide(tx, task, decision, `user:${found.userId}`, now)
}

async function isMember(db: Db | Tx, workspaceId: WorkspaceId, userId: UserId): Promise<boolean> {
  return (await rosterOf(db, workspaceId)).some(({ id }) => id === userId)
}
