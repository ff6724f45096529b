import { type Database, type Db, ENGINE, type Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId, type UserId, type WorkspaceId } from '../lib/ids.ts'
import { isSameSecret, type Secrets } from '../lib/secrets.ts'
import { beginTries, refuseWhenThrottled, succeed, tryFrom } from './count-try.ts'
import type { User } from './member.ts'
import type { Passwords } from './password.ts'
import { firstWorkspace, hasUsers, insertMember, insertUser, insertWorkspace, lockAccounts, renameWorkspace } from './queries.ts'
import type { Origin } from './session.ts'
import type { SignedIn } from './sign-in.ts'
import { startSession } from './start-session.ts'
import type { Workspace } from './workspace.ts'

/** What a new workspace needs from the levels above (its sandbox route), done in the transaction that makes it. */
export type FurnishWorkspace = (tx: Tx, workspaceId: WorkspaceId, now: Date) => Promise<void>

const CODE_LETTERS = '23456789abcdefghjkmnpqrstuvwxyz'
const CODE_CHARACTERS = 12

/**
 * The code that proves one can read this server's terminal or log. Made from its secret, so that it is the same after a restart and
 * needs no place to be kept; 59 bits cannot be guessed through a throttle.
 */
export function setupCode(secrets: Secrets): string {
  const bytes = secrets.hmac('setup-code', '1')
  let value = bytes.readBigUInt64BE(0)
  let code = ''
  for (let i = 0; i < CODE_CHARACTERS; i++, value /= BigInt(CODE_LETTERS.length))
    code += CODE_LETTERS[Number(value % BigInt(CODE_LETTERS.length))]
  return code.replace(/(.{4})(?=.)/g, '$1-')
}

export async function isSetUp(db: Db): Promise<boolean> {
  return await hasUsers(db)
}

export interface SetUp {
  readonly code: string
  readonly workspace: string
  readonly name: string
  readonly email: string
  readonly password: string
  readonly origin: Origin
}

export interface SetUpTools {
  readonly database: Database
  readonly passwords: Passwords
  readonly secrets: Secrets
  readonly furnish: FurnishWorkspace
}

/** The first workspace and its owner, once. A workspace that the configuration made for an API key is taken over. */
export async function setUp(tools: SetUpTools, request: SetUp, now: Date): Promise<SignedIn> {
  const { database, passwords, secrets, furnish } = tools
  const tries = [tryFrom(request.origin.ip, 'setup')]
  if (await hasUsers(database.db)) throw new Refusal('setup_done')
  refuseWhenThrottled(await database.transaction(ENGINE, (tx) => beginTries(tx, tries, now)))
  if (!isSameSecret(plainCode(request.code), plainCode(setupCode(secrets))))
    throw new Refusal('setup_code_wrong', { pointer: '/code' })

  const passwordHash = await passwords.hash(request.password)
  return await database.transaction(ENGINE, async (tx) => {
    await lockAccounts(tx)
    if (await hasUsers(tx)) throw new Refusal('setup_done')
    await succeed(tx, tries, now)
    const workspace = await ensureWorkspace(tx, request.workspace, furnish, now)
    if (workspace.name !== request.workspace) await renameWorkspace(tx, { ...workspace, name: request.workspace })
    const user = await makeOwner(tx, workspace, { ...request, passwordHash }, now)
    const started = await startSession(tx, user, workspace.id, request.origin, now)
    return { ...started, user, workspace: { ...workspace, name: request.workspace }, role: 'owner' }
  })
}

/** People copy codes with other dashes, spaces and capitals. */
function plainCode(code: string): string {
  return code.toLowerCase().replace(/[^a-z0-9]/g, '')
}

export async function ensureWorkspace(tx: Tx, name: string, furnish: FurnishWorkspace, now: Date): Promise<Workspace> {
  const existing = await firstWorkspace(tx)
  if (existing) return existing
  const workspace: Workspace = { id: newId<WorkspaceId>(), name }
  await insertWorkspace(tx, workspace, now)
  await append(tx, { type: 'workspace.created', workspaceId: workspace.id, subjectId: workspace.id, data: { name } }, now)
  await furnish(tx, workspace.id, now)
  return workspace
}

export async function makeOwner(
  tx: Tx,
  workspace: Workspace,
  person: { name: string; email: string; passwordHash: string },
  now: Date,
): Promise<User> {
  const user: User = { id: newId<UserId>(), email: person.email.trim(), name: person.name }
  await insertUser(tx, { ...user, passwordHash: person.passwordHash }, now)
  await insertMember(tx, workspace.id, user.id, 'owner', now)
  await append(
    tx,
    { type: 'member.added', workspaceId: workspace.id, subjectId: user.id, data: { name: user.name, role: 'owner' } },
    now,
  )
  return user
}
