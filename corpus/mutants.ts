import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { grow, mutate, seeded } from '../test/support/mutate.ts'
import { filesBelow } from './files.ts'

/** Mails that are broken on purpose, and where they came from. */
export interface Original {
  readonly name: string
  readonly bytes: Buffer
}

export interface Mutant {
  readonly n: number
  readonly from: string
  readonly bytes: Buffer
}

const OWN = fileURLToPath(new URL('../test/corpus/seeds', import.meta.url))
/** Beside the project, where they are present: corpora that others collected. */
const SHARED = ['mime', 'bounces', 'quotes'].map((name) =>
  fileURLToPath(new URL(`../../shared/corpora/${name}`, import.meta.url)),
)
/** One in so many is made large: 50 MB, 10,000 parts, 1,000 levels. */
const LARGE_EVERY = 1_000

export async function originals(): Promise<readonly Original[]> {
  const folders = [OWN, ...SHARED.filter((folder) => existsSync(folder))]
  const found = await Promise.all(folders.map(filesBelow))
  return await Promise.all(
    found.flatMap(({ files }) => files).map(async ({ path, shown }) => ({ name: shown, bytes: await readFile(path) })),
  )
}

/** The n-th mutant of a seed: the same bytes whenever it is asked for, whichever were made before. */
export function mutantOf(from: readonly Original[], seed: number, n: number, isLarge = (n + 1) % LARGE_EVERY === 0): Mutant {
  const random = seeded((Math.imul(seed, 0x9e37_79b1) ^ Math.imul(n + 1, 0x85eb_ca6b)) >>> 0)
  const original = from[Math.floor(random() * from.length)] as Original
  const bytes = isLarge ? grow(original.bytes, random) : mutate(original.bytes, random)
  return { n, from: original.name, bytes }
}
