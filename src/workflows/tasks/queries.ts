import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Task, TaskId, TaskState } from './task.ts'

export interface NewTask extends Omit<Task, 'people' | 'state' | 'endedAt' | 'decision' | 'decidedBy' | 'comment' | 'answers'> {
  readonly tokenId: string
  readonly visit: number
}

export async function insertTask(tx: Tx, task: NewTask): Promise<void> {
  await sql`
    insert into workflow_task (workspace_id, id, workflow_id, workflow, run_id, token_id, node, visit, title, body, decisions, fields, team_id,
                               conversation_id, created_at, due_at)
    values (${task.workspaceId}, ${task.id}, ${task.workflowId}, ${task.workflow}, ${task.runId}, ${task.tokenId}, ${task.node}, ${task.visit},
            ${task.title}, ${task.body}, ${JSON.stringify(task.decisions)}::jsonb, ${JSON.stringify(task.fields)}::jsonb, ${task.teamId},
            ${task.conversationId}, ${task.createdAt}, ${task.dueAt})`.execute(tx)
}

export interface AskedPerson {
  readonly userId: UserId
  readonly tokenHash: Buffer
  readonly messageId: string | null
}

export async function insertPerson(
  tx: Tx,
  { workspaceId, id }: Pick<Task, 'workspaceId' | 'id'>,
  { userId, tokenHash, messageId }: AskedPerson,
): Promise<void> {
  await sql`
    insert into workflow_task_person (workspace_id, task_id, user_id, token_hash, message_id)
    values (${workspaceId}, ${id}, ${userId}, ${tokenHash}, ${messageId})`.execute(tx)
}

/** Their link leads nowhere from then on. */
export async function deletePerson(tx: Tx, { workspaceId, id }: Pick<Task, 'workspaceId' | 'id'>, userId: UserId): Promise<void> {
  await sql`
    delete from workflow_task_person where workspace_id = ${workspaceId} and task_id = ${id} and user_id = ${userId}`.execute(tx)
}

const COLUMNS = sql.raw(`
  t.workspace_id as "workspaceId", t.id, t.workflow_id as "workflowId", t.workflow, t.run_id as "runId", t.node, t.title, t.body, t.decisions, t.fields,
  t.team_id as "teamId", t.conversation_id as "conversationId", t.state, t.created_at as "createdAt", t.due_at as "dueAt", t.ended_at as "endedAt",
  t.decision, t.decided_by as "decidedBy", t.comment, t.answers,
  coalesce((select json_agg(p.user_id order by p.user_id) from workflow_task_person as p where p.workspace_id = t.workspace_id and p.task_id = t.id), '[]') as people`)

/** With `lock`, nobody decides meanwhile. */
export async function selectTask(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: TaskId,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<Task | null> {
  const { rows } = await sql<Task>`
    select ${COLUMNS} from workflow_task as t where t.workspace_id = ${workspaceId} and t.id = ${id} ${lock ? sql`for update of t` : sql``}`.execute(
    db,
  )
  return rows[0] ?? null
}

export interface TaskFilter {
  /** Of whom: asked by name, or as one of these teams. Absent: everybody's. */
  readonly of?: { readonly userId: UserId; readonly teams: readonly TeamId[] }
  readonly state?: TaskState
  readonly conversationId?: string
  readonly runId?: string
  /** The id of the last one that was seen. */
  readonly before: string | null
  readonly limit: number
}

/** The newest first. */
export async function selectTasks(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { of, state, conversationId, runId, before, limit }: TaskFilter,
): Promise<Task[]> {
  const conditions: RawBuilder<unknown>[] = [sql`t.workspace_id = ${workspaceId}`]
  if (of)
    conditions.push(sql`(t.team_id = any (${plainArray(of.teams)}::uuid[]) or exists (
      select from workflow_task_person as p where p.workspace_id = t.workspace_id and p.task_id = t.id and p.user_id = ${of.userId}))`)
  if (state) conditions.push(sql`t.state = ${state}`)
  if (conversationId) conditions.push(sql`t.conversation_id = ${conversationId}`)
  if (runId) conditions.push(sql`t.run_id = ${runId}`)
  if (before !== null) conditions.push(sql`t.id < ${before}`)
  const { rows } = await sql<Task>`
    select ${COLUMNS} from workflow_task as t where ${sql.join(conditions, sql` and `)} order by t.id desc limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function selectByToken(
  db: Db | Tx,
  tokenHash: Buffer,
): Promise<{ workspaceId: WorkspaceId; taskId: TaskId; userId: UserId } | null> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; taskId: TaskId; userId: UserId }>`
    select workspace_id as "workspaceId", task_id as "taskId", user_id as "userId" from workflow_task_person where token_hash = ${tokenHash}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function updateDecided(
  tx: Tx,
  { workspaceId, id, decision, decidedBy, comment, answers }: Task,
  now: Date,
): Promise<void> {
  await sql`
    update workflow_task
       set state = 'decided', ended_at = ${now}, decision = ${decision}, decided_by = ${decidedBy}, comment = ${comment},
           answers = ${JSON.stringify(answers)}::jsonb
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Nobody needs an answer any more. What was decided stays so. */
export async function endTask(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: TaskId,
  state: 'expired' | 'withdrawn',
  now: Date,
): Promise<void> {
  await sql`
    update workflow_task set state = ${state}, ended_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and state = 'open'`.execute(tx)
}
