import type { Actor } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Db, Tx } from '../../db/database.ts'
import { readMessage } from '../../delivery/reading/read.ts'
import { Refusal } from '../../errors.ts'
import { filesOf } from '../../helpdesk/conversations.ts'
import type { Item, ItemFile } from '../../helpdesk/item.ts'
import { reachItem, readConversation, type ShownItem, versionsOf } from '../../helpdesk/reading/read.ts'
import { originalOf } from '../../inbound/original.ts'
import type { ItemId } from '../../lib/ids.ts'
import { sanitizeMailHtml } from '../../mail/html.ts'
import type { MailParser } from '../../mail/mail-parser.ts'
import { safeFilename } from '../../mail/safe-filename.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  Authentication,
  type ConversationView,
  getConversation,
  getItemFile,
  getItemOriginal,
  getItemSource,
  listItemVersions,
  showItem,
} from '../endpoints/conversations.ts'
import { picturesIn } from '../letter-pictures.ts'
import { documentOf, readMail } from '../mail-view.ts'
import { type Route, route } from '../route.ts'
import { securityHeaders } from '../security-headers.ts'
import { PICTURE_TYPE, toConversation } from '../wire/conversations.ts'

const DEFAULT_ITEMS = 40

/** The conversation as `actor` sees it now. */
export async function showConversation(
  tx: Db | Tx,
  actor: Actor,
  id: string,
  now: Date,
  page: { readonly before: ItemId | null; readonly limit: number } = { before: null, limit: DEFAULT_ITEMS },
): Promise<ConversationView> {
  return (await showWhole(tx, actor, id, now, page)).view
}

/** The same, and what it was made of. */
export async function showWhole(
  tx: Db | Tx,
  actor: Actor,
  id: string,
  now: Date,
  page: { readonly before: ItemId | null; readonly limit: number },
): Promise<{ readonly view: ConversationView; readonly items: readonly ShownItem[] }> {
  const shown = await readConversation(tx, actor, id, page, now)
  const userId = actor.kind === 'user' ? actor.id : null
  const person = userId && (await rosterOf(tx, actor.workspaceId)).find((each) => each.id === userId)
  const view = toConversation(shown, { userId, author: person ? { name: person.name, email: person.email } : null }, now)
  return { view, items: shown.items }
}

export function conversationRoutes(deps: ServerDeps, parser: MailParser): Route[] {
  const { blobs, database } = deps
  /** In a transaction of its own that ends before anything large is read or cleaned. */
  const reachedItem = (actor: Actor, { id, item_id }: { id: string; item_id: ItemId }) =>
    database.transaction({ as: 'api', workspaceId: actor.workspaceId }, (tx) => withFiles(tx, actor, id, item_id), {
      readOnly: true,
    })

  /** The bytes it came or left as. */
  async function sourceOf(actor: Actor, item: Item, now: Date): Promise<Buffer> {
    const { workspaceId } = actor
    const hash = await database.transaction(
      { as: 'api', workspaceId },
      async (tx) => {
        if (item.inboundId) return await originalOf(tx, workspaceId, item.inboundId)
        return item.messageId && (await readMessage(tx, workspaceId, item.messageId, now)).contentHash
      },
      { readOnly: true },
    )
    const content = hash && (await blobs.read(database.db, workspaceId, [hash])).get(hash)
    if (typeof content !== 'string') throw new Refusal('not_kept', { what: 'The source of this message' })
    return Buffer.from(content, 'latin1')
  }

  return [
    route(getConversation, async ({ tx, params, actor, now }) =>
      showConversation(tx, actor, params.id, now, {
        before: (params.before as ItemId | undefined) ?? null,
        limit: params.limit ?? DEFAULT_ITEMS,
      }),
    ),
    route(showItem, async ({ params, actor, reply }) => {
      const { item, files } = await reachedItem(actor, params)
      const images = params.images ?? false
      const html = params.quoted ? item.quotedHtml : item.bodyHtml
      const pictures = html === null ? new Map() : await picturesIn(deps, actor, html, files)
      const cidUrl = (contentId: string) => pictures.get(contentId) ?? null
      const safe = html === null ? null : sanitizeMailHtml(html, { cidUrl, allowRemoteImages: images })
      reply.headers(securityHeaders(images ? 'mail-in-thread-with-images' : 'mail-in-thread', isHttps(deps)))
      const text = params.quoted ? item.quotedText : item.bodyText
      const document = documentOf({ html: safe?.html ?? null, text }, { margin: 6 })
      return { content: Buffer.from(document) }
    }),
    route(getItemFile, async ({ params, actor }) => {
      const { files } = await reachedItem(actor, params)
      const file = files.find(({ ordinal }) => ordinal === params.ordinal)
      if (!file) throw new Refusal('not_found', { what: 'file' })
      const content = (await blobs.read(database.db, actor.workspaceId, [file.hash])).get(file.hash)
      if (content === undefined) throw new Refusal('not_kept', { what: 'This file' })
      if (params.inline && PICTURE_TYPE.test(file.contentType)) {
        return { content: Buffer.from(content, 'latin1'), contentType: file.contentType.toLowerCase() }
      }
      return { content: Buffer.from(content, 'latin1'), filename: safeFilename(file.filename) }
    }),
    route(getItemSource, async ({ params, actor, now }) => {
      const { item } = await reachedItem(actor, params)
      return { content: await sourceOf(actor, item, now), filename: `${item.id}.eml` }
    }),
    route(getItemOriginal, async ({ params, actor, now }) => {
      const { item } = await reachedItem(actor, params)
      const bytes = await sourceOf(actor, item, now)
      const { headers } = await readMail(parser, bytes)
      // What an older version stored may look otherwise: it is not known then.
      const authentication = Authentication.safeParse(item.authentication).data ?? null
      return { headers: [...headers], authentication, matched_by: item.matchedBy, size_bytes: bytes.length }
    }),
    route(listItemVersions, async ({ tx, params, actor }) => {
      const { item } = await reachItem(tx, actor, params.id, params.item_id)
      const names = new Map((await rosterOf(tx, actor.workspaceId)).map((person) => [person.id, person.name]))
      const items = (await versionsOf(tx, actor.workspaceId, item.id)).map((version) => ({
        version: version.version,
        text: version.bodyText,
        html: version.bodyHtml,
        replaced_by: version.userId && (names.get(version.userId) ?? null),
        replaced_at: version.replacedAt,
      }))
      return { items, next: null }
    }),
  ]
}

async function withFiles(tx: Tx, actor: Actor, id: string, itemId: ItemId): Promise<{ item: Item; files: readonly ItemFile[] }> {
  const { item } = await reachItem(tx, actor, id, itemId)
  return { item, files: await filesOf(tx, actor.workspaceId, [item.id]) }
}
