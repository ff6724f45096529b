import type { z } from 'zod'
import type { Actor } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { mayEnter, reachOf } from '../../helpdesk/access/reach.ts'
import type { Upload } from '../../helpdesk/drafts/draft.ts'
import { uploadsOf } from '../../helpdesk/drafts/uploads.ts'
import { findInbox } from '../../helpdesk/inboxes.ts'
import { plainTextOf } from '../../helpdesk/outgoing/plain-text.ts'
import { readConversation } from '../../helpdesk/reading/read.ts'
import {
  changeSavedReply as change,
  createSavedReply as create,
  findSavedReply,
  listSavedReplies as list,
  removeSavedReply as remove,
} from '../../helpdesk/saved-replies/saved-replies.ts'
import type { SavedReply } from '../../helpdesk/saved-replies/saved-reply.ts'
import { fillVariables, type Spoken, valuesOf } from '../../helpdesk/variables.ts'
import { formatAddress, parseMailbox } from '../../mail/address.ts'
import {
  changeSavedReply,
  createSavedReply,
  fillSavedReply,
  listSavedReplies,
  removeSavedReply,
  type SavedReply as SavedReplyView,
} from '../endpoints/saved-replies.ts'
import { type Route, route } from '../route.ts'
import { toUpload } from '../wire/answers.ts'
import { requesterOf } from '../wire/conversations.ts'

export function savedReplyRoutes(): Route[] {
  return [
    route(listSavedReplies, async ({ tx, actor }) => {
      const found = await list(tx, actor)
      const uploads = await uploadsOf(tx, actor.workspaceId, [...new Set(found.flatMap((reply) => reply.uploads))])
      return { items: found.map((reply) => toSavedReply(reply, uploads)), next: null }
    }),
    route(createSavedReply, async ({ tx, body, actor, now }) => {
      const { name, html = '', uploads = [], position = 0, parent_id: parentId = null, inbox_id: inboxId = null } = body
      const wish = { name, html, uploads, position, parentId, inboxId }
      return await show(tx, actor, await create(tx, actor, body.is_folder ?? false, wish, now))
    }),
    route(changeSavedReply, async ({ tx, params, body, actor, now }) => {
      const { name, html, uploads, position, parent_id: parentId, inbox_id: inboxId } = body
      const wish = {
        ...(name !== undefined && { name }),
        ...(html !== undefined && { html }),
        ...(uploads !== undefined && { uploads }),
        ...(position !== undefined && { position }),
        ...(parentId !== undefined && { parentId }),
        ...(inboxId !== undefined && { inboxId }),
      }
      return await show(tx, actor, await change(tx, actor, params.id, wish, now))
    }),
    route(removeSavedReply, async ({ tx, params, actor }) => remove(tx, actor, params.id)),
    route(fillSavedReply, async ({ tx, params, actor, now }) => {
      const found = await findSavedReply(tx, actor, params.id)
      const spoken = await spokenIn(tx, actor, found, params, now)
      const uploads = await uploadsOf(tx, actor.workspaceId, found.uploads)
      // Pictures of the text go where the text goes; what is attached is attached.
      return {
        html: spoken === null ? found.html : fillVariables(found.html, valuesOf(spoken), 'html'),
        uploads: uploads.filter(({ id }) => !found.html.includes(id)).map(toUpload),
      }
    }),
  ]
}

/** Null: nothing is known to fill in. */
async function spokenIn(
  tx: Tx,
  actor: Actor,
  reply: SavedReply,
  asked: Pick<z.output<typeof fillSavedReply.params>, 'conversation' | 'inbox' | 'to'>,
  now: Date,
): Promise<Spoken | null> {
  const me = (await rosterOf(tx, actor.workspaceId)).find(({ id }) => actor.kind === 'user' && id === actor.id)
  const agent = me ? { name: me.name, email: me.email } : null
  if (asked.conversation === undefined) {
    const inboxId = asked.inbox ?? reply.inboxId
    const isReached = inboxId !== null && mayEnter(await reachOf(tx, actor), inboxId)
    const inbox = isReached ? await findInbox(tx, actor.workspaceId, inboxId) : null
    if (asked.inbox !== undefined && !inbox) throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox' })
    const to = parseMailbox(asked.to ?? '')
    return inbox && { agent, inbox, ...(to && { contact: { name: to.name, email: formatAddress(to.address) } }) }
  }
  const shown = await readConversation(tx, actor, asked.conversation, { before: null, limit: 20 }, now)
  const { name, address } = requesterOf(shown)
  return { contact: { name, email: address }, agent, inbox: shown.inbox, conversation: shown.conversation }
}

async function show(tx: Tx, actor: Actor, reply: SavedReply): Promise<SavedReplyView> {
  return toSavedReply(reply, await uploadsOf(tx, actor.workspaceId, reply.uploads))
}

function toSavedReply(reply: SavedReply, uploads: readonly Upload[]): SavedReplyView {
  const { id, parentId, inboxId, isFolder, name, html, position, updatedAt } = reply
  return {
    ...{
      id,
      parent_id: parentId,
      inbox_id: inboxId,
      is_folder: isFolder,
      name,
      html,
      text: plainTextOf(html),
      position,
      updated_at: updatedAt,
    },
    uploads: uploads.filter((upload) => reply.uploads.includes(upload.id)).map(toUpload),
  }
}
