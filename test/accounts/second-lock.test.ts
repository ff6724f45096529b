import { sql } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createApiKey } from '../../src/accounts/api-keys.ts'
import type { Scope } from '../../src/db/database.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { accounts, ann, T0 } from './support.ts'

const world = await accounts()
const { database, connection } = world
const owner = await ann(world)
const foreign = newId<WorkspaceId>()
await sql`insert into workspace (id, name, created_at) values (${foreign}, 'Other', ${T0})`.execute(database.db)
const here: Scope = { as: 'api', workspaceId: owner.workspace.id }
const there: Scope = { as: 'api', workspaceId: foreign }
await database.transaction(here, (tx) => createApiKey(tx, { name: 'Shop', scopes: ['send'], expiresAt: null }, owner.actor, T0))

test('the API role cannot log in, is no superuser and bypasses nothing; neither does the owner of the tables', async () => {
  const { rows } = await sql`
    select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole from pg_roles
     where rolname = 'waybill_api' or rolname = current_user order by rolname desc`.execute(database.db)
  expect(rows[0]).toEqual({
    rolname: 'waybill_api',
    rolcanlogin: false,
    rolsuper: false,
    rolbypassrls: false,
    rolcreaterole: false,
  })
  expect(rows[1]).toMatchObject({ rolsuper: false, rolbypassrls: false })
})

test('every table with a workspace is behind the second lock, or closed to the API role altogether', async () => {
  const { rows } = await sql<{ name: string; locked: boolean; closed: boolean }>`
    select c.relname as name,
           c.relrowsecurity and (select count(*) from pg_policy p where p.polrelid = c.oid) = 1 as locked,
           not has_any_column_privilege('waybill_api', c.oid, 'select, insert, update')
             and not has_table_privilege('waybill_api', c.oid, 'delete, truncate') as closed
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`.execute(database.db)
  expect(rows.length).toBeGreaterThan(5)
  expect(rows.filter(({ locked, closed }) => !locked && !closed)).toEqual([])
})

test('no partition can be reached around its table', async () => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relispartition and has_any_column_privilege('waybill_api', oid, 'select, insert, update')`.execute(
    database.db,
  )
  expect(rows).toEqual([])
})

test('the API role may read no password, no session, no throttle and no hash of a key, and move no reader of the log', async () => {
  for (const statement of [
    'select password_hash from user_account',
    'select 1 from session',
    'select 1 from sign_in_throttle',
    'select hash from api_key',
    // Where a reader of the log stands may be seen, and by nobody but it be moved.
    'update follower set seq = seq',
  ]) {
    await expect(
      database.transaction(here, (tx) => sql.raw(statement).execute(tx)),
      statement,
    ).rejects.toMatchObject({ code: '42501' })
  }
})

test('without a workspace there is nothing to see', async () => {
  const client = new pg.Client({ ...connection })
  await client.connect()
  try {
    await client.query('begin; set local role waybill_api')
    for (const table of ['workspace', 'membership', 'api_key', 'event']) {
      const { rows } = await client.query(`select count(*)::int as n from ${table}`)
      expect(rows[0].n, table).toBe(0)
    }
    expect((await client.query('select count(*)::int as n from user_account')).rows[0].n).toBe(0)
  } finally {
    await client.end()
  }
})

test('another workspace sees nothing of this one, and cannot write into it', async () => {
  const count = (table: string, scope: Scope) =>
    database.transaction(
      scope,
      async (tx) => (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(tx)).rows[0]?.n,
    )
  for (const table of ['membership', 'api_key', 'event']) {
    expect(await count(table, there), table).toBe(0)
    expect(await count(table, here), table).toBeGreaterThan(0)
  }
  expect(await database.transaction(there, async (tx) => (await sql`select id from user_account`.execute(tx)).rows)).toEqual([])
  expect(await database.transaction(there, async (tx) => (await sql`select id from workspace`.execute(tx)).rows)).toEqual([
    { id: foreign },
  ])

  const insert = sql`
    insert into api_key (workspace_id, id, name, prefix, hash, scopes, source, created_at)
    values (${owner.workspace.id}, ${newId()}, 'planted', 'wb_', sha256('x'), '{full}', 'person', ${T0})`
  await expect(database.transaction(there, (tx) => insert.execute(tx))).rejects.toMatchObject({ code: '42501' })
  const { numAffectedRows } = await database.transaction(there, (tx) => sql`delete from membership`.execute(tx))
  expect(numAffectedRows).toBe(0n)
})
