/** Asking people: a task, or an approval, on their lists and by mail. The run goes the way the first of them decides. */
import { actorReference } from '../../accounts/actor.ts'
import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { NotifyDeps } from '../../helpdesk/notify/notify.ts'
import { findTeam } from '../../helpdesk/teams/teams.ts'
import type { TeamId } from '../../lib/ids.ts'
import { momentAfter } from '../calendars/calendars.ts'
import type { FormField, HumanTask } from '../definition/nodes/people.ts'
import type { Approval } from '../definition/nodes/wait.ts'
import { liveConversation } from '../facts/conversation.ts'
import { TextError } from '../facts/text.ts'
import type { StepResult } from '../interpret/result.ts'
import { ask } from '../tasks/ask.ts'
import { type Choice, labelOf, type TaskId } from '../tasks/task.ts'
import { deciderOf, endTask, findTask } from '../tasks/tasks.ts'
import { go } from './conversation.ts'
import { type Step, type StepContext, step } from './step.ts'

interface Question extends Pick<HumanTask, 'title' | 'text' | 'users' | 'team' | 'after'> {
  readonly decisions: readonly Choice[]
  readonly fields: readonly FormField[]
}

const MAX_PEOPLE = 100
const MAX_TITLE = 500
const MAX_INITIAL = 15_000

export function peopleSteps(deps: NotifyDeps): Step<never>[] {
  return [
    asking<HumanTask>(deps, 'human.task@1', (config) => config),
    asking<Approval>(deps, 'wait.approval@1', (config) => ({
      ...config,
      decisions: [
        { key: 'approved', label: 'Approve' },
        { key: 'rejected', label: 'Reject' },
      ],
      fields: [],
    })),
  ] as unknown as Step<never>[]
}

function asking<C>(deps: NotifyDeps, type: string, questionOf: (config: C) => Question): Step<C> {
  return step<C>({
    type,
    run: (context, config) => begin(deps, context, questionOf(config)),
    /** Somebody may have decided at the last moment, and what they decided is not read yet. It holds. */
    async timeOut({ tx, run, token, now }, config) {
      const id = token.memo.task as TaskId
      const task = await findTask(tx, run.workspaceId, id, { lock: true })
      if (task?.state === 'decided' && task.decision !== null) {
        const { decision, comment, answers } = task
        const by = await deciderOf(tx, task)
        return go(decision, { task_id: id, decision, label: labelOf(task), comment, answers, decided_by: by })
      }
      await endTask(tx, run.workspaceId, id, 'expired', now)
      // The same as where somebody decided, with nothing in it: what follows may ask for any of it.
      const answers = Object.fromEntries(questionOf(config).fields.map(({ key }) => [key, null]))
      return go('timeout', { task_id: id, decision: null, label: null, comment: '', answers, decided_by: null })
    },
    async drop({ tx, run, token, now }) {
      if (typeof token.memo.task === 'string') await endTask(tx, run.workspaceId, token.memo.task as TaskId, 'withdrawn', now)
    },
  })
}

async function begin(deps: NotifyDeps, context: StepContext, question: Question): Promise<StepResult> {
  const { tx, run, now, actor, token, nodeId } = context
  const people = await peopleOf(context, question)
  if (people.length === 0) return failed('nobody', 'Nobody who is asked is there any more.')
  const conversationId = run.subject?.kind === 'conversation' ? run.subject.id : run.cause.conversationId
  const conversation = conversationId === null ? null : await liveConversation(tx, run.workspaceId, conversationId)
  const { decisions, after, team } = question
  const until = after === null ? null : await momentAfter(tx, run.workspaceId, after, now)
  const id = context.newId<TaskId>()
  try {
    const title = (await context.text(question.title)).trim().slice(0, MAX_TITLE)
    if (title === '') return failed('invalid', 'What is to be decided has no words: its text came to nothing.')
    const body = question.text === undefined ? '' : await context.text(question.text)
    const fields = await filledIn(context, question.fields)
    const about = { workspaceId: run.workspaceId, workflowId: run.workflowId, workflow: run.workflowName, runId: run.id }
    const task = {
      ...about,
      ...{ id, tokenId: token.id, node: nodeId, visit: token.visit, title, body, decisions, fields },
      ...{ teamId: (team as TeamId | undefined) ?? null, conversationId: conversation?.id ?? null },
      ...{ createdAt: now, dueAt: until },
    }
    await ask(tx, deps, task, people, { conversation, actor: actorReference(actor) }, now)
  } catch (error) {
    if (error instanceof TextError) return failed('text', error.message)
    throw error
  }
  const arms = decisions.map(({ key }) => ({ port: key, on: 'task.decided', key: `task:${id}`, where: { decision: key } }))
  return { kind: 'wait', arms, until, timeoutPort: until === null ? null : 'timeout', memo: { task: id } }
}

/** What stands in a field at first is a text as every other: with what is known of the run. */
async function filledIn({ text }: StepContext, fields: readonly FormField[]): Promise<FormField[]> {
  const filled: FormField[] = []
  for (const { initial, ...field } of fields)
    filled.push(initial === undefined ? field : { ...field, initial: (await text(initial)).slice(0, MAX_INITIAL) })
  return filled
}

async function peopleOf({ tx, run }: StepContext, { users = [], team }: Question): Promise<Member[]> {
  const members = team === undefined ? [] : ((await findTeam(tx, run.workspaceId, team as TeamId))?.members ?? [])
  const asked = new Set<string>([...users, ...members])
  return (await rosterOf(tx, run.workspaceId)).filter(({ id }) => asked.has(id)).slice(0, MAX_PEOPLE)
}

function failed(failureClass: string, sentence: string): StepResult {
  return { kind: 'fail', class: failureClass, sentence, retryAt: null, port: null }
}
