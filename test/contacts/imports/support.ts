import { sql } from 'kysely'
import type { Actor } from '../../../src/accounts/actor.ts'
import type { ImportId, ImportSettings } from '../../../src/contacts/imports/import.ts'
import { workOnImports } from '../../../src/contacts/imports/import-jobs.ts'
import {
  checkImport,
  type ImportBatch,
  readImport,
  rowsOfImport,
  runImport,
  undoImport,
} from '../../../src/contacts/imports/imports.ts'
import { takeFile } from '../../../src/contacts/imports/take-file.ts'
import { newId, type UserId } from '../../../src/lib/ids.ts'
import { namersOfList } from '../../../src/namers-of-list.ts'
import { type World, world } from '../../support/world.ts'

export async function importing() {
  const w = await world()
  const actor: Actor = { kind: 'user', id: newId<UserId>(), name: 'Ann', workspaceId: w.workspaceId, role: 'owner' }
  const now = () => w.clock.now()
  const work = () => workOnImports({ ...w, namersOfList })
  return {
    ...w,
    actor,
    work,
    take: (content: string | Buffer, name = 'people.csv') =>
      takeFile(w.database, { name, content: pieces(Buffer.from(content)) }, { workspaceId: w.workspaceId, actor: null }, now),
    /** The dry run, with what the first look guessed where nothing else is said. */
    async check(batch: ImportBatch, settings: Partial<ImportSettings> = {}) {
      const { shape } = batch
      if (!shape) throw new Error('nothing was found in the file')
      const { delimiter, encoding, hasHeader, guesses: columns } = shape
      const guessed: ImportSettings = {
        ...{ delimiter, encoding, hasHeader, columns, policy: 'fill', lists: [], tags: [], consent: 'Asked at the fair' },
        ...{ confirmed: false, splitGlued: false, acceptInvalid: false },
      }
      await w.inWorkspace((tx) => checkImport(tx, batch.id, { ...guessed, ...settings }, actor, now()))
      await work()
      return await readImport(w.database.db, w.workspaceId, batch.id)
    },
    async run(id: ImportId, acceptInvalid = false) {
      w.clock.advance(1_000)
      await w.inWorkspace((tx) => runImport(tx, id, { acceptInvalid }, actor, now()))
      await work()
      return await readImport(w.database.db, w.workspaceId, id)
    },
    async undo(id: ImportId) {
      w.clock.advance(1_000)
      await w.inWorkspace((tx) => undoImport(tx, id, actor, now()))
      await work()
      return await readImport(w.database.db, w.workspaceId, id)
    },
    rows: (id: ImportId) => rowsOfImport(w.database.db, w.workspaceId, id, 0, 10_000),
    addresses: () => addressesOf(w),
  }
}

async function* pieces(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 7_777) yield content.subarray(at, at + 7_777)
}

async function addressesOf(w: World): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`select address from contact_address order by address`.execute(w.database.db)
  return rows.map(({ address }) => address)
}
