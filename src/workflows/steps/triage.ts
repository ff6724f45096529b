/** What workflows do with a conversation as agents do it, by the very same verbs. */

import { rosterOf } from '../../accounts/roster.ts'
import type { AnswerDeps } from '../../helpdesk/answering/answer.ts'
import { htmlOfText } from '../../helpdesk/answering/letter.ts'
import { addNote } from '../../helpdesk/answering/note.ts'
import { findByNumber } from '../../helpdesk/conversations.ts'
import type { CustomFieldId, StatusLabelId } from '../../helpdesk/inbox.ts'
import { listTeams } from '../../helpdesk/teams/teams.ts'
import { deleteConversations, deleteForGood } from '../../helpdesk/triage/delete.ts'
import { mergeConversations } from '../../helpdesk/triage/merge.ts'
import { setFollowing } from '../../helpdesk/triage/people.ts'
import type { InboxId, UserId } from '../../lib/ids.ts'
import { momentAfter } from '../calendars/calendars.ts'
import type { Nothing } from '../definition/nodes/fields.ts'
import type {
  AutoReply,
  Field,
  Followers,
  Merge,
  Move,
  Note,
  Priority,
  Snooze,
  Status,
  Subject,
  Tags,
} from '../definition/nodes/triage.ts'
import { assignStep } from './assign.ts'
import { changing, go, onConversation, refused } from './conversation.ts'
import { namedIn } from './mentions.ts'
import { type Step, type StepContext, step } from './step.ts'

async function mentionsIn({ tx, run }: StepContext, words: string) {
  if (!words.includes('@')) return { users: [], teams: [] }
  const [people, teams] = [await rosterOf(tx, run.workspaceId), await listTeams(tx, run.workspaceId)]
  return { users: namedIn(words, people), teams: namedIn(words, teams) }
}

export function triageSteps(deps: AnswerDeps): Step[] {
  const follow =
    (follows: boolean) =>
    async (context: StepContext, { users }: Followers) =>
      onConversation(context, async ({ id }) => {
        const { tx, actor, now } = context
        for (const userId of users as UserId[]) await setFollowing(tx, deps, id, { userId, follows }, actor, now)
        return go('out')
      })
  return [
    assignStep(deps),
    step<Status>({
      type: 'conversation.status@1',
      run: (context, { status, label }) =>
        changing(deps, context, () => ({ status, ...(label !== undefined && { labelId: label as StatusLabelId }) })),
    }),
    step<Priority>({
      type: 'conversation.priority@1',
      run: (context, { priority }) => changing(deps, context, () => ({ priority })),
    }),
    step<Tags>({
      type: 'conversation.tag@1',
      run: (context, { tags }) => changing(deps, context, () => ({ addTags: tags })),
    }),
    step<Tags>({
      type: 'conversation.untag@1',
      run: (context, { tags }) => changing(deps, context, () => ({ removeTags: tags })),
    }),
    step<Field>({
      type: 'conversation.field@1',
      run: (context, { field, value }) =>
        changing(deps, context, async () => ({
          fields: { [field as CustomFieldId]: value === null ? null : await context.text(value) },
        })),
    }),
    step<Subject>({
      type: 'conversation.subject@1',
      run: (context, { subject }) => changing(deps, context, async () => ({ subject: await context.text(subject) })),
    }),
    step<Move>({
      type: 'conversation.move@1',
      run: (context, { inbox }) => changing(deps, context, () => ({ inboxId: inbox as InboxId })),
    }),
    step<Snooze>({
      type: 'conversation.snooze@1',
      run: (context, config) =>
        changing(deps, context, async () => ({
          snoozedUntil: await momentAfter(context.tx, context.run.workspaceId, config.for, context.now),
        })),
    }),
    step<Nothing>({
      type: 'conversation.wake@1',
      run: (context) => changing(deps, context, () => ({ snoozedUntil: null })),
    }),
    step<AutoReply>({
      type: 'conversation.auto_reply@1',
      run: (context, { off }) => changing(deps, context, () => ({ autoReplyOff: off })),
    }),
    step<Note>({
      type: 'conversation.note@1',
      run: (context, { text }) =>
        onConversation(context, async ({ id }) => {
          const words = await context.text(text)
          const content = { html: htmlOfText(words), files: [] }
          const request = { content, mentions: await mentionsIn(context, words), change: {} }
          const item = await addNote(context.tx, deps, context.actor, id, request, context.now)
          return go('out', { item_id: item.id })
        }),
    }),
    step<Merge>({
      type: 'conversation.merge@1',
      run: (context, { into }) =>
        onConversation(context, async ({ id, workspaceId }) => {
          const number = await context.value(into)
          const target = typeof number === 'number' ? await findByNumber(context.tx, workspaceId, number) : null
          if (!target) return refused(`There is no conversation with the number ${JSON.stringify(number)}.`, 'gone')
          await mergeConversations(context.tx, deps, [id], target.id, context.actor, context.now)
          return go('out', { conversation_id: target.id })
        }),
    }),
    step<{ for_good: boolean }>({
      type: 'conversation.delete@1',
      run: (context, { for_good: forGood }) =>
        onConversation(context, async ({ id }) => {
          if (forGood) await deleteForGood(context.tx, [id], context.actor, context.now)
          else await deleteConversations(context.tx, deps, [id], context.actor, context.now)
          return go('out')
        }),
    }),
    step<Followers>({ type: 'conversation.follow@1', run: follow(true) }),
    step<Followers>({ type: 'conversation.unfollow@1', run: follow(false) }),
  ] as Step[]
}
