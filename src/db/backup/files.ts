import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Explained } from '../../lib/explained.ts'
import { Measure } from './measure.ts'

const LINE = /^([0-9a-f]{64}) {2}([^\n]+)$/

/** Copies a file, durably, and answers its size and hash. */
export async function copyMeasured(from: string, to: string, onBytes?: (bytes: number) => void): Promise<Measure> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  const measure = new Measure(onBytes)
  await pipeline(createReadStream(from), measure, createWriteStream(to, { mode: 0o600, flush: true }))
  return measure
}

/** Every file below the folder, as relative paths; what is just being written (`.tmp`) is not one yet. */
export async function* filesBelow(folder: string, within = ''): AsyncGenerator<string> {
  const entries = await readdir(join(folder, within), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = within === '' ? entry.name : `${within}/${entry.name}`
    if (entry.isDirectory()) yield* filesBelow(folder, path)
    else if (entry.isFile() && !entry.name.endsWith('.tmp')) yield path
  }
}

/** Copies a tree of files and writes their list as `sha256sum -c` reads it. Files that vanish meanwhile were deleted, and are left out. */
export async function copyTree(
  from: string,
  to: string,
  listPath: string,
  onBytes: (bytes: number) => void,
): Promise<{ files: number; bytes: number; sha256: string }> {
  const list = await open(listPath, 'w', 0o600)
  const listed = createHash('sha256')
  let [files, bytes] = [0, 0]
  try {
    for await (const path of filesBelow(from)) {
      if (path.includes('\n'))
        throw new Explained(`There is a file with a line break in its name below ${from}. It is none of ours; move it away.`)
      const copied = await copyMeasured(join(from, path), join(to, path), onBytes).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      if (!copied) continue
      const line = `${copied.sha256()}  ${path}\n`
      await list.write(line)
      listed.update(line)
      files += 1
      bytes += copied.bytes
    }
    await list.sync()
  } finally {
    await list.close()
  }
  return { files, bytes, sha256: listed.digest('hex') }
}

/** Puts the listed files back and compares each with its hash; one that is there under the same name is replaced. */
export async function restoreTree(
  from: string,
  to: string,
  listPath: string,
  sha256: string,
  onBytes: (bytes: number) => void,
): Promise<number> {
  await compareWithHash(listPath, sha256)
  const list = await open(listPath)
  let files = 0
  try {
    for await (const line of list.readLines()) {
      const [, expected, path] = LINE.exec(line) ?? []
      if (!expected || !path || path.startsWith('/') || path.split('/').includes('..')) throw damaged(listPath)
      const copied = await copyMeasured(join(from, path), join(to, path), onBytes).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw incomplete(join(from, path))
        throw new Explained(`A file of the backup cannot be copied: ${error.message}.`)
      })
      if (copied.sha256() !== expected) throw damaged(join(from, path))
      files += 1
    }
  } finally {
    await list.close()
  }
  return files
}

/** Reads a file from end to end; throws when it is not what it was when the backup was made. */
export async function compareWithHash(path: string, sha256: string): Promise<void> {
  const measure = new Measure()
  await pipeline(createReadStream(path), measure, async (bytes: AsyncIterable<Buffer>) => {
    for await (const _ of bytes);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw incomplete(path)
    throw error
  })
  if (measure.sha256() !== sha256) throw damaged(path)
}

export async function hasFiles(folder: string): Promise<boolean> {
  for await (const _ of filesBelow(folder)) return true
  return false
}

export function damaged(path: string, cause?: unknown): Explained {
  return new Explained(`The backup is damaged: ${path} is not what it was when the backup was made. Nothing was restored.`, {
    cause,
  })
}

export function incomplete(path: string): Explained {
  return new Explained(`The backup is incomplete: ${path} is missing. Nothing was restored.`)
}
