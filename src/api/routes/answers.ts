import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { bytesAt } from '../../gateway/fields.ts'
import { type AnswerDeps, type AnswerRequest, groundOf, prepareAnswer } from '../../helpdesk/answering/answer.ts'
import { editItem as edit, hideItem } from '../../helpdesk/answering/edit.ts'
import { addNote as note } from '../../helpdesk/answering/note.ts'
import { sendAnswer } from '../../helpdesk/answering/send-answer.ts'
import { prepareStart, startConversation as start } from '../../helpdesk/answering/start.ts'
import { undoSend as undo } from '../../helpdesk/answering/undo-send.ts'
import { BLANK_DRAFT, type Draft, type DraftContent } from '../../helpdesk/drafts/draft.ts'
import { draftsOf, dropDraft as drop, newDraftsOf, saveDraft as save } from '../../helpdesk/drafts/drafts.ts'
import { draftPlace } from '../../helpdesk/drafts/place.ts'
import { keepUpload, stageUpload, uploadsOf } from '../../helpdesk/drafts/uploads.ts'
import type { Item } from '../../helpdesk/item.ts'
import { lastSaid, reachConversation, reachItem, type ShownItem } from '../../helpdesk/reading/read.ts'
import type { ItemId, UserId } from '../../lib/ids.ts'
import { sanitizeMailHtml } from '../../mail/html.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  addNote,
  type DraftView,
  dropDraft,
  dropNewDraft,
  editItem,
  forward,
  getUpload,
  listDrafts,
  listNewDrafts,
  printConversation,
  reply,
  saveDraft,
  saveNewDraft,
  startConversation,
  undoSend,
  uploadFile,
} from '../endpoints/answers.ts'
import { picturesIn } from '../letter-pictures.ts'
import { preparedRoute, type Route, route } from '../route.ts'
import { securityHeaders } from '../security-headers.ts'
import { fromDraftBody, toDraft, toUpload } from '../wire/answers.ts'
import { PICTURE_TYPE } from '../wire/conversations.ts'
import { printed } from '../wire/print.ts'
import { showWhole } from './conversations.ts'

const MAX_NEW_DRAFTS = 200
const PRINTED_MAX = 500

