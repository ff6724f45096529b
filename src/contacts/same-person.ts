/** Who turned out to be whom, for many at once: what followers of the log ask for beside. */
import type { Tx } from '../db/database.ts'
import { selectSamePeople } from './same-person-queries.ts'

export interface SamePerson {
  /** Who they are now: themselves, where nobody joined them with another one. */
  readonly survivor: string
  /** By way of whom, the survivor included; empty where that is themselves. */
  readonly way: readonly string[]
  /** Those that were joined with the survivor, straight or by way of others, and since when. */
  readonly joined: readonly { readonly id: string; readonly at: string | null }[]
}

/** By contact; those that are gone are missing. */
export async function samePeople(
  tx: Tx,
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<ReadonlyMap<string, SamePerson>> {
  const distinct = [...new Map(keys.map((key) => [key.id, key])).values()]
  const found = distinct.length === 0 ? [] : await selectSamePeople(tx, distinct)
  return new Map(found.map(({ id, ...same }) => [id, same]))
}
