/**
 * Which conversations somebody may reach.
 *
 *   owners, administrators and API keys: all of them
 *   everybody else, by inbox:  full           all of its conversations
 *                              assigned_only  those that are assigned to them
 *                              none           nothing of it
 *
 * What is not said of a person is `full` in an inbox that is open to the workspace and `none` in a restricted one. What may not be reached is not there:
 * it answers as what does not exist, in lists, counts and searches as well.
 */
import type { Role } from '../../accounts/actor.ts'
import type { InboxId, TeamId, UserId } from '../../lib/ids.ts'
import type { AccessLevel } from './levels.ts'

export { ACCESS_LEVELS, type AccessLevel } from './levels.ts'
export { accessInto, reachOf, withinInbox, withinReach } from './reach-queries.ts'

export type Reach =
  | { readonly all: true }
  | {
      readonly all: false
      /** Of these, everything. */
      readonly inboxes: readonly InboxId[]
      /** Of these, what is assigned to `userId`. */
      readonly assignedOnly: readonly InboxId[]
      readonly userId: UserId
    }

/** What an inbox says of its access: whether it is restricted, and who has a level of their own. */
export interface InboxAccess {
  readonly restricted: boolean
  readonly levels: ReadonlyMap<UserId, AccessLevel>
}

export interface Placed {
  readonly inboxId: InboxId
  readonly assigneeId: UserId | null
  readonly teamId?: TeamId | null
}

export function mayReach(reach: Reach, { inboxId, assigneeId }: Placed): boolean {
  if (reach.all) return true
  if (reach.inboxes.includes(inboxId)) return true
  return assigneeId === reach.userId && reach.assignedOnly.includes(inboxId)
}

/** Whether anything of an inbox may be reached: it is named to them, and its folders are shown. */
export function mayEnter(reach: Reach, inboxId: InboxId): boolean {
  return reach.all || reach.inboxes.includes(inboxId) || reach.assignedOnly.includes(inboxId)
}

export function reachesAll(role: Role): boolean {
  return role === 'owner' || role === 'admin'
}

/** One person's level in one inbox: for whoever decides about many people at once. */
export function levelIn(access: InboxAccess, person: { readonly id: UserId; readonly role: Role }): AccessLevel {
  if (reachesAll(person.role)) return 'full'
  return access.levels.get(person.id) ?? (access.restricted ? 'none' : 'full')
}