export function answerRoutes(server: ServerDeps): Route[] {
  const { blobs, secrets, url, database } = server
  const deps: AnswerDeps = { db: database.db, blobs, secrets, url }
  const said = (item: Item) => ({ item_id: item.id, undo_until: item.undoUntil })
  return [
    preparedRoute(
      startConversation,
      ({ body, actor, now }) =>
        prepareStart(
          deps,
          actor,
          {
            content: { ...contentOf(body), subject: body.subject, inboxId: body.inbox_id },
            channel: body.channel ?? 'email',
            status: body.status ?? null,
            ...(body.assignee_id !== undefined && { assigneeId: body.assignee_id }),
            tags: body.tags ?? [],
            fields: body.fields ?? {},
            customer: body.customer ?? null,
            draftId: body.draft_id ?? null,
          },
          now,
        ),
      async ({ tx, prepared, actor, now }) => {
        const { id, number, workspaceId } = await start(tx, deps, prepared, actor, now)
        const item = await lastSaid(tx, workspaceId, id)
        if (!item) throw new Refusal('not_found', { what: 'message' })
        return { id, number, item_id: item, undo_until: prepared.answer?.undoUntil ?? null }
      },
    ),
    preparedRoute(
      reply,
      async ({ body, params, actor, now }) => {
        const content = { ...contentOf(body), quote: body.quote ?? 'none' }
        return await prepareAnswer(deps, actor, 'reply', await groundOf(deps, actor, params.id), requestOf(body, content), now)
      },
      async ({ tx, prepared, actor, now }) => said(await sendAnswer(tx, deps, prepared, actor, now)),
    ),
    preparedRoute(
      forward,
      async ({ body, params, actor, now }) => {
        const content = { ...contentOf(body), items: body.items ?? null }
        return await prepareAnswer(deps, actor, 'forward', await groundOf(deps, actor, params.id), requestOf(body, content), now)
      },
      async ({ tx, prepared, actor, now }) => said(await sendAnswer(tx, deps, prepared, actor, now)),
    ),
    route(addNote, async ({ tx, params, body, actor, now }) => {
      const change = {
        ...(body.status !== undefined && { status: body.status }),
        ...(body.assignee_id !== undefined && { assigneeId: body.assignee_id }),
      }
      const mentions = { users: body.mentions?.users ?? [], teams: body.mentions?.teams ?? [] }
      const content = { html: body.html, files: body.files ?? [] }
      return said(await note(tx, deps, actor, params.id, { content, mentions, change }, now))
    }),
    route(undoSend, async ({ tx, params, actor, now }) => {
      const { id, mode } = await undo(tx, actor, params.id, params.item_id, now)
      return { draft_id: id, mode }
    }),
    route(editItem, async ({ tx, params, body, actor, now }) => {
      await reachItem(tx, actor, params.id, params.item_id)
      if (body.html !== undefined) await edit(tx, actor, params.id, params.item_id, body.html, now)
      if (body.hidden !== undefined) await hideItem(tx, actor, params.id, params.item_id, body.hidden, now)
    }),
    route(printConversation, async ({ params, actor, now, reply: answer }) => {
      const scope = { as: 'api', workspaceId: actor.workspaceId } as const
      const zone = zoneOf(params.zone)
      const page = { before: null, limit: PRINTED_MAX }
      const { view, items } = await database.transaction(scope, (tx) => showWhole(tx, actor, params.id, now, page), {
        readOnly: true,
      })
      const letters = await lettersOf(server, actor, items)
      answer.headers(securityHeaders('mail', isHttps(server)))
      return { content: Buffer.from(printed(view, letters, { notes: params.notes === '1', zone, now })) }
    }),
    ...draftRoutes(),
    preparedRoute(
      uploadFile,
      async ({ body, actor }) => await stageUpload(blobs, actor.workspaceId, bytesAt('/content', body.content)),
      async ({ tx, body, prepared, actor, now }) => {
        const userId = actor.kind === 'user' ? actor.id : null
        const wanted = { filename: body.filename, contentType: body.content_type ?? 'application/octet-stream', userId }
        return toUpload(await keepUpload(tx, blobs, prepared, wanted, now))
      },
    ),
    route(getUpload, async ({ params, actor }) => {
      const { workspaceId } = actor
      const [upload] = await database.transaction(
        { as: 'api', workspaceId },
        (tx) => uploadsOf(tx, workspaceId, [params.upload_id]),
        {
          readOnly: true,
        },
      )
      if (!upload) throw new Refusal('not_found', { what: 'file' })
      const content = (await blobs.read(database.db, workspaceId, [upload.hash])).get(upload.hash)
      if (content === undefined) throw new Refusal('not_kept', { what: 'This file' })
      const bytes = Buffer.from(content, 'latin1')
      return PICTURE_TYPE.test(upload.contentType)
        ? { content: bytes, contentType: upload.contentType }
        : { content: bytes, filename: upload.filename }
    }),
  ]
}

/** What is unknown is shown in the zone that everybody can reckon with. */
function zoneOf(zone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone ?? 'UTC' }).resolvedOptions().timeZone
  } catch {
    throw new Refusal('invalid_request', { why: 'This zone is not known: use a name such as Europe/Berlin.', pointer: '/zone' })
  }
}

/** Much is printed at once: what is very long stands as plain text. */
const LETTERS_MAX_CHARACTERS = 4_000_000

