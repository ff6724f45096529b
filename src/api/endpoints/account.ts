import { z } from 'zod'
import { PERMISSIONS, ROLES } from '../../accounts/actor.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

/** Long enough to be worth hashing, short enough not to be a burden: NIST SP 800-63B-4 §3.1.1.2 asks for 8 to at least 64, no rules of composition. */
export const NewPassword = z.string().min(12, 'must have at least 12 characters').max(200)
export const PersonName = line(1, 100)
export const Email = line(3, 320).refine((text) => /^[^\s@]+@[^\s@]+$/.test(text), 'must be an email address')

export const Me = z
  .object({
    kind: z.enum(['user', 'key']),
    user: z
      .object({ id: id<'user'>(), name: z.string(), email: z.string() })
      .nullable()
      .describe('Null when asked with an API key.'),
    key: z.object({ id: id<'api_key'>(), name: z.string() }).nullable(),
    workspace: z.object({ id: id<'workspace'>(), name: z.string() }),
    role: z.enum(ROLES).nullable(),
    permissions: z.array(z.enum(PERMISSIONS)),
  })
  .meta({ id: 'Me' })
export type Me = z.output<typeof Me>

const exampleMe = {
  kind: 'user',
  user: { id: '0193e0a0-3333-7abc-9def-0123456789ab', name: 'Ann', email: 'ann@example.com' },
  key: null,
  workspace: { id: '0193e0a0-4444-7abc-9def-0123456789ab', name: 'Shop' },
  role: 'owner',
  permissions: ['messages.send', 'delivery.read'],
}

export const Session = z
  .object({
    id: id<'session'>(),
    current: z.boolean(),
    created_at: isoDate,
    last_seen_at: isoDate,
    expires_at: isoDate,
    user_agent: z.string(),
    ip: z.string(),
  })
  .meta({ id: 'Session' })
export type Session = z.output<typeof Session>

export const getSetup = endpoint({
  method: 'GET',
  path: '/v1/setup',
  summary: 'Whether the first administrator has yet to be made.',
  permission: 'public',
  transaction: 'none',
  reply: z.object({ needed: z.boolean() }),
  errors: ['database_unavailable'],
  example: { reply: { needed: true } },
})
export const setUp = endpoint({
  method: 'POST',
  path: '/v1/setup',
  summary: 'Make the first workspace and its owner, once, with the code that the server printed.',
  permission: 'public',
  transaction: 'none',
  body: z.strictObject({
    code: z.string().min(1).max(100),
    workspace: line(1, 100),
    name: PersonName,
    email: Email,
    password: NewPassword,
  }),
  reply: Me,
  status: 201,
  errors: ['setup_done', 'setup_code_wrong', 'throttled', 'database_unavailable'],
  example: {
    body: {
      code: 'k7wq-3mzt-9xcb',
      workspace: 'Shop',
      name: 'Ann',
      email: 'ann@example.com',
      password: 'four words make it long',
    },
    reply: exampleMe,
  },
})
export const signIn = endpoint({
  method: 'POST',
  path: '/v1/sign-in',
  summary: 'Start a session. The answer sets a cookie.',
  permission: 'public',
  transaction: 'none',
  body: z.strictObject({ email: z.string().min(1).max(320), password: z.string().min(1).max(1000) }),
  reply: Me,
  errors: ['wrong_credentials', 'no_workspace', 'throttled', 'database_unavailable'],
  example: { body: { email: 'ann@example.com', password: 'four words make it long' }, reply: exampleMe },
})
export const signOut = endpoint({
  method: 'POST',
  path: '/v1/sign-out',
  summary: 'End this session.',
  permission: 'public',
  transaction: 'none',
  errors: ['database_unavailable'],
  example: {},
})
export const getMe = endpoint({
  method: 'GET',
  path: '/v1/me',
  summary: 'Who asks, in which workspace, and what they may do.',
  permission: 'signed_in',
  transaction: 'none',
  reply: Me,
  example: { reply: exampleMe },
})
export const listSessions = endpoint({
  method: 'GET',
  path: '/v1/me/sessions',
  summary: 'Where you are signed in.',
  permission: 'signed_in',
  transaction: 'none',
  reply: z.object({ items: z.array(Session), next: z.null() }),
  errors: ['person_needed'],
  example: {
    reply: {
      items: [
        {
          id: '0193e0a0-5555-7abc-9def-0123456789ab',
          current: true,
          created_at: '2026-11-21T09:00:00.000Z',
          last_seen_at: '2026-11-21T12:00:00.000Z',
          expires_at: '2026-12-21T09:00:00.000Z',
          user_agent: 'Mozilla/5.0',
          ip: '192.0.2.7',
        },
      ],
      next: null,
    },
  },
})
export const revokeSession = endpoint({
  method: 'DELETE',
  path: '/v1/me/sessions/:id',
  summary: 'Sign out somewhere else.',
  permission: 'signed_in',
  transaction: 'none',
  params: z.strictObject({ id: id<'session'>() }),
  errors: ['not_found', 'person_needed'],
  example: { params: { id: '0193e0a0-5555-7abc-9def-0123456789ab' } },
})
export const changePassword = endpoint({
  method: 'PUT',
  path: '/v1/me/password',
  summary: 'Change your password. Every other session of yours ends.',
  permission: 'signed_in',
  transaction: 'none',
  body: z.strictObject({ current: z.string().min(1).max(1000), password: NewPassword }),
  errors: ['wrong_password', 'throttled', 'person_needed'],
  example: { body: { current: 'four words make it long', password: 'five other words are longer' } },
})

export const accountEndpoints = [getSetup, setUp, signIn, signOut, getMe, listSessions, revokeSession, changePassword] as const
