/**
 * People, and their place in a workspace. A person has one account on the server and a role in each workspace they belong to.
 * Owners are made, changed and removed by owners only, and a workspace never loses its last one.
 */
import type { UserId } from '../lib/ids.ts'
import { type Actor, can, type Role } from './actor.ts'

export interface User {
  readonly id: UserId
  readonly email: string
  readonly name: string
}

export interface Member extends User {
  readonly role: Role
  readonly joinedAt: Date
  readonly lastSeenAt: Date | null
}

/** Whether this actor may turn one role into another; `null` stands for not being a member. */
export function mayChangeRole(actor: Actor, from: Role | null, to: Role | null): boolean {
  if (!can(actor, 'members.manage')) return false
  return (from !== 'owner' && to !== 'owner') || can(actor, 'workspace.transfer')
}

/** Whether the change would leave the workspace without an owner. */
export function losesLastOwner(from: Role, to: Role | null, owners: number): boolean {
  return from === 'owner' && to !== 'owner' && owners <= 1
}
