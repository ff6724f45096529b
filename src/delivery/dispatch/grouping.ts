import type { Claimed } from './queries.ts'

const FEED_ROWS = 256
const MAX_GROUP = 50

/** Recipients of one message that go in one transaction. */
export interface Group {
  readonly claimed: readonly [Claimed, ...Claimed[]]
  readonly content: string
}

/** Rows that are fetched together: few enough to begin soon, and at most 4 MiB unless a single message is larger. */
export function* chunksOf(claimed: readonly Claimed[]): Generator<Claimed[]> {
  let chunk: Claimed[] = []
  let bytes = 0
  for (const row of claimed) {
    if (chunk.length >= FEED_ROWS || (chunk.length > 0 && bytes + row.sizeBytes > 4 * 1024 * 1024)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(row)
    bytes += row.sizeBytes
  }
  if (chunk.length > 0) yield chunk
}

/** Neighbours of one message go in one transaction: the body crosses the wire once, each recipient is answered for on its own. */
export function* groupsOf(
  chunk: readonly Claimed[],
  contents: ReadonlyMap<string, string>,
  mayShare: (a: Claimed, b: Claimed) => boolean,
): Generator<Group> {
  let group: [Claimed, ...Claimed[]] | null = null
  for (const row of chunk) {
    const content = contents.get(row.contentHash)
    if (content === undefined) continue
    if (group && group[0].messageId === row.messageId && group.length < MAX_GROUP && mayShare(group[0], row)) group.push(row)
    else {
      if (group) yield { claimed: group, content: contents.get(group[0].contentHash) ?? '' }
      group = [row]
    }
  }
  if (group) yield { claimed: group, content: contents.get(group[0].contentHash) ?? '' }
}
