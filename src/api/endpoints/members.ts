import { z } from 'zod'
import { ROLES } from '../../accounts/actor.ts'
import { endpoint } from '../endpoint.ts'
import { Email, NewPassword, PersonName } from './account.ts'
import { id, isoDate } from './shapes.ts'

export const Role = z.enum(ROLES)

export const Member = z
  .object({
    id: id<'user'>(),
    name: z.string(),
    email: z.string(),
    role: Role,
    joined_at: isoDate,
    last_seen_at: isoDate.nullable(),
  })
  .meta({ id: 'Member' })
export type Member = z.output<typeof Member>

const exampleMember = {
  id: '0193e0a0-6666-7abc-9def-0123456789ab',
  name: 'Bob',
  email: 'bob@example.com',
  role: 'agent',
  joined_at: '2026-11-21T09:00:00.000Z',
  last_seen_at: null,
}
const params = z.strictObject({ id: id<'user'>() })

export const listMembers = endpoint({
  method: 'GET',
  path: '/v1/members',
  summary: 'Who belongs to the workspace.',
  permission: 'members.manage',
  transaction: 'read',
  reply: z.object({ items: z.array(Member), next: z.null() }),
  example: { reply: { items: [exampleMember], next: null } },
})
export const addMember = endpoint({
  method: 'POST',
  path: '/v1/members',
  summary: 'Add a person. Their first password is yours to tell them; they can change it.',
  description: 'Leave the password out for someone who has an account on this server already. Only an owner can add an owner.',
  permission: 'members.manage',
  transaction: 'none',
  body: z.strictObject({ email: Email, name: PersonName, role: Role, password: NewPassword.optional() }),
  reply: Member,
  status: 201,
  errors: ['email_taken', 'user_exists', 'too_many_members'],
  example: {
    body: { email: 'bob@example.com', name: 'Bob', role: 'agent', password: 'four words make it long' },
    reply: exampleMember,
  },
})
export const changeMember = endpoint({
  method: 'PATCH',
  path: '/v1/members/:id',
  summary: 'Change what a member may do.',
  permission: 'members.manage',
  transaction: 'write',
  params,
  body: z.strictObject({ role: Role }),
  reply: Member,
  errors: ['not_found', 'last_owner'],
  example: { params: { id: exampleMember.id }, body: { role: 'viewer' }, reply: exampleMember },
})
export const removeMember = endpoint({
  method: 'DELETE',
  path: '/v1/members/:id',
  summary: 'Remove a person from the workspace and end their sessions here.',
  permission: 'members.manage',
  transaction: 'write',
  params,
  errors: ['not_found', 'last_owner'],
  example: { params: { id: exampleMember.id } },
})

export const memberEndpoints = [listMembers, addMember, changeMember, removeMember] as const
