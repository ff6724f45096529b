/** Rows that are written only if what they belong to is written at all: of a batch somebody else may have done a part. */
import { type RawBuilder, sql } from 'kysely'

/** A condition on a row by the column that names its run, or its lane. */
export type Only = (by: { readonly run: string } | { readonly lane: string }) => RawBuilder<unknown>

export const EVERY: Only = () => sql``

/** Of the statement that begins solo runs: those that it took the letters of. */
export const BEGUN: Only = (by) =>
  'run' in by
    ? sql`where ${sql.raw(by.run)} in (select run_id from begun)`
    : sql`where ${sql.raw(by.lane)} in (select lane_id from begun)`
