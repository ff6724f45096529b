import type { ShownTask } from '../../workflows/tasks/reading.ts'
import type * as endpoints from '../endpoints/workflow-tasks.ts'

export function toTask({ task: t, people, team, conversation, decider, mayDecide }: ShownTask): endpoints.WorkflowTask {
  return {
    ...{
      id: t.id,
      workflow: { id: t.workflowId, name: t.workflow },
      run_id: t.runId,
      node: t.node,
      title: t.title,
      body: t.body,
    },
    decisions: t.decisions.map(({ key, label }) => ({ key, label })),
    fields: t.fields.map(({ key, label, type, choices = [], required, initial = null }) => ({
      key,
      label,
      type,
      choices: [...choices],
      required,
      initial,
    })),
    ...{ people: people.map((one) => ({ ...one })), team: team && { ...team } },
    conversation: conversation && { id: conversation.id, number: conversation.number, subject: conversation.subject },
    ...{ state: t.state, may_decide: mayDecide, created_at: t.createdAt, due_at: t.dueAt, ended_at: t.endedAt },
    ...{ decision: t.decision, decided_by: decider, comment: t.comment, answers: { ...t.answers } },
  }
}
