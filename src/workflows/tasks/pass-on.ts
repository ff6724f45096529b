/** Somebody who is asked lets somebody else decide: they are asked instead, by the same words and with a link of their own. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { NotifyDeps } from '../../helpdesk/notify/notify.ts'
import type { UserId } from '../../lib/ids.ts'
import { liveConversation } from '../facts/conversation.ts'
import { askAlso } from './ask.ts'
import { deletePerson, selectTask } from './queries.ts'
import type { Task, TaskId } from './task.ts'
import { lockOpen } from './tasks.ts'

export async function passOn(tx: Tx, deps: NotifyDeps, id: TaskId, userId: UserId, actor: Actor, now: Date): Promise<Task> {
  const task = await lockOpen(tx, id, actor, 'passed on')
  const { workspaceId, people, conversationId, runId, workflowId, workflow: name, title } = task
  if (people.includes(userId)) throw new Refusal('invalid_request', { why: 'They are asked already.', pointer: '/user_id' })
  const person = (await rosterOf(tx, workspaceId)).find((one) => one.id === userId)
  if (!person) throw new Refusal('not_found', { what: 'user', pointer: '/user_id' })
  const by = actorReference(actor)
  const conversation = conversationId === null ? null : await liveConversation(tx, workspaceId, conversationId)
  if (actor.kind === 'user' && people.includes(actor.id)) await deletePerson(tx, task, actor.id)
  await askAlso(tx, deps, task, person, { conversation, actor: by }, now)
  const data = { task_id: id, workflow_id: workflowId, run_id: runId, name, title, to: userId, to_name: person.name }
  await append(tx, { type: 'workflow.task_passed_on', workspaceId, subjectId: id, actor: by, data }, now)
  return (await selectTask(tx, workspaceId, id)) ?? task
}
