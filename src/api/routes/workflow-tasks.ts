import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { passOn } from '../../workflows/tasks/pass-on.ts'
import { readTask, showTasks, tasksFor } from '../../workflows/tasks/reading.ts'
import type { Task } from '../../workflows/tasks/task.ts'
import { decideMany, decideTask } from '../../workflows/tasks/tasks.ts'
import type { ServerDeps } from '../deps.ts'
import {
  decideWorkflowTask,
  decideWorkflowTasks,
  getWorkflowTask,
  listWorkflowTasks,
  passOnWorkflowTask,
} from '../endpoints/workflow-tasks.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toTask } from '../wire/workflow-tasks.ts'

export function workflowTaskRoutes({
  database,
  clock,
  blobs,
  secrets,
  url,
}: Pick<ServerDeps, 'database' | 'clock' | 'blobs' | 'secrets' | 'url'>): Route[] {
  return [
    route(listWorkflowTasks, async ({ tx, params, actor }) => {
      // A program is asked nothing itself.
      const { whose = actor.kind === 'key' ? 'all' : 'teams', state, conversation_id: conversationId, run_id: runId } = params
      const wanted = {
        whose,
        ...(state !== undefined && { state }),
        ...(conversationId !== undefined && { conversationId }),
        ...(runId !== undefined && { runId }),
      }
      const page = pageById('workflow_tasks', params)
      const found = await tasksFor(tx, actor, wanted, page.query)
      const shown = new Map((await showTasks(tx, actor, found)).map((one) => [one.task.id, toTask(one)]))
      return page.of(found, ({ id }) => shown.get(id) ?? null)
    }),
    route(getWorkflowTask, async ({ tx, params, actor }) => one(tx, actor, await readTask(tx, actor, params.id))),
    route(decideWorkflowTask, async ({ tx, params, body, actor, now }) =>
      one(tx, actor, await decideTask(tx, params.id, body, actor, now)),
    ),
    route(passOnWorkflowTask, async ({ tx, params, body, actor, now }) =>
      one(tx, actor, await passOn(tx, { blobs, secrets, url }, params.id, body.user_id, actor, now)),
    ),
    route(decideWorkflowTasks, async ({ body: { task_ids, ...decision }, actor }) => {
      const { done, refused } = await decideMany(database, actor, task_ids, decision, () => clock.now())
      return { done, refused: refused.map(({ id, sentence }) => ({ task_id: id, sentence })) }
    }),
  ]
}

async function one(tx: Tx, actor: Actor, task: Task) {
  const [shown] = await showTasks(tx, actor, [task])
  if (!shown) throw new Refusal('not_found', { what: 'task' })
  return toTask(shown)
}
