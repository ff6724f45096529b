/**
 * What the planner may take for granted of tables that were never looked at. It knows nothing of a new table, and so believes that a workspace is one
 * of two hundred: an index that leads with the workspace then looks as good as the key, and plans that are kept, those of foreign keys above all, read
 * all rows of the workspace for each of them until the table is analysed. The first thousands of mails of a young server took twice the processor.
 */
import type { Queryable } from './migrate.ts'

/** PostgreSQL 18 takes such words; before it, planning is right once autovacuum has looked, within a minute. */
export async function describeYoungTables(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ can: boolean }>("select to_regproc('pg_restore_attribute_stats') is not null as can")
  if (!rows[0]?.can) return
  await db.query(`
    select pg_restore_attribute_stats('schemaname', n.nspname::text, 'relname', c.relname::text, 'attname', 'workspace_id', 'inherited',
                                      c.relkind = 'p', 'null_frac', 0::real, 'avg_width', 16, 'n_distinct', 1::real)
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      join pg_attribute as a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
     where n.nspname = current_schema() and c.relkind in ('r', 'p') and c.relpersistence <> 't'
       and not exists (select from pg_stats as s where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = 'workspace_id')`)
}
