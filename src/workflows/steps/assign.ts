/** Whose it becomes. Only who may work in the inbox is chosen. */
import type { Tx } from '../../db/database.ts'
import type { Conversation } from '../../helpdesk/conversation.ts'
import { findItems } from '../../helpdesk/conversations.ts'
import { findTeam, openOf } from '../../helpdesk/teams/teams.ts'
import { type TriageDeps, workersOf } from '../../helpdesk/triage/act.ts'
import { changeConversation } from '../../helpdesk/triage/change.ts'
import type { Change } from '../../helpdesk/triage/triage.ts'
import type { TeamId, UserId } from '../../lib/ids.ts'
import type { Assign } from '../definition/nodes/triage.ts'
import { go, onConversation, refused } from './conversation.ts'
import { type RunFacts, type Step, type StepContext, step } from './step.ts'
import { lockTurn, saveTurn } from './turns-queries.ts'

/** How far back whoever answered last is looked for. */
const ITEMS_LOOKED_AT = 200

export function assignStep(deps: TriageDeps): Step<Assign> {
  return step<Assign>({
    type: 'conversation.assign@1',
    run: (context, config) =>
      onConversation(context, async (conversation) => {
        const { tx, actor, now } = context
        const change = await changeFor(context, conversation, config)
        if (change === null) return { kind: 'fail', class: 'nobody', sentence: WHY[config.who], retryAt: null, port: 'nobody' }
        if (change === 'gone') return refused('The team is not there any more.', 'gone')
        await changeConversation(tx, deps, conversation.id, change, actor, now)
        return go('out', { assignee_id: change.assigneeId ?? null, team_id: change.teamId ?? null })
      }),
  })
}

const WHY: Readonly<Record<Assign['who'], string>> = {
  user: 'They are not there any more.',
  team: 'The team is not there any more.',
  nobody: '',
  starter: 'Nobody of yours who may work here set it off.',
  last_replier: 'Nobody who may work here has answered in this conversation yet.',
  round_robin: 'Nobody of the team may work in this inbox.',
  least_busy: 'Nobody of the team may work in this inbox.',
}

async function changeFor({ tx, run }: StepContext, conversation: Conversation, config: Assign): Promise<Change | null | 'gone'> {
  switch (config.who) {
    case 'user':
      return { assigneeId: config.user as UserId }
    case 'team':
      return { teamId: config.team as TeamId }
    case 'nobody':
      return { assigneeId: null }
    case 'last_replier': {
      const user = await lastReplier(tx, conversation)
      return user && { assigneeId: user }
    }
    case 'starter': {
      const user = await starterOf(tx, run, conversation)
      return user && { assigneeId: user }
    }
    case 'round_robin':
    case 'least_busy': {
      const team = await findTeam(tx, conversation.workspaceId, config.team as TeamId)
      if (!team) return 'gone'
      const able = await ableOf(tx, conversation, team.members)
      const chosen =
        config.who === 'round_robin' ? await inTurn(tx, conversation, team.id, able) : await leastBusy(tx, conversation, able)
      return chosen && { assigneeId: chosen, teamId: team.id }
    }
  }
}

/** Whoever answered last and may still work here. */
export async function lastReplier(tx: Tx, conversation: Conversation): Promise<UserId | null> {
  const items = await findItems(tx, conversation.workspaceId, conversation.id, { before: null, limit: ITEMS_LOOKED_AT })
  const users = items.flatMap(({ kind, userId }) => (kind === 'reply' && userId !== null ? [userId] : []))
  return (await ableOf(tx, conversation, [...new Set(users)]))[0] ?? null
}

/** Whoever of ours set the run off, by a button or by what they did, and may work here. */
export async function starterOf(tx: Tx, { cause }: RunFacts, conversation: Conversation): Promise<UserId | null> {
  const { by } = cause.facts
  const user = typeof by === 'string' && by.startsWith('user:') ? (by.slice('user:'.length) as UserId) : null
  return user === null ? null : ((await ableOf(tx, conversation, [user]))[0] ?? null)
}

async function ableOf(tx: Tx, { workspaceId, inboxId }: Conversation, users: readonly UserId[]): Promise<UserId[]> {
  const { mayWork } = await workersOf(tx, workspaceId, [inboxId])
  return users.filter((user) => mayWork(user, inboxId))
}

/** The one after who was last, by id, and from the beginning again. */
async function inTurn(tx: Tx, { workspaceId }: Conversation, teamId: TeamId, able: readonly UserId[]): Promise<UserId | null> {
  const last = await lockTurn(tx, workspaceId, teamId)
  const ordered = able.toSorted()
  const next = ordered.find((user) => last !== null && user > last) ?? ordered[0] ?? null
  if (next !== null) await saveTurn(tx, workspaceId, teamId, next)
  return next
}

async function leastBusy(tx: Tx, { workspaceId }: Conversation, able: readonly UserId[]): Promise<UserId | null> {
  const open = await openOf(tx, workspaceId, able)
  return able.toSorted((a, b) => (open.get(a) ?? 0) - (open.get(b) ?? 0) || (a < b ? -1 : 1))[0] ?? null
}
