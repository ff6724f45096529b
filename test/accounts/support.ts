import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import type { Actor, Role } from '../../src/accounts/actor.ts'
import { addMember } from '../../src/accounts/members.ts'
import { createPasswords } from '../../src/accounts/password.ts'
import { setUp, setupCode } from '../../src/accounts/set-up.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import type { UserId } from '../../src/lib/ids.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { testDatabase } from '../support/database.ts'

export const ORIGIN = { ip: '192.0.2.7', userAgent: 'Test/1.0' }
export const PASSWORD = 'four words make it long'
export const T0 = new Date('2026-11-21T12:00:00.000Z')

/** An empty server and what accounts need. One for each test file. */
export async function accounts() {
  const connection = await testDatabase()
  const database: Database = openDatabase({ connection: { ...connection }, maxConnections: 8, applicationName: 'test' })
  afterAll(() => database.close())
  const passwords = createPasswords()
  const secrets = createSecrets(randomBytes(32).toString('hex'))
  const furnished: string[] = []
  const furnish = async (_tx: unknown, workspaceId: string) => {
    furnished.push(workspaceId)
  }
  return { connection, database, passwords, secrets, furnished, tools: { database, passwords, secrets, furnish } }
}

type Accounts = Awaited<ReturnType<typeof accounts>>

/** The first workspace with its owner Ann. */
export async function ann(world: Accounts, now = T0) {
  const request = { code: setupCode(world.secrets), workspace: 'Shop', name: 'Ann', email: 'ann@example.com', password: PASSWORD }
  const signedIn = await setUp(world.tools, { ...request, origin: ORIGIN }, now)
  const actor: Actor = { kind: 'user', id: signedIn.user.id, name: 'Ann', workspaceId: signedIn.workspace.id, role: 'owner' }
  return { ...signedIn, actor }
}

export async function member(
  world: Accounts,
  owner: Actor,
  name: string,
  role: Role,
  now = T0,
): Promise<Actor & { kind: 'user' }> {
  const request = { name, email: `${name.toLowerCase()}@example.com`, role, password: PASSWORD }
  const added = await addMember(world.database, world.passwords, request, owner, now)
  return { kind: 'user', id: added.id as UserId, name, workspaceId: owner.workspaceId, role }
}

/** The code of the refusal that the work ends with; fails when it ends otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (typeof code === 'string') return code
    throw error
  }
  throw new Error('was not refused')
}
