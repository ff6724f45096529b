import { lstat, readdir } from 'node:fs/promises'

/** A file of any name: names are bytes, and need not be text. */
export interface CorpusFile {
  readonly path: Buffer
  /** For people. */
  readonly shown: string
}

export interface Found {
  readonly files: readonly CorpusFile[]
  /** Links, sockets and other things that are no files: named, not read. */
  readonly passedOver: readonly string[]
}

/** Every file below a folder, by name; or the one file. */
export async function filesBelow(root: string): Promise<Found> {
  const path = Buffer.from(root)
  const found = await lstat(path)
  if (found.isFile()) return { files: [{ path, shown: shownPath(path) }], passedOver: [] }
  const files: CorpusFile[] = []
  const passedOver: string[] = []
  const folders = [path]
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      const below = Buffer.concat([folder, Buffer.from('/'), entry.name])
      if (entry.isDirectory()) folders.push(below)
      else if (entry.isFile()) files.push({ path: below, shown: shownPath(below.subarray(path.length + 1)) })
      else passedOver.push(shownPath(below.subarray(path.length + 1)))
    }
  }
  return { files: files.sort((a, b) => Buffer.compare(a.path, b.path)), passedOver: passedOver.sort() }
}

/** What a name may hold must not reach a terminal. */
function shownPath(path: Buffer): string {
  return path.toString('utf8').replace(/\p{C}/gu, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`)
}
