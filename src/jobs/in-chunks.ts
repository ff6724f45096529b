import { type Database, ENGINE, type Tx } from '../db/database.ts'

/** What is left after so many waits for the job's next time: it must not keep the others from theirs for ever. */
const MAX_CHUNKS = 1_000

/** Repeats `chunk`, each time in a transaction of its own, while it finds as much as it may take: no lock is held for long. */
export async function inChunks(database: Database, size: number, chunk: (tx: Tx) => Promise<number>): Promise<void> {
  for (let taken = 0; taken < MAX_CHUNKS; taken++) if ((await database.transaction(ENGINE, chunk)) < size) return
}
