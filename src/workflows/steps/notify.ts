/** Telling your own people by mail. Each mail is a message with its own waybill, written and due in the transaction of the step; the run does not wait for it. */
import { actorReference } from '../../accounts/actor.ts'
import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Conversation } from '../../helpdesk/conversation.ts'
import { mailPeople } from '../../helpdesk/notify/mail-people.ts'
import type { NotifyDeps } from '../../helpdesk/notify/notify.ts'
import { findTeam } from '../../helpdesk/teams/teams.ts'
import { followersOf } from '../../helpdesk/triage/people.ts'
import type { TeamId, UserId } from '../../lib/ids.ts'
import type { Notify, Whom } from '../definition/nodes/mail.ts'
import { lastReplier, starterOf } from './assign.ts'
import { go, onConversation } from './conversation.ts'
import { type Step, type StepContext, step } from './step.ts'

const SUBJECT = '[#{{ conversation.number }}] {{ conversation.subject }}'
const TEXT =
  'The workflow “{{ run.workflow }}” points you to this conversation{% if message %} of {{ message.from }}:\n\n{{ message.text | truncate: 2000 }}{% else %}.{% endif %}'

export function notifyStep(deps: NotifyDeps): Step<Notify> {
  return step<Notify>({
    type: 'conversation.notify@1',
    run: (context, config) =>
      onConversation(context, async (conversation) => {
        const { tx, run, now, actor } = context
        const people = await peopleOf(context, conversation, config.to)
        if (people.length === 0) return go('nobody')
        const mail = {
          subject: await context.text(config.subject ?? SUBJECT),
          text: await context.text(config.text ?? TEXT),
          ...{ by: run.workflowName, actor: actorReference(actor) },
        }
        const sent = await mailPeople(tx, deps, conversation, people, mail, now)
        return sent.size === 0 ? go('nobody') : go('out', { messages: [...sent.values()] })
      }),
  })
}

/** Each of them once, however many ways they are meant. */
async function peopleOf(context: StepContext, conversation: Conversation, whom: readonly Whom[]): Promise<Member[]> {
  const ids = new Set<UserId>()
  for (const one of whom) for (const id of await idsOf(context, conversation, one)) ids.add(id)
  return (await rosterOf(context.tx, conversation.workspaceId)).filter(({ id }) => ids.has(id))
}

async function idsOf({ tx, run }: StepContext, conversation: Conversation, whom: Whom): Promise<readonly UserId[]> {
  switch (whom.who) {
    case 'assignee':
      return conversation.assigneeId === null ? [] : [conversation.assigneeId]
    case 'last_replier': {
      const user = await lastReplier(tx, conversation)
      return user === null ? [] : [user]
    }
    case 'starter': {
      const user = await starterOf(tx, run, conversation)
      return user === null ? [] : [user]
    }
    case 'followers':
      return await followersOf(tx, conversation.workspaceId, conversation.id)
    case 'user':
      return [whom.user as UserId]
    case 'team':
      return (await findTeam(tx, conversation.workspaceId, whom.team as TeamId))?.members ?? []
  }
}
