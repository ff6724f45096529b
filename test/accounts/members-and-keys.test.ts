import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Actor } from '../../src/accounts/actor.ts'
import { createApiKey, listApiKeys, revokeApiKey } from '../../src/accounts/api-keys.ts'
import { authenticateKey, authenticateSession, createKeyFinder } from '../../src/accounts/authenticate.ts'
import { addMember, changeRole, listMembers, removeMember } from '../../src/accounts/members.ts'
import { signIn } from '../../src/accounts/sign-in.ts'
import type { Scope, Tx } from '../../src/db/database.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { accounts, ann, member, ORIGIN, PASSWORD, refusalOf, T0 } from './support.ts'

const world = await accounts()
const { database, passwords } = world
const owner = await ann(world)
const findKey = createKeyFinder(database)
/** As the API does it: behind row-level security. */
const as = <T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> =>
  database.transaction({ as: 'api', workspaceId: actor.workspaceId } satisfies Scope, work)

test('a person is added, listed, given another role, and removed together with their sessions', async () => {
  const bob = await member(world, owner.actor, 'Bob', 'agent')
  const { token } = await signIn(
    database,
    passwords,
    { email: 'bob@example.com', password: PASSWORD, origin: ORIGIN, formerToken: null },
    T0,
  )
  expect((await as(owner.actor, (tx) => listMembers(tx, owner.actor))).map(({ name, role }) => [name, role])).toEqual([
    ['Ann', 'owner'],
    ['Bob', 'agent'],
  ])
  await as(owner.actor, (tx) => changeRole(tx, bob.id, 'viewer', owner.actor, T0))
  expect((await authenticateSession(database.db, token, T0))?.actor).toMatchObject({ role: 'viewer' })

  await as(owner.actor, (tx) => removeMember(tx, bob.id, owner.actor, T0))
  expect(await authenticateSession(database.db, token, T0)).toBeNull()
  const request = { email: 'bob@example.com', password: PASSWORD, origin: ORIGIN, formerToken: null }
  expect(await refusalOf(signIn(database, passwords, request, T0))).toBe('no_workspace')

  // The account outlives the membership: coming back needs no password, and setting one for somebody else is refused.
  const again = { name: 'Bob', email: 'BOB@example.com', role: 'agent', password: null } as const
  expect(await refusalOf(addMember(database, passwords, { ...again, password: 'a new password' }, owner.actor, T0))).toBe(
    'user_exists',
  )
  expect((await addMember(database, passwords, again, owner.actor, T0)).id).toBe(bob.id)
  expect(await refusalOf(addMember(database, passwords, again, owner.actor, T0))).toBe('email_taken')
  expect(await refusalOf(addMember(database, passwords, { ...again, email: 'new@example.com' }, owner.actor, T0))).toBe(
    'invalid_request',
  )
})

test('an administrator manages everybody but owners', async () => {
  const [admin, other] = [await member(world, owner.actor, 'Cora', 'admin'), await member(world, owner.actor, 'Dan', 'owner')]
  expect(await refusalOf(member(world, admin, 'Eve', 'owner'))).toBe('forbidden')
  expect(await refusalOf(as(admin, (tx) => changeRole(tx, admin.id, 'owner', admin, T0)))).toBe('forbidden')
  expect(await refusalOf(as(admin, (tx) => removeMember(tx, other.id, admin, T0)))).toBe('forbidden')
  await as(owner.actor, (tx) => removeMember(tx, other.id, owner.actor, T0))
})

test('two owners who remove each other at the same moment leave one', async () => {
  const second = await member(world, owner.actor, 'Finn', 'owner')
  const results = await Promise.allSettled([
    as(owner.actor, (tx) => removeMember(tx, second.id, owner.actor, T0)),
    as(second, (tx) => changeRole(tx, owner.user.id, 'viewer', second, T0)),
  ])
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  const left = (await listMembers(database.db, owner.actor)).filter(({ role }) => role === 'owner')
  expect(left).toHaveLength(1)
  const last: Actor = { kind: 'user', id: left[0]!.id, name: 'Last', workspaceId: owner.workspace.id, role: 'owner' }
  expect(await refusalOf(as(last, (tx) => removeMember(tx, last.id, last, T0)))).toBe('last_owner')
  await sql`update membership set role = 'owner' where user_id = ${owner.user.id}`.execute(database.db)
})

