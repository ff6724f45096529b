/** What steps on a conversation share: finding it where it is now, and saying in words when it may not be done. */
import { Refusal } from '../../errors.ts'
import type { Conversation } from '../../helpdesk/conversation.ts'
import type { TriageDeps } from '../../helpdesk/triage/act.ts'
import { changeConversation } from '../../helpdesk/triage/change.ts'
import type { Change } from '../../helpdesk/triage/triage.ts'
import { liveConversation } from '../facts/conversation.ts'
import { TextError } from '../facts/text.ts'
import type { StepResult } from '../interpret/result.ts'
import type { Values } from '../interpret/state.ts'
import type { StepContext } from './step.ts'

/** The act was not possible; whether anything follows is the graph's to say. */
export function refused(sentence: string, code = 'refused'): StepResult {
  return { kind: 'fail', class: code, sentence, retryAt: null, port: 'refused' }
}

export function go(port: string, output?: Values): StepResult {
  return { kind: 'go', port, ...(output && { output }) }
}

/**
 * Does something with the run's conversation, where it is now: one that was merged is the one it went into. What the helpdesk refuses leaves by the port
 * `refused`, in its own words.
 */
export async function onConversation(
  context: StepContext,
  work: (conversation: Conversation) => Promise<StepResult>,
): Promise<StepResult> {
  const { run, tx } = context
  const id = run.subject?.kind === 'conversation' ? run.subject.id : run.cause.conversationId
  const conversation = id === null ? null : await liveConversation(tx, run.workspaceId, id)
  if (!conversation) return refused('The conversation is not there any more.', 'gone')
  try {
    return await work(conversation)
  } catch (error) {
    if (error instanceof Refusal) return refused(error.message, error.code)
    if (error instanceof TextError) return refused(error.message, 'text')
    throw error
  }
}

export function changing(
  deps: TriageDeps,
  context: StepContext,
  change: (conversation: Conversation) => Promise<Change> | Change,
): Promise<StepResult> {
  return onConversation(context, async (conversation) => {
    const wanted = await change(conversation)
    await changeConversation(context.tx, deps, conversation.id, wanted, context.actor, context.now)
    return go('out')
  })
}
