import type { Actor } from '../accounts/actor.ts'
import type { ItemFile } from '../helpdesk/item.ts'
import type { ServerDeps } from './deps.ts'
import { PICTURE_TYPE } from './wire/conversations.ts'

/** Together and each: a frame holds its pictures itself, since it may ask for nothing. */
const PICTURES_MAX_BYTES = 8 * 1024 * 1024
const PICTURE_MAX_BYTES = 4 * 1024 * 1024

/** The pictures that a letter shows, as addresses that need no further request. */
export async function picturesIn(
  { blobs, database }: Pick<ServerDeps, 'blobs' | 'database'>,
  { workspaceId }: Actor,
  html: string,
  files: readonly ItemFile[],
): Promise<Map<string, string>> {
  let room = PICTURES_MAX_BYTES
  const wanted = files.filter(({ contentId, contentType, sizeBytes }) => {
    const isWanted =
      contentId !== null && html.includes('cid:') && PICTURE_TYPE.test(contentType) && sizeBytes <= PICTURE_MAX_BYTES
    if (!isWanted || sizeBytes > room) return false
    room -= sizeBytes
    return true
  })
  if (wanted.length === 0) return new Map()
  const contents = await blobs.read(database.db, workspaceId, [...new Set(wanted.map(({ hash }) => hash))])
  return new Map(
    wanted.flatMap(({ contentId, contentType, hash }) => {
      const content = contents.get(hash)
      if (contentId === null || content === undefined) return []
      return [
        [contentId, `data:${contentType.toLowerCase()};base64,${Buffer.from(content, 'latin1').toString('base64')}`] as const,
      ]
    }),
  )
}
