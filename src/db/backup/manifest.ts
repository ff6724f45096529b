import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Explained } from '../../lib/explained.ts'
import { writeDurably } from '../data-folder.ts'
import { compareWithHash, incomplete } from './files.ts'

const FILE = 'manifest.json'
/** The manifest holds the hash of every other file; this one holds the manifest's. */
const DIGEST = 'manifest.sha256'
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
  secret: z.strictObject({ file: fileName, sha256 }).nullable(),
})
export type Manifest = z.infer<typeof Manifest>
export type TableEntry = Manifest['tables'][number]

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await writeDurably(join(folder, DIGEST), `${createHash('sha256').update(text).digest('hex')}  ${FILE}\n`)
  await writeDurably(join(folder, FILE), text)
}

export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, FILE)
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Explained(
      `${folder} is no complete backup: there is no ${FILE} in it. It is written last, so the backup was interrupted.`,
    )
  })
  const digest = await readFile(join(folder, DIGEST), 'utf8').catch(() => {
    throw incomplete(join(folder, DIGEST))
  })
  await compareWithHash(path, digest.slice(0, 64))
  const parsed = Manifest.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Explained(
    `The backup in ${folder} was made by another Waybill than this one. Restore it with the release that made it.`,
    {
      cause: parsed.error,
    },
  )
}
