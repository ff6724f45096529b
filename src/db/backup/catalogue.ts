import pg from 'pg'
import type { Queryable } from '../migrate.ts'
import type { Manifest } from './manifest.ts'

export interface Table {
  readonly name: string
  /** In their order, without those PostgreSQL computes. */
  readonly columns: readonly string[]
}

export interface ForeignKey {
  readonly table: string
  readonly name: string
  readonly definition: string
}

/** Kept apart: it says what the others mean, and the restoring side writes its own. */
const MIGRATIONS = 'schema_migration'
const OURS = `c.relnamespace = to_regnamespace(quote_ident(current_schema()))`

/** For the one transaction that reads or writes everything: no limit of time, and an error where a policy would hide rows from us. */
export const UNHURRIED =
  'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local row_security = off'

/** Every table with its columns. A partitioned table stands for its partitions. */
export async function tables(db: Queryable): Promise<Table[]> {
  const { rows } = await db.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where ${OURS} and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> $1
      group by c.relname
      order by c.relname`,
    [MIGRATIONS],
  )
  return rows
}

/** Every partition with its bounds as PostgreSQL writes them, outer ones before those inside of them. */
export async function partitions(db: Queryable): Promise<Manifest['partitions']> {
  const { rows } = await db.query<Manifest['partitions'][number]>(
    `with recursive part as (
       select c.oid, c.relname, i.inhparent, c.relpartbound, 1 as depth
         from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
        where ${OURS} and c.relispartition and c.relkind in ('r', 'p') and not p.relispartition
       union all
       select c.oid, c.relname, i.inhparent, c.relpartbound, part.depth + 1
         from part join pg_inherits i on i.inhparent = part.oid join pg_class c on c.oid = i.inhrelid
     )
     select relname as name, (select relname from pg_class where oid = inhparent) as parent, pg_get_expr(relpartbound, oid) as bounds
       from part
      order by depth, relname`,
  )
  return rows
}

/** Where every sequence stands. These are never older than a snapshot: sequences know no transactions. */
export async function sequences(db: Queryable): Promise<Manifest['sequences']> {
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c where ${OURS} and c.relkind = 'S' order by c.relname`,
  )
  const found: Manifest['sequences'] = []
  for (const { name } of rows) {
    const { rows: at } = await db.query<{ lastValue: string; isCalled: boolean }>(
      `select last_value::text as "lastValue", is_called as "isCalled" from ${quoted(name)}`,
    )
    if (at[0]) found.push({ name, ...at[0] })
  }
  return found
}

/** Foreign keys as they were declared; those of single partitions follow from their parent's. */
export async function foreignKeys(db: Queryable): Promise<ForeignKey[]> {
  const { rows } = await db.query<ForeignKey>(
    `select c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
       from pg_constraint k join pg_class c on c.oid = k.conrelid
      where ${OURS} and k.contype = 'f' and k.conparentid = 0
      order by c.relname, k.conname`,
  )
  return rows
}

/** Triggers of our own that are switched on. */
export async function triggers(db: Queryable): Promise<{ table: string; name: string }[]> {
  const { rows } = await db.query<{ table: string; name: string }>(
    `select c.relname as table, t.tgname as name
       from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where ${OURS} and not t.tgisinternal and t.tgparentid = 0 and t.tgenabled = 'O'
      order by c.relname, t.tgname`,
  )
  return rows
}

/** The migrations a database has seen. */
export async function appliedMigrations(db: Queryable): Promise<Manifest['migrations']> {
  const { rows } = await db.query<Manifest['migrations'][number]>(
    `select version, name, checksum from ${MIGRATIONS} order by version`,
  )
  return rows
}

export function quoted(name: string): string {
  return pg.escapeIdentifier(name)
}

export function quotedList(names: readonly string[]): string {
  return names.map(quoted).join(', ')
}
