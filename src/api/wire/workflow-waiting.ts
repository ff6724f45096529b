import type { WaitingStart } from '../../workflows/reading/waiting.ts'

export function toWaitingStart({ runId, workflowId, workflow, happening, conversationId, contactId, at }: WaitingStart) {
  return {
    ...{ run_id: runId, workflow: { id: workflowId, name: workflow }, happening },
    ...{ conversation_id: conversationId, contact_id: contactId, since: at },
    sentence: 'Begins when the run before it has ended.',
  }
}
