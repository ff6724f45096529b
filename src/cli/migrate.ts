import { schemaVersion } from '../db/migrate.ts'
import { withStore } from './surroundings.ts'

/** Opening the store brings it forward; this says where it stands. */
export async function migrateCommand(): Promise<void> {
  await withStore(async ({ database, where }) => {
    process.stdout.write(`${where} is at version ${await schemaVersion(database.pool)}, the newest this Waybill knows.\n`)
  })
}
