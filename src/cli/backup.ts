import { join, resolve } from 'node:path'
import { askAboutCampaigns } from '../campaigns/life.ts'
import { type Config, readConfig } from '../config.ts'
import { backup } from '../db/backup/backup.ts'
import { readManifest } from '../db/backup/manifest.ts'
import { restore } from '../db/backup/restore.ts'
import { transactionOn } from '../db/database.ts'
import { holdEverythingOverdue } from '../delivery/maintenance.ts'
import { rebaseLog } from '../events/follow.ts'
import { freeJobs } from '../jobs/periodic.ts'
import { machineClock } from '../lib/clock.ts'
import { blobFolder, reachDatabase } from '../store.ts'
import { bringPlacesAlong } from '../workflows/engine/restore.ts'
import { commandLog, progress } from './surroundings.ts'

/** What a server writes by itself as soon as it starts: a database that holds nothing else is still an empty one. */
const FILLED_BY_THE_SERVER = ['periodic_job', 'follower']

function surroundings(config: Config) {
  return { log: commandLog(config), progress, maxConnections: 2 }
}

/** A secret from the environment is its owner's to keep. */
function secretFileOf({ secret, dataDir }: Config): string | null {
  return secret === null ? join(dataDir, 'secret') : null
}

/** Changes nothing: a copy made before an upgrade is one of the version before it, even when the newer Waybill makes it. */
export async function backupCommand(folder: string): Promise<void> {
  const config = readConfig()
  const { database, dataDir, close } = await reachDatabase(config, { as: 'beside', ...surroundings(config) })
  try {
    const options = { blobDir: blobFolder(dataDir), secretFile: secretFileOf({ ...config, dataDir }), progress }
    const made = await backup(database.pool, resolve(folder), options, machineClock.now())
    process.stdout.write(`${made.rows} rows of ${made.tables} tables and ${made.blobFiles} files are in ${resolve(folder)}.\n`)
    if (made.withSecret)
      process.stdout.write('The secret that opens stored passwords is among them: keep the folder as safe as the server.\n')
  } finally {
    await close()
  }
}

export async function restoreCommand(folder: string): Promise<void> {
  const config = readConfig()
  // What is no backup is refused before a database is made for it.
  await readManifest(resolve(folder))
  // As a server would: nobody else may use the database of this folder meanwhile.
  const { database, dataDir, close } = await reachDatabase(config, { as: 'serve', ...surroundings(config) })
  let held = 0
  try {
    const brought = await restore(database.pool, resolve(folder), {
      blobDir: blobFolder(dataDir),
      secretFile: secretFileOf({ ...config, dataDir }),
      progress,
      ignored: FILLED_BY_THE_SERVER,
      afterRestore: async (client) => {
        const tx = transactionOn(client)
        // First: what is appended afterwards then lies behind what was brought.
        await bringPlacesAlong(tx, await rebaseLog(tx))
        await freeJobs(tx)
        const now = machineClock.now()
        held = await holdEverythingOverdue(tx, now)
        await askAboutCampaigns(tx, now)
      },
    })
    process.stdout.write(`${brought.rows} rows and ${brought.blobFiles} files of ${brought.createdAt} are back.\n`)
    process.stdout.write(
      held === 0
        ? 'Nothing was waiting to be sent.\n'
        : `${held} deliveries that were waiting then are held now: look at them under Deliveries, state held, and release what has not arrived.\n`,
    )
  } finally {
    await close()
  }
}
