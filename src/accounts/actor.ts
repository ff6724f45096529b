/**
 * Who acts, and what they may do. Every question "may they?" is asked of `can`, nowhere else; a role or a scope is nothing but a list
 * of permissions.
 */
import type { ApiKeyId, UserId, WorkspaceId } from '../lib/ids.ts'

export const PERMISSIONS = [
  'messages.send',
  'delivery.read',
  'delivery.manage',
  'conversations.read',
  'conversations.write',
  'mail.receive',
  'contacts.manage',
  'audience.manage',
  'campaigns.manage',
  'campaigns.send',
  'workflows.manage',
  'events.send',
  'inboxes.manage',
  'routes.read',
  'routes.manage',
  'suppressions.manage',
  'webhooks.manage',
  'keys.manage',
  'members.manage',
  'workspace.manage',
  'workspace.transfer',
] as const
export type Permission = (typeof PERMISSIONS)[number]

export const ROLES = ['owner', 'admin', 'agent', 'viewer'] as const
export type Role = (typeof ROLES)[number]

export const KEY_SCOPES = ['full', 'send', 'read', 'receive'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

/** `workspace.transfer`, making and unmaking owners, is what an administrator may not do. */
const OF_ROLE: Record<Role, readonly Permission[]> = {
  owner: PERMISSIONS,
  admin: PERMISSIONS.filter((permission) => permission !== 'workspace.transfer'),
  agent: [
    'messages.send',
    'delivery.read',
    'delivery.manage',
    'conversations.read',
    'conversations.write',
    'contacts.manage',
    'routes.read',
  ],
  viewer: ['delivery.read', 'conversations.read', 'routes.read'],
}

/** A key may do everything but make and unmake owners: ownership is a matter between people. */
const OF_SCOPE: Record<KeyScope, readonly Permission[]> = {
  full: PERMISSIONS.filter((permission) => permission !== 'workspace.transfer'),
  send: ['messages.send', 'events.send', 'delivery.read'],
  read: ['delivery.read', 'conversations.read', 'routes.read'],
  // Of a program that has mail and is to know nothing of what becomes of it.
  receive: ['mail.receive'],
}

/** What workflows have nodes for. */
const OF_WORKFLOW: readonly Permission[] = [
  'messages.send',
  'conversations.read',
  'conversations.write',
  'contacts.manage',
  'audience.manage',
  'suppressions.manage',
]

export type Actor =
  | { readonly kind: 'user'; readonly id: UserId; readonly name: string; readonly workspaceId: WorkspaceId; readonly role: Role }
  | {
      readonly kind: 'key'
      readonly id: ApiKeyId
      readonly name: string
      readonly workspaceId: WorkspaceId
      readonly scopes: readonly KeyScope[]
    }
  /** A run of a workflow: what it does, it does in its own name, whoever wrote it. */
  | { readonly kind: 'workflow'; readonly id: string; readonly name: string; readonly workspaceId: WorkspaceId }

export function can(actor: Actor, permission: Permission): boolean {
  return permissionsOf(actor).includes(permission)
}

/** Everything the actor may do, in the order of `PERMISSIONS`: what the UI shows and hides by. */
export function permissionsOf(actor: Actor): readonly Permission[] {
  if (actor.kind === 'user') return OF_ROLE[actor.role]
  if (actor.kind === 'workflow') return OF_WORKFLOW
  return permissionsOfScopes(actor.scopes)
}

export function permissionsOfScopes(scopes: readonly KeyScope[]): readonly Permission[] {
  return PERMISSIONS.filter((permission) => scopes.some((scope) => OF_SCOPE[scope].includes(permission)))
}

/** As the event log writes who did it: `user:<id>`, `key:<id>` or `workflow:<id of the run>`. */
export function actorReference(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}
