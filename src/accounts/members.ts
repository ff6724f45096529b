import { type Database, type Db, ENGINE, type Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId, type UserId, type WorkspaceId } from '../lib/ids.ts'
import { type Actor, actorReference, type Role } from './actor.ts'
import { losesLastOwner, type Member, mayChangeRole } from './member.ts'
import type { Passwords } from './password.ts'
import { deleteMember, findUserByEmail, insertMember, insertUser, lockMember, membersOf, updateRole } from './queries.ts'

/** A list on one page. Far above what a workspace has; creating is refused there, so that the list is always whole. */
const MAX_MEMBERS = 1000

export async function listMembers(db: Db | Tx, actor: Actor): Promise<Member[]> {
  return await membersIn(db, actor.workspaceId)
}

/** The same for what works by itself, without anybody asking. */
export async function membersIn(db: Db | Tx, workspaceId: WorkspaceId): Promise<Member[]> {
  return await membersOf(db, workspaceId, MAX_MEMBERS)
}

export interface NewMember {
  readonly email: string
  readonly name: string
  readonly role: Role
  /** Absent for someone who has an account on this server already: nobody sets another's password. */
  readonly password: string | null
}

export async function addMember(
  database: Database,
  passwords: Passwords,
  wanted: NewMember,
  actor: Actor,
  now: Date,
): Promise<Member> {
  if (!mayChangeRole(actor, null, wanted.role)) throw new Refusal('forbidden', { permission: 'workspace.transfer' })
  const passwordHash = wanted.password === null ? null : await passwords.hash(wanted.password)
  return await database.transaction(ENGINE, async (tx) => {
    const user = await userFor(tx, wanted, passwordHash, now)
    const { length } = await membersOf(tx, actor.workspaceId, MAX_MEMBERS)
    if (length >= MAX_MEMBERS) throw new Refusal('too_many_members', { limit: MAX_MEMBERS })
    if (!(await insertMember(tx, actor.workspaceId, user.id, wanted.role, now)))
      throw new Refusal('email_taken', { email: user.email, pointer: '/email' })
    await record(tx, 'member.added', user.id, actor, { name: user.name, role: wanted.role }, now)
    return { ...user, role: wanted.role, joinedAt: now, lastSeenAt: null }
  })
}

async function userFor(tx: Tx, wanted: NewMember, passwordHash: string | null, now: Date) {
  const email = wanted.email.trim()
  const existing = await findUserByEmail(tx, email)
  if (existing) {
    if (passwordHash !== null) throw new Refusal('user_exists', { email, pointer: '/password' })
    return { id: existing.id, email: existing.email, name: existing.name }
  }
  if (passwordHash === null) {
    throw new Refusal('invalid_request', { why: 'A new person needs a first password.', pointer: '/password' })
  }
  const user = { id: newId<UserId>(), email, name: wanted.name }
  if (!(await insertUser(tx, { ...user, passwordHash }, now))) throw new Refusal('user_exists', { email, pointer: '/email' })
  return user
}

export async function changeRole(tx: Tx, id: UserId, role: Role, actor: Actor, now: Date): Promise<Member> {
  const member = await lockForChange(tx, id, role, actor)
  if (member.role === role) return member
  await updateRole(tx, actor.workspaceId, id, role)
  await record(tx, 'member.changed', id, actor, { name: member.name, from: member.role, to: role }, now)
  return { ...member, role }
}

export async function removeMember(tx: Tx, id: UserId, actor: Actor, now: Date): Promise<void> {
  const member = await lockForChange(tx, id, null, actor)
  await deleteMember(tx, actor.workspaceId, id)
  await record(tx, 'member.removed', id, actor, { name: member.name, role: member.role }, now)
}

async function lockForChange(tx: Tx, id: UserId, to: Role | null, actor: Actor): Promise<Member> {
  const found = await lockMember(tx, actor.workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'member' })
  if (!mayChangeRole(actor, found.member.role, to)) throw new Refusal('forbidden', { permission: 'workspace.transfer' })
  if (losesLastOwner(found.member.role, to, found.owners)) throw new Refusal('last_owner')
  return found.member
}

async function record(
  tx: Tx,
  type: 'member.added' | 'member.changed' | 'member.removed',
  userId: UserId,
  actor: Actor,
  data: Record<string, unknown>,
  now: Date,
): Promise<void> {
  await append(tx, { type, workspaceId: actor.workspaceId, subjectId: userId, actor: actorReference(actor), data }, now)
}
