/**
 * Who is told of a cause, by what, and by which row of their settings. Pure: the same people and the same cause give the same answer.
 *
 * People are told apart by who they are. Their addresses are not looked at here, nor anywhere on the way: an agent who is a customer too, at the same
 * address, is told as every other agent is.
 */
import { can, type Role } from '../../accounts/actor.ts'
import type { UserId } from '../../lib/ids.ts'
import { type InboxAccess, levelIn } from '../access/reach.ts'
import type { Cause } from './cause.ts'
import { type Choices, type Medium, mediaOf, PERSONAL, REASONS, type Reason } from './matrix.ts'

export interface Person {
  readonly id: UserId
  readonly role: Role
}

/** What is known of everybody when it is decided. */
export interface Circumstances<P extends Person> {
  readonly people: readonly P[]
  readonly access: InboxAccess
  readonly settings: ReadonlyMap<UserId, Wishes>
  readonly followers: ReadonlySet<UserId>
  /** Of the team that the conversation is with. */
  readonly team: ReadonlySet<UserId>
}

export interface Wishes {
  readonly choices: Choices
  /** They muted this inbox. */
  readonly isMuted: boolean
}

export interface Told<P extends Person> {
  readonly person: P
  readonly reason: Reason
  readonly media: ReadonlySet<Medium>
}

const NO_WISHES: Wishes = { choices: {}, isMuted: false }

export function decide<P extends Person>(cause: Cause, circumstances: Circumstances<P>): Told<P>[] {
  return circumstances.people.flatMap((person) => {
    if (person.id === cause.actor || !mayBeTold(person, cause, circumstances.access)) return []
    const { choices, isMuted } = circumstances.settings.get(person.id) ?? NO_WISHES
    const concerns = reasonsOf(person.id, cause, circumstances)
    const wanted = REASONS.filter((reason) => concerns.has(reason) && !(isMuted && !PERSONAL.has(reason)))
    const media = new Set(wanted.flatMap((reason) => mediaOf(choices, reason)))
    const reason = wanted.find((each) => mediaOf(choices, each).length > 0)
    return reason === undefined ? [] : [{ person, reason, media }]
  })
}

/** As they could open the conversation now. */
export function mayBeTold(person: Person, cause: Cause, access: InboxAccess): boolean {
  const { workspaceId, assigneeId } = cause.conversation
  if (!can({ kind: 'user', id: person.id, name: '', workspaceId, role: person.role }, 'conversations.read')) return false
  const level = levelIn(access, person)
  return level === 'full' || (level === 'assigned_only' && assigneeId === person.id)
}

function reasonsOf(userId: UserId, cause: Cause, { followers, team }: Circumstances<Person>): Set<Reason> {
  const reasons = new Set<Reason>(reasonsByEvent(userId, cause, team))
  if (cause.mentioned?.includes(userId)) reasons.add('mentioned')
  if (followers.has(userId)) reasons.add('followed')
  return reasons
}

function reasonsByEvent(userId: UserId, cause: Cause, team: ReadonlySet<UserId>): Reason[] {
  const { assigneeId } = cause.conversation
  const isMine = assigneeId === userId
  switch (cause.event) {
    case 'conversation_started':
      return ['started', ...(isMine ? (['assigned_me'] as const) : []), ...(team.has(userId) ? (['assigned_team'] as const) : [])]
    case 'customer_replied':
      if (assigneeId === null) return ['customer_replied_unassigned']
      return [isMine ? 'customer_replied_mine' : 'customer_replied_others']
    case 'agent_replied':
    case 'note_added':
    case 'forwarded':
      if (assigneeId === null) return ['agent_replied_unassigned']
      return [isMine ? 'agent_replied_mine' : 'agent_replied_others']
    case 'assigned':
      if (isMine) return ['assigned_me']
      if (assigneeId !== null) return ['assigned_others']
      return team.has(userId) ? ['assigned_team'] : []
    case 'moved':
      return ['moved']
    case 'snooze_over':
      return isMine || (assigneeId === null && cause.author === userId) ? ['snooze_over'] : []
    case 'send_failed':
      return cause.author === userId ? ['send_failed'] : []
    case 'mentioned':
      return []
  }
}