test('a key is shown once, works until it is revoked or expires, and is stored as a hash', async () => {
  const made = await as(owner.actor, (tx) =>
    createApiKey(tx, { name: 'Shop', scopes: ['send', 'send'], expiresAt: new Date(T0.getTime() + MINUTE) }, owner.actor, T0),
  )
  expect(made.key).toMatch(/^wb_[1-9A-HJ-NP-Za-km-z]{44}$/)
  const found = await authenticateKey(database.db, findKey, made.key, T0)
  expect(found?.actor).toEqual({ kind: 'key', id: made.id, name: 'Shop', workspaceId: owner.workspace.id, scopes: ['send'] })
  expect(await authenticateKey(database.db, findKey, made.key, new Date(T0.getTime() + MINUTE))).toBeNull()
  for (const wrong of ['', made.key.slice(0, -1), made.key.toLowerCase(), `${made.key} `, 'wb_'])
    expect(await authenticateKey(database.db, findKey, wrong, T0)).toBeNull()

  const { rows } = await sql<{ dump: string }>`select string_agg(k::text, ' ') as dump from api_key k`.execute(database.db)
  expect(rows[0]?.dump).not.toContain(made.key.slice(3))
  expect(JSON.stringify(await as(owner.actor, (tx) => listApiKeys(tx, owner.actor)))).not.toContain(made.key)

  await as(owner.actor, (tx) => revokeApiKey(tx, made.id, owner.actor, T0))
  expect(await authenticateKey(database.db, findKey, made.key, T0)).toBeNull()
  expect(await refusalOf(as(owner.actor, (tx) => revokeApiKey(tx, made.id, owner.actor, T0)))).toBe('not_found')
})

test('the time of last use is written at most once a minute', async () => {
  const made = await as(owner.actor, (tx) =>
    createApiKey(tx, { name: 'Clock', scopes: ['read'], expiresAt: null }, owner.actor, T0),
  )
  const lastUsed = async () =>
    (await as(owner.actor, (tx) => listApiKeys(tx, owner.actor))).find(({ id }) => id === made.id)?.lastUsedAt
  expect(await lastUsed()).toBeNull()
  await authenticateKey(database.db, findKey, made.key, T0)
  await authenticateKey(database.db, findKey, made.key, new Date(T0.getTime() + MINUTE - 1))
  expect(await lastUsed()).toEqual(T0)
  await authenticateKey(database.db, findKey, made.key, new Date(T0.getTime() + MINUTE))
  expect(await lastUsed()).toEqual(new Date(T0.getTime() + MINUTE))
})

test('nobody gives a key more than they may do', async () => {
  const narrow: Actor = { ...owner.actor, kind: 'key', id: 'x' as never, name: 'narrow', scopes: ['send'] }
  expect(
    await refusalOf(as(narrow, (tx) => createApiKey(tx, { name: 'wide', scopes: ['full'], expiresAt: null }, narrow, T0))),
  ).toBe('forbidden')
  const past = { name: 'late', scopes: ['send'] as const, expiresAt: T0 }
  expect(await refusalOf(as(owner.actor, (tx) => createApiKey(tx, past, owner.actor, T0)))).toBe('invalid_request')
})

test('who did what to whom is in the log', async () => {
  const { rows } = await sql<{ type: string; actor: string; name: string }>`
    select type, actor, data->>'name' as name from event where type in ('member.removed', 'api_key.created') and actor is not null order by txid, seq`.execute(
    database.db,
  )
  expect(rows[0]).toEqual({ type: 'member.removed', actor: `user:${owner.user.id}`, name: 'Bob' })
  expect(rows.some(({ type, name }) => type === 'api_key.created' && name === 'Shop')).toBe(true)
})

test('keys of requests that come at the same moment are looked up together, and each opens what is its own', async () => {
  const make = (name: string) =>
    as(owner.actor, (tx) => createApiKey(tx, { name, scopes: ['send'], expiresAt: null }, owner.actor, T0))
  const [one, two, gone] = [await make('One'), await make('Two'), await make('Gone')]
  await as(owner.actor, (tx) => revokeApiKey(tx, gone.id, owner.actor, T0))
  const keys = [one.key, 'wb_wrong', two.key, gone.key, one.key]
  const found = await Promise.all(keys.map((key) => authenticateKey(database.db, findKey, key, T0)))
  expect(found.map((principal) => principal?.actor.name ?? null)).toEqual(['One', null, 'Two', null, 'One'])
  const asked = authenticateKey(database.db, findKey, one.key, T0)
  await as(owner.actor, (tx) => revokeApiKey(tx, one.id, owner.actor, T0))
  const after = authenticateKey(database.db, findKey, one.key, T0)
  await asked
  expect(await after).toBeNull()
})
