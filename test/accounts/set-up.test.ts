import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { authenticateKey, createKeyFinder } from '../../src/accounts/authenticate.ts'
import { isSetUp, setUp, setupCode } from '../../src/accounts/set-up.ts'
import { setUpUnattended } from '../../src/accounts/set-up-unattended.ts'
import { signIn } from '../../src/accounts/sign-in.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { accounts, ORIGIN, PASSWORD, refusalOf, T0 } from './support.ts'

const person = { workspace: 'Shop', name: 'Ann', email: 'ann@example.com', password: PASSWORD, origin: ORIGIN }

test('set-up is done once, by whoever can read the code, even when ten try at the same moment', async () => {
  const world = await accounts()
  const code = setupCode(world.secrets)
  expect(code).toMatch(/^[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}$/)
  expect(setupCode(createSecrets('another secret of the same length'))).not.toBe(code)
  expect(await isSetUp(world.database.db)).toBe(false)
  expect(await refusalOf(setUp(world.tools, { ...person, code: 'aaaa-aaaa-aaaa' }, T0))).toBe('setup_code_wrong')
  expect(await refusalOf(setUp(world.tools, { ...person, code: '' }, T0))).toBe('setup_code_wrong')

  const typed = ` ${code.toUpperCase().replaceAll('-', ' ')} `
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      setUp(world.tools, { ...person, code: typed, origin: { ...ORIGIN, ip: `192.0.2.${i}` } }, T0),
    ),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'setup_done' })
  expect(world.furnished).toHaveLength(1)
  expect(await isSetUp(world.database.db)).toBe(true)
  expect(await refusalOf(setUp(world.tools, { ...person, code, origin: { ...ORIGIN, ip: '198.51.100.1' } }, T0))).toBe(
    'setup_done',
  )
})

test('codes cannot be guessed at leisure', async () => {
  const world = await accounts()
  const guess = () => refusalOf(setUp(world.tools, { ...person, code: 'aaaa-aaaa-aaaa' }, T0))
  for (let i = 0; i < 10; i++) expect(await guess()).toBe('setup_code_wrong')
  expect(await guess()).toBe('throttled')
})

test('the configuration makes administrator and key, once, however often the server starts', async () => {
  const world = await accounts()
  const wanted = { administrator: { email: 'root@example.com', password: PASSWORD }, apiKey: 'k'.repeat(32) }
  expect(await setUpUnattended(world.tools, wanted, T0)).toEqual({ madeAdministrator: true, addedKey: true })
  expect(await setUpUnattended(world.tools, wanted, T0)).toEqual({ madeAdministrator: false, addedKey: false })
  expect(world.furnished).toHaveLength(1)

  const signedIn = await signIn(
    world.database,
    world.passwords,
    { email: 'root@example.com', password: PASSWORD, origin: ORIGIN, formerToken: null },
    T0,
  )
  expect(signedIn).toMatchObject({ role: 'owner', user: { name: 'root' } })
  const principal = await authenticateKey(world.database.db, createKeyFinder(world.database), wanted.apiKey, T0)
  expect(principal?.actor).toMatchObject({ kind: 'key', scopes: ['full'], workspaceId: signedIn.workspace.id })
})

test('a password or a revocation of later is not undone by the next start', async () => {
  const world = await accounts()
  const wanted = { administrator: { email: 'root@example.com', password: PASSWORD }, apiKey: 'k'.repeat(32) }
  await setUpUnattended(world.tools, wanted, T0)
  await sql`update api_key set revoked_at = ${T0}`.execute(world.database.db)
  await setUpUnattended(
    world.tools,
    { ...wanted, administrator: { email: 'root@example.com', password: 'another password' } },
    T0,
  )
  expect(await authenticateKey(world.database.db, createKeyFinder(world.database), wanted.apiKey, T0)).toBeNull()
  const request = { email: 'root@example.com', password: 'another password', origin: ORIGIN, formerToken: null }
  expect(await refusalOf(signIn(world.database, world.passwords, request, T0))).toBe('wrong_credentials')
})

test('another configured key takes the place of the former', async () => {
  const world = await accounts()
  await setUpUnattended(world.tools, { administrator: null, apiKey: 'a'.repeat(32) }, T0)
  await setUpUnattended(world.tools, { administrator: null, apiKey: 'b'.repeat(40) }, T0)
  expect(await authenticateKey(world.database.db, createKeyFinder(world.database), 'a'.repeat(32), T0)).toBeNull()
  expect(await authenticateKey(world.database.db, createKeyFinder(world.database), 'b'.repeat(40), T0)).not.toBeNull()
})

test('a workspace made for a key alone is taken over by the first person', async () => {
  const world = await accounts()
  await setUpUnattended(world.tools, { administrator: null, apiKey: 'a'.repeat(32) }, T0)
  expect(await isSetUp(world.database.db)).toBe(false)
  const { workspace } = await setUp(world.tools, { ...person, code: setupCode(world.secrets) }, T0)
  const principal = await authenticateKey(world.database.db, createKeyFinder(world.database), 'a'.repeat(32), T0)
  expect(principal?.workspace).toEqual({ id: workspace.id, name: 'Shop' })
  expect(world.furnished).toEqual([workspace.id])
})

test('several processes that start at once make one administrator', async () => {
  const world = await accounts()
  const wanted = { administrator: { email: 'root@example.com', password: PASSWORD }, apiKey: 'k'.repeat(32) }
  const results = await Promise.all(Array.from({ length: 5 }, () => setUpUnattended(world.tools, wanted, T0)))
  expect(results.filter(({ madeAdministrator }) => madeAdministrator)).toHaveLength(1)
  const { rows } = await sql<{ n: number }>`select count(*) as n from workspace`.execute(world.database.db)
  expect(rows[0]?.n).toBe(1)
})
