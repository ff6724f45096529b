import { sql } from 'kysely'
import type { Tx } from './database.ts'

/** A part of a transaction that may fail alone: what it wrote is taken back, and the rest goes on. */
export async function savepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await sql`savepoint part`.execute(tx)
  try {
    const result = await work()
    await sql`release savepoint part`.execute(tx)
    return result
  } catch (error) {
    await sql`rollback to savepoint part; release savepoint part`.execute(tx)
    throw error
  }
}
