import type pg from 'pg'
import { schemaVersion } from '../db/migrate.ts'
import type { DispatcherStatus } from '../delivery/dispatch/dispatcher.ts'

export interface ReadinessSources {
  readonly pool: pg.Pool
  /** The newest version of the schema that this program knows. */
  readonly knownSchema: number
  /** Null where this process does not send. */
  readonly dispatcher: Pick<DispatcherStatus, 'running' | 'trouble'> | null
}

/** A standby, or an administrator's default_transaction_read_only: everything looks well until the first write. */
async function isReadOnly(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ transaction_read_only: string }>('show transaction_read_only')
  return rows[0]?.transaction_read_only === 'on'
}

/** Why this process cannot do its work at this moment; empty when it can. */
export async function reasonsNotReady({ pool, knownSchema, dispatcher }: ReadinessSources): Promise<readonly string[]> {
  const reasons: string[] = []
  try {
    const found = await schemaVersion(pool)
    if (found > knownSchema)
      reasons.push(`The database is at version ${found}, made by a newer Waybill than this one (${knownSchema}).`)
    if (await isReadOnly(pool)) reasons.push('The database may only be read at present, so no mail can be taken or sent.')
    if (found < knownSchema) reasons.push(`The database is at version ${found} and has to be migrated to ${knownSchema} first.`)
  } catch (error) {
    reasons.push(`The database cannot be reached: ${(error as Error).message}.`)
  }
  if (dispatcher && !dispatcher.running) reasons.push('Sending is stopped in this process.')
  else if (dispatcher?.trouble && reasons.length === 0) reasons.push(dispatcher.trouble)
  return reasons
}
