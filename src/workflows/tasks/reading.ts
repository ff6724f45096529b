/** Tasks as people look at them: theirs, their teams', and those of workflows and conversations that they may look into anyway. */
import { type Actor, can } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { reachOf } from '../../helpdesk/access/reach.ts'
import { type ConversationPlace, placesOf } from '../../helpdesk/reading/places.ts'
import { reachConversation } from '../../helpdesk/reading/read.ts'
import { listTeams, teamsByMember } from '../../helpdesk/teams/teams.ts'
import type { ConversationId, TeamId, UserId } from '../../lib/ids.ts'
import { selectTask, selectTasks, type TaskFilter } from './queries.ts'
import type { Task, TaskId, TaskState } from './task.ts'

export const WHOSE = ['mine', 'teams', 'all'] as const
export type Whose = (typeof WHOSE)[number]

export interface Wanted {
  /** Asked by name; or as one of a team, too; or whatever they may see. */
  readonly whose: Whose
  readonly state?: TaskState
  /** All of one conversation that they reach, or of one run. */
  readonly conversationId?: string
  readonly runId?: string
}

export interface ShownTask {
  readonly task: Task
  readonly people: readonly { readonly id: UserId; readonly name: string | null }[]
  readonly team: { readonly id: TeamId; readonly name: string | null } | null
  /** Null where they do not reach it. */
  readonly conversation: Pick<ConversationPlace, 'id' | 'number' | 'subject'> | null
  readonly decider: string | null
  readonly mayDecide: boolean
}

/** The newest first. */
export async function tasksFor(
  tx: Tx,
  actor: Actor,
  wanted: Wanted,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly Task[]> {
  const { whose, conversationId, state, runId } = wanted
  const reached = conversationId === undefined ? null : await reachConversation(tx, actor, conversationId)
  const seesAll = can(actor, 'workflows.manage') || reached !== null
  const filter: TaskFilter = {
    ...(state !== undefined && { state }),
    ...(reached && { conversationId: reached.id }),
    ...(runId !== undefined && { runId }),
    ...{ before: after, limit },
  }
  if (whose === 'all' && seesAll) return await selectTasks(tx, actor.workspaceId, filter)
  // Nobody asks a program by its name.
  if (actor.kind !== 'user') return []
  const teams = whose === 'mine' ? [] : await teamsOf(tx, actor)
  return await selectTasks(tx, actor.workspaceId, { ...filter, of: { userId: actor.id, teams } })
}

/** Who was asked, whoever is of the team that was, whoever writes workflows, and whoever reaches the conversation it is about. */
export async function readTask(tx: Tx, actor: Actor, id: TaskId): Promise<Task> {
  const task = await selectTask(tx, actor.workspaceId, id)
  if (!task || !(await mayRead(tx, actor, task))) throw new Refusal('not_found', { what: 'task' })
  return task
}

async function mayRead(tx: Tx, actor: Actor, task: Task): Promise<boolean> {
  if (can(actor, 'workflows.manage') || isOf(actor, task, await teamsOf(tx, actor))) return true
  return task.conversationId !== null && (await conversationsOf(tx, actor, [task])).size > 0
}

/** In the order that is given. */
export async function showTasks(tx: Tx, actor: Actor, tasks: readonly Task[]): Promise<ShownTask[]> {
  const teams = await teamsOf(tx, actor)
  const named = tasks.some(({ teamId }) => teamId !== null) ? await listTeams(tx, actor.workspaceId) : []
  const references = tasks.flatMap(({ people, decidedBy }) => [...people.map((id) => `user:${id}`), decidedBy])
  const name = await nameActors(tx, actor.workspaceId, references)
  const conversations = await conversationsOf(tx, actor, tasks)
  return tasks.map((task) => ({
    task,
    people: task.people.map((id) => ({ id, name: name(`user:${id}`).name })),
    team: task.teamId && { id: task.teamId, name: named.find(({ id }) => id === task.teamId)?.name ?? null },
    conversation: conversations.get(task.conversationId as ConversationId) ?? null,
    decider: task.decidedBy === null ? null : name(task.decidedBy).name,
    mayDecide: task.state === 'open' && (can(actor, 'workspace.manage') || isOf(actor, task, teams)),
  }))
}

async function teamsOf(tx: Tx, actor: Actor): Promise<readonly TeamId[]> {
  return actor.kind === 'user' ? ((await teamsByMember(tx, actor.workspaceId)).get(actor.id) ?? []) : []
}

function isOf(actor: Actor, { people, teamId }: Task, teams: readonly TeamId[]): boolean {
  return actor.kind === 'user' && (people.includes(actor.id) || (teamId !== null && teams.includes(teamId)))
}

/** Those that they reach. */
async function conversationsOf(tx: Tx, actor: Actor, tasks: readonly Task[]) {
  const ids = tasks.flatMap(({ conversationId }) => (conversationId ?? []) as ConversationId | [])
  return await placesOf(tx, actor.workspaceId, ids, await reachOf(tx, actor))
}
