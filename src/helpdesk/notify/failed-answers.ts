import type { Follower } from '../../events/follow.ts'
import { findConversation } from '../conversations.ts'
import { selectFailedAnswers } from './failed-answers-queries.ts'
import { type NotifyDeps, notify } from './notify.ts'

/** Tells agents that an answer of theirs did not arrive: once for each answer, whatever the number of its recipients. */
export function failedAnswerFollower(deps: NotifyDeps): Follower {
  return {
    name: 'helpdesk.failed_answers',
    async apply(tx, from, to, now) {
      for (const { workspaceId, conversationId, itemId, userId } of await selectFailedAnswers(tx, from, to)) {
        const conversation = await findConversation(tx, workspaceId, conversationId)
        if (!conversation) continue
        await notify(tx, deps, { event: 'send_failed', conversation, itemId, actor: null, author: userId }, now)
      }
    },
  }
}
