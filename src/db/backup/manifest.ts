import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Explained } from '../../lib/explained.ts'
import { writeDurably } from '../data-folder.ts'

const FILE = 'manifest.json'
const count = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** A file name of ours: nothing in a manifest may lead out of the backup's folder. */
const fileName = z.string().regex(/^[\w%-][\w.%-]*$/)

/** What a backup holds, written last: a folder without it is not a backup. */
export const Manifest = z.strictObject({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  postgres: z.string(),
  schemaVersion: count,
  migrations: z.array(z.strictObject({ version: count, name: z.string(), checksum: sha256 })),
  tables: z.array(
    z.strictObject({ name: z.string(), columns: z.array(z.string()).min(1), file: fileName, rows: count, bytes: count, sha256 }),
  ),
  /** Outer ones first. */
  partitions: z.array(z.strictObject({ name: z.string(), parent: z.string(), bounds: z.string() })),
  sequences: z.array(z.strictObject({ name: z.string(), lastValue: z.string().regex(/^-?\d+$/), isCalled: z.boolean() })),
  blobs: z.strictObject({ files: count, bytes: count, list: fileName, sha256 }).nullable(),
  secret: fileName.nullable(),
})
export type Manifest = z.infer<typeof Manifest>
export type TableEntry = Manifest['tables'][number]

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeDurably(join(folder, FILE), `${JSON.stringify(manifest, null, 2)}\n`)
}

export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => {
    throw new Explained(
      `${folder} is no complete backup: there is no ${FILE} in it. It is written last, so the backup was interrupted.`,
    )
  })
  try {
    return Manifest.parse(JSON.parse(text))
  } catch (error) {
    throw new Explained(`The ${FILE} of ${folder} cannot be read, or was made by another Waybill: ${(error as Error).message}`)
  }
}
