import { sql } from 'kysely'
import type { Actor, Role } from '../../src/accounts/actor.ts'
import type { Db } from '../../src/db/database.ts'
import { newId, type UserId, type WorkspaceId } from '../../src/lib/ids.ts'

const T0 = new Date('2026-11-21T12:00:00.000Z')

/** Somebody who belongs to a workspace, without the second that a real password takes: they cannot sign in. */
export async function aMember(
  db: Db,
  workspaceId: WorkspaceId,
  name: string,
  role: Role = 'agent',
): Promise<Actor & { readonly kind: 'user' }> {
  const id = newId<UserId>()
  const email = `${name.toLowerCase()}@example.com`
  await sql`insert into user_account (id, email, name, password_hash, password_changed_at, created_at)
            values (${id}, ${email}, ${name}, '$argon2id$none', ${T0}, ${T0})`.execute(db)
  await sql`insert into membership (workspace_id, user_id, role, joined_at) values (${workspaceId}, ${id}, ${role}, ${T0})`.execute(
    db,
  )
  return { kind: 'user', id, name, workspaceId, role }
}
