import { expect, test } from 'vitest'
import { type Actor, can, type KEY_SCOPES, PERMISSIONS, permissionsOf, ROLES } from '../../src/accounts/actor.ts'
import { keyOf, prefixOf } from '../../src/accounts/api-key.ts'
import { losesLastOwner, mayChangeRole } from '../../src/accounts/member.ts'
import { subscriberOf, waitAfter } from '../../src/accounts/throttle.ts'
import type { ApiKeyId, UserId, WorkspaceId } from '../../src/lib/ids.ts'

const user = (role: (typeof ROLES)[number]): Actor => ({
  kind: 'user',
  id: 'u' as UserId,
  name: 'U',
  workspaceId: 'w' as WorkspaceId,
  role,
})
const key = (...scopes: (typeof KEY_SCOPES)[number][]): Actor => ({
  kind: 'key',
  id: 'k' as ApiKeyId,
  name: 'K',
  workspaceId: 'w' as WorkspaceId,
  scopes,
})

test('an owner may do everything, and each role below less', () => {
  expect(permissionsOf(user('owner'))).toEqual(PERMISSIONS)
  const counts = ROLES.map((role) => permissionsOf(user(role)).length)
  expect(counts).toEqual([...counts].sort((a, b) => b - a))
  expect(can(user('admin'), 'workspace.transfer')).toBe(false)
  expect(can(user('agent'), 'messages.send')).toBe(true)
  expect(can(user('agent'), 'keys.manage')).toBe(false)
  expect(permissionsOf(user('viewer'))).toEqual(['delivery.read', 'conversations.read', 'routes.read'])
})

test('a key may do what its scopes say together, and never touch ownership', () => {
  expect(permissionsOf(key('send'))).toEqual(['messages.send', 'delivery.read', 'events.send'])
  expect([...permissionsOf(key('send', 'read'))].sort()).toEqual(
    ['messages.send', 'events.send', 'delivery.read', 'conversations.read', 'routes.read'].sort(),
  )
  expect(can(key('full'), 'keys.manage')).toBe(true)
  expect(can(key('full'), 'workspace.transfer')).toBe(false)
  expect(permissionsOf(key('receive'))).toEqual(['mail.receive'])
  expect(permissionsOf(key())).toEqual([])
})

test('campaigns are written and sent by owners and admins, and by keys that may do everything', () => {
  const may = [user('owner'), user('admin'), user('agent'), user('viewer'), key('full'), key('send', 'read')]
  for (const permission of ['campaigns.manage', 'campaigns.send'] as const)
    expect(may.map((actor) => can(actor, permission))).toEqual([true, true, false, false, true, false])
})

test('owners are made and unmade by owners only', () => {
  expect(mayChangeRole(user('owner'), 'agent', 'owner')).toBe(true)
  expect(mayChangeRole(user('admin'), 'agent', 'owner')).toBe(false)
  expect(mayChangeRole(user('admin'), 'owner', 'viewer')).toBe(false)
  expect(mayChangeRole(user('admin'), 'owner', null)).toBe(false)
  expect(mayChangeRole(user('admin'), 'agent', null)).toBe(true)
  expect(mayChangeRole(user('agent'), 'viewer', null)).toBe(false)
  expect(mayChangeRole(key('full'), 'agent', 'owner')).toBe(false)
})

test('the last owner can neither go nor step down', () => {
  expect(losesLastOwner('owner', 'admin', 1)).toBe(true)
  expect(losesLastOwner('owner', null, 1)).toBe(true)
  expect(losesLastOwner('owner', 'owner', 1)).toBe(false)
  expect(losesLastOwner('owner', null, 2)).toBe(false)
  expect(losesLastOwner('agent', null, 1)).toBe(false)
})

test('a key holds all of its random bits', () => {
  expect(keyOf(new Uint8Array(32))).toMatch(/^wb_[1-9A-HJ-NP-Za-km-z]{44}$/)
  expect(keyOf(new Uint8Array(32).fill(255))).toMatch(/^wb_[1-9A-HJ-NP-Za-km-z]{44}$/)
  const oneBitApart = new Uint8Array(32)
  oneBitApart[31] = 1
  expect(keyOf(oneBitApart)).not.toBe(keyOf(new Uint8Array(32)))
  expect(prefixOf('wb_7Kq2mWcX9')).toBe('wb_7Kq2')
})

test('five tries are free, then each costs twice the wait, up to a quarter of an hour', () => {
  const waits = Array.from({ length: 20 }, (_, i) => waitAfter('account', i + 1) / 1000)
  expect(waits.slice(0, 4)).toEqual([0, 0, 0, 0])
  expect(waits.slice(4, 10)).toEqual([15, 30, 60, 120, 240, 480])
  expect(waits.slice(10)).toEqual(Array.from({ length: 10 }, () => 900))
  expect(waitAfter('account', 1e9)).toBe(900_000)
  expect(waitAfter('ip', 29)).toBe(0)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2'],
  ['unknown', 'unknown'],
])('behind the address %s stands %s', (ip, subscriber) => {
  expect(subscriberOf(ip)).toBe(subscriber)
})