async function lettersOf(server: ServerDeps, actor: Actor, items: readonly ShownItem[]): Promise<Map<ItemId, string>> {
  const letters = new Map<ItemId, string>()
  let room = LETTERS_MAX_CHARACTERS
  for (const { id, bodyHtml, hiddenAt, files } of items.toReversed()) {
    if (bodyHtml === null || hiddenAt !== null || bodyHtml.length > room) continue
    room -= bodyHtml.length
    const pictures = await picturesIn(server, actor, bodyHtml, files)
    const cidUrl = (contentId: string) => pictures.get(contentId) ?? null
    letters.set(id, sanitizeMailHtml(bodyHtml, { cidUrl, allowRemoteImages: false }).html)
  }
  return letters
}

function draftRoutes(): Route[] {
  const place = (tx: Tx, actor: Actor, params: { id: string; mode: 'reply' | 'note' | 'forward' }) =>
    draftPlace(tx, actor, { ...params, userId: personOf(actor) })
  return [
    route(listDrafts, async ({ tx, params, actor }) => {
      const { id } = await reachConversation(tx, actor, params.id)
      return { items: await shown(tx, actor, await draftsOf(tx, actor.workspaceId, id, personOf(actor))), next: null }
    }),
    route(saveDraft, async ({ tx, params, body, actor, now }) => {
      const content = fromDraftBody(body.content)
      return await one(tx, actor, await save(tx, actor.workspaceId, await place(tx, actor, params), content, body.version, now))
    }),
    route(dropDraft, async ({ tx, params, actor, now }) => drop(tx, actor.workspaceId, await place(tx, actor, params), now)),
    route(listNewDrafts, async ({ tx, actor }) => {
      const found = await newDraftsOf(tx, actor.workspaceId, personOf(actor), MAX_NEW_DRAFTS)
      return { items: await shown(tx, actor, found), next: null }
    }),
    route(saveNewDraft, async ({ tx, params, body, actor, now }) => {
      const at = { mode: 'new', id: params.draft_id, userId: personOf(actor) } as const
      return await one(tx, actor, await save(tx, actor.workspaceId, at, fromDraftBody(body.content), body.version, now))
    }),
    route(dropNewDraft, async ({ tx, params, actor, now }) =>
      drop(tx, actor.workspaceId, { mode: 'new', id: params.draft_id, userId: personOf(actor) }, now),
    ),
  ]
}

/** Drafts are people's: a program sends what it has written. */
function personOf(actor: Actor): UserId {
  if (actor.kind !== 'user') throw new Refusal('person_needed')
  return actor.id
}

async function shown(tx: Tx, actor: Actor, drafts: readonly Draft[]): Promise<DraftView[]> {
  const uploads = await uploadsOf(tx, actor.workspaceId, [...new Set(drafts.flatMap(({ content }) => content.files))])
  return drafts.map((draft) =>
    toDraft(
      draft,
      uploads.filter(({ id }) => draft.content.files.includes(id)),
    ),
  )
}

async function one(tx: Tx, actor: Actor, draft: Draft): Promise<DraftView> {
  const [view] = await shown(tx, actor, [draft])
  if (!view) throw new Refusal('not_found', { what: 'draft' })
  return view
}

interface AnswerBody {
  readonly from?: string | null | undefined
  readonly to?: readonly string[] | undefined
  readonly cc?: readonly string[] | undefined
  readonly bcc?: readonly string[] | undefined
  readonly subject?: string | null | undefined
  readonly html: string
  readonly files?: DraftContent['files'] | undefined
  readonly status?: AnswerRequest['status'] | undefined
  readonly assignee_id?: UserId | null | undefined
  readonly seen?: AnswerRequest['seen'] | undefined
}

function contentOf({ from, to = [], cc = [], bcc = [], subject, html, files = [] }: AnswerBody): DraftContent {
  return { ...BLANK_DRAFT, from: from ?? null, to, cc, bcc, subject: subject ?? null, html, files }
}

function requestOf({ status, assignee_id, seen }: AnswerBody, content: DraftContent): AnswerRequest {
  return { content, status: status ?? null, seen: seen ?? null, ...(assignee_id !== undefined && { assigneeId: assignee_id }) }
}
