import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { authenticateSession } from '../../src/accounts/authenticate.ts'
import { changePassword } from '../../src/accounts/change-password.ts'
import { forgetEnded } from '../../src/accounts/forget-ended.ts'
import { listSessions, revokeSession } from '../../src/accounts/sessions.ts'
import { signIn } from '../../src/accounts/sign-in.ts'
import { signOut } from '../../src/accounts/sign-out.ts'
import { ENGINE } from '../../src/db/database.ts'
import { Refusal } from '../../src/errors.ts'
import { DAY, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { accounts, ann, member, ORIGIN, PASSWORD, refusalOf, T0 } from './support.ts'

const world = await accounts()
const owner = await ann(world)
const { database, passwords } = world
let ip = 0
/** Each from an address of its own unless the test is about addresses. */
const attempt = (email: string, password: string, now = T0, from = `198.51.100.${++ip}`, formerToken: string | null = null) =>
  signIn(database, passwords, { email, password, origin: { ...ORIGIN, ip: from }, formerToken }, now)
const at = (ms: number) => new Date(T0.getTime() + ms)

test('the right password starts a session that its token opens', async () => {
  const signedIn = await attempt('ANN@example.com ', PASSWORD)
  const principal = await authenticateSession(database.db, signedIn.token, T0)
  expect(principal?.actor).toMatchObject({ kind: 'user', name: 'Ann', role: 'owner' })
  expect(principal?.workspace.name).toBe('Shop')
})

test('a wrong password and an unknown person get the same answer', async () => {
  expect(await refusalOf(attempt('ann@example.com', 'wrong'))).toBe('wrong_credentials')
  expect(await refusalOf(attempt('nobody@example.com', PASSWORD))).toBe('wrong_credentials')
})

test.each([
  ['empty', () => ''],
  ['truncated', (token: string) => token.slice(0, -1)],
  ['longer', (token: string) => `${token}A`],
  ['in other capitals', (token: string) => (token === token.toLowerCase() ? token.toUpperCase() : token.toLowerCase())],
  ['of ten thousand characters', () => 'A'.repeat(10_000)],
])('a token that is %s opens nothing', async (_, change) => {
  const { token } = await attempt('ann@example.com', PASSWORD)
  expect(await authenticateSession(database.db, change(token), T0)).toBeNull()
})

test('a session ends after two weeks without use and after sixty days in any case', async () => {
  const { token } = await attempt('ann@example.com', PASSWORD)
  expect(await authenticateSession(database.db, token, at(14 * DAY - 1))).not.toBeNull()
  expect(await authenticateSession(database.db, token, at(28 * DAY + 1))).toBeNull()

  const busy = await attempt('ann@example.com', PASSWORD)
  for (let day = 10; day < 60; day += 10) expect(await authenticateSession(database.db, busy.token, at(day * DAY))).not.toBeNull()
  expect(await authenticateSession(database.db, busy.token, at(60 * DAY))).toBeNull()
})

test('signing out, revoking and signing in again end the session at once', async () => {
  const [one, two, three] = [
    await attempt('ann@example.com', PASSWORD),
    await attempt('ann@example.com', PASSWORD),
    await attempt('ann@example.com', PASSWORD),
  ]
  await database.transaction(ENGINE, (tx) => signOut(tx, one.token, T0))
  await database.transaction(ENGINE, (tx) => revokeSession(tx, owner.user, two.session.id, owner.actor, T0))
  await attempt('ann@example.com', PASSWORD, T0, undefined, three.token)
  for (const { token } of [one, two, three]) expect(await authenticateSession(database.db, token, T0)).toBeNull()
  await database.transaction(ENGINE, (tx) => signOut(tx, one.token, T0)) // a second time does no harm
})

test('nobody can end a session of someone else', async () => {
  const bob = await member(world, owner.actor, 'Bob', 'admin')
  const { session, token } = await attempt('ann@example.com', PASSWORD)
  const asBob = { id: bob.id, name: 'Bob', email: 'bob@example.com' }
  expect(await refusalOf(database.transaction(ENGINE, (tx) => revokeSession(tx, asBob, session.id, bob, T0)))).toBe('not_found')
  expect(await authenticateSession(database.db, token, T0)).not.toBeNull()
  expect((await listSessions(database.db, asBob, T0)).map(({ id }) => id)).not.toContain(session.id)
})

test('the time of last use is written at most once a minute', async () => {
  const { token, session } = await attempt('ann@example.com', PASSWORD)
  const lastSeen = async () => (await listSessions(database.db, owner.user, T0)).find(({ id }) => id === session.id)?.lastSeenAt
  await authenticateSession(database.db, token, at(59 * SECOND))
  expect(await lastSeen()).toEqual(T0)
  await authenticateSession(database.db, token, at(61 * SECOND))
  expect(await lastSeen()).toEqual(at(61 * SECOND))
})

test('after five wrong passwords even the right one has to wait; then it is forgiven', async () => {
  await member(world, owner.actor, 'Cora', 'agent')
  for (let i = 0; i < 5; i++) expect(await refusalOf(attempt('cora@example.com', 'wrong'))).toBe('wrong_credentials')
  const refused = await attempt('cora@example.com', PASSWORD).catch((error: Refusal) => error)
  expect(refused).toBeInstanceOf(Refusal)
  expect((refused as Refusal).code).toBe('throttled')
  expect((refused as Refusal).details.retryAfterSeconds).toBe(15)

  await attempt('Cora@Example.com', PASSWORD, at(16 * SECOND))
  for (let i = 0; i < 4; i++) expect(await refusalOf(attempt('cora@example.com', 'wrong', at(MINUTE)))).toBe('wrong_credentials')
  await attempt('cora@example.com', PASSWORD, at(MINUTE))
})

test('guesses in parallel are counted one by one', async () => {
  const codes = await Promise.all(Array.from({ length: 12 }, () => refusalOf(attempt('parallel@example.com', 'wrong'))))
  expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(5)
  expect(codes.filter((code) => code === 'throttled')).toHaveLength(7)
})

test('an address that tries many accounts has to wait, and its own success does not hide that', async () => {
  const from = '203.0.113.9'
  for (let i = 0; i < 29; i++) {
    expect(await refusalOf(attempt(`guess${i}@example.com`, 'wrong', T0, from))).toBe('wrong_credentials')
    if (i % 10 === 0) await attempt('ann@example.com', PASSWORD, T0, from)
  }
  expect(await refusalOf(attempt('guess30@example.com', 'wrong', T0, from))).toBe('wrong_credentials')
  expect(await refusalOf(attempt('ann@example.com', PASSWORD, T0, from))).toBe('throttled')
  await attempt('ann@example.com', PASSWORD, T0)
})

test('a new password ends every other session, and this one continues under a new token', async () => {
  const dora = await member(world, owner.actor, 'Dora', 'agent')
  const [here, there] = [await attempt('dora@example.com', PASSWORD), await attempt('dora@example.com', PASSWORD)]
  const change = { user: here.user, actor: dora, current: PASSWORD, password: 'five other words are longer', origin: ORIGIN }

  expect(await refusalOf(changePassword(database, passwords, { ...change, current: 'wrong' }, T0))).toBe('wrong_password')
  const { token } = await changePassword(database, passwords, change, T0)

  expect(await authenticateSession(database.db, here.token, T0)).toBeNull()
  expect(await authenticateSession(database.db, there.token, T0)).toBeNull()
  expect(await authenticateSession(database.db, token, T0)).not.toBeNull()
  expect(await refusalOf(attempt('dora@example.com', PASSWORD))).toBe('wrong_credentials')
  await attempt('dora@example.com', 'five other words are longer')
})

test('a password is the same in both Unicode forms', async () => {
  await member(world, owner.actor, 'Emil', 'agent')
  const { user } = await attempt('emil@example.com', PASSWORD)
  const actor = { kind: 'user', id: user.id, name: 'Emil', workspaceId: owner.workspace.id, role: 'agent' } as const
  await changePassword(
    database,
    passwords,
    { user, actor, current: PASSWORD, password: 'Gr\u00fc\u00dfe aus Z\u00fcrich', origin: ORIGIN },
    T0,
  )
  await attempt('emil@example.com', 'Gru\u0308\u00dfe aus Zu\u0308rich')
})

test('neither passwords nor tokens can be read in the database', async () => {
  const { token } = await attempt('ann@example.com', PASSWORD)
  const { rows } = await sql<{ dump: string }>`
    select (select string_agg(s::text, ' ') from session s) || (select string_agg(u::text, ' ') from user_account u)
        || (select string_agg(t::text, ' ') from sign_in_throttle t) || (select string_agg(e::text, ' ') from event e) as dump`.execute(
    database.db,
  )
  expect(rows[0]?.dump).toContain('argon2id')
  for (const secret of [token, PASSWORD, Buffer.from(token, 'base64url').toString('hex')])
    expect(rows[0]?.dump).not.toContain(secret)
})

test('what has ended is forgotten', async () => {
  const { session } = await attempt('ann@example.com', PASSWORD)
  await database.transaction(ENGINE, (tx) => forgetEnded(tx, at(10 * MINUTE)))
  expect((await listSessions(database.db, owner.user, T0)).map(({ id }) => id)).toContain(session.id)
  expect(await database.transaction(ENGINE, (tx) => forgetEnded(tx, at(61 * DAY)))).toBeGreaterThan(0)
  expect(await listSessions(database.db, owner.user, T0)).toEqual([])
  const { rows } = await sql<{ n: number }>`select count(*) as n from sign_in_throttle`.execute(database.db)
  expect(rows[0]?.n).toBe(0)
})
