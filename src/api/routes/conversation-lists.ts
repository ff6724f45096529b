import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { mayEnter, reachOf } from '../../helpdesk/access/reach.ts'
import { listInboxes } from '../../helpdesk/inboxes.ts'
import { readCounts } from '../../helpdesk/list/counts.ts'
import { listConversations as list } from '../../helpdesk/list/list.ts'
import { starMany } from '../../helpdesk/list/star-many.ts'
import { wordsOf } from '../../helpdesk/search/highlight.ts'
import { searchConversations as search } from '../../helpdesk/search/search.ts'
import { parseSearch } from '../../helpdesk/search/search-query.ts'
import { markAllRead, markMany, markRead, markUnread } from '../../helpdesk/seen/seen.ts'
import { listTeams } from '../../helpdesk/teams/teams.ts'
import { type Acted, refusalFor } from '../../helpdesk/triage/act.ts'
import { changeConversations } from '../../helpdesk/triage/change.ts'
import { deleteConversations, restoreConversations } from '../../helpdesk/triage/delete.ts'
import {
  changeView as change,
  countViews,
  createView as create,
  removeView,
  reorderViews,
  listViews as views,
} from '../../helpdesk/views/views.ts'
import type { ConversationId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeManyConversations,
  countConversations,
  listConversations,
  readAllConversations,
  readConversation,
  searchConversations,
  unreadConversation,
} from '../endpoints/conversation-lists.ts'
import { changeView, createView, deleteView, listViews, orderViews } from '../endpoints/saved-views.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import { type Route, route } from '../route.ts'
import { NO_COUNTS, toConversationRow, toFound, toView } from '../wire/conversation-rows.ts'
import { fromChange, toUndo } from '../wire/triage.ts'

export function conversationListRoutes(deps: ServerDeps): Route[] {
  return [
    route(changeManyConversations, async ({ tx, body: { ids, act, set }, actor, now }) => {
      if (act === 'read' || act === 'unread')
        return { changed: await markMany(tx, actor, ids, act === 'read'), refused: [], missing: [], undo: [] }
      if (act === 'star' || act === 'unstar')
        return { changed: await starMany(tx, actor, ids, act === 'star', now), refused: [], missing: [], undo: [] }
      const acted =
        act === 'change'
          ? await changeConversations(tx, deps, ids, fromChange(set), actor, now)
          : act === 'delete'
            ? await deleteConversations(tx, deps, ids, actor, now)
            : await restoreConversations(tx, deps, ids, actor, now)
      return {
        changed: acted.changed.map(({ id }) => id),
        refused: await explained(tx, actor, acted.refused),
        missing: [...acted.missing],
        undo: acted.undo.map(toUndo),
      }
    }),
    route(listConversations, async ({ tx, params, actor }) => {
      const { view: viewId, sort, after = null, limit = DEFAULT_PAGE_SIZE, ...filter } = params
      const view = viewId && (await views(tx, actor)).find(({ id }) => id === viewId)
      if (viewId && !view) throw new Refusal('not_found', { what: 'view' })
      const asked = { filter: { ...view?.filter, ...filter }, sort: sort ?? (view ? view.sort : 'latest') }
      const page = await list(tx, actor, { ...asked, after, limit })
      return { items: page.items.map(toConversationRow), next: page.next }
    }),
    route(countConversations, async ({ tx, actor }) => {
      const { all, inboxes, teams, drafts, starred, unread } = await readCounts(tx, actor)
      const reach = await reachOf(tx, actor)
      const named = await listInboxes(tx, actor.workspaceId)
      return {
        all,
        inboxes: named
          .filter((inbox) => mayEnter(reach, inbox.id) && (inbox.closedAt === null || inboxes.has(inbox.id)))
          .map(({ id, name, slug }) => ({ id, name, slug, ...(inboxes.get(id) ?? NO_COUNTS) })),
        teams: (await listTeams(tx, actor.workspaceId)).map(({ id, name, members }) => ({
          ...{ id, name, open: teams.get(id) ?? 0 },
          mine: actor.kind === 'user' && members.includes(actor.id),
        })),
        drafts,
        starred,
        unread: {
          all: unread.all,
          inboxes: [...unread.inboxes].map(([id, folders]) => ({ id, ...folders })),
          teams: [...unread.teams].map(([id, open]) => ({ id, open })),
        },
      }
    }),
    route(searchConversations, async ({ tx, params, actor, now }) => {
      const { q, after = null, limit = DEFAULT_PAGE_SIZE } = params
      const query = parseSearch(q)
      const page = await search(tx, actor, { query, after, limit }, now)
      const words = wordsOf(query)
      return { items: page.items.map((row) => toFound(row, words)), next: page.next, strange: [...query.strange] }
    }),
    route(readConversation, ({ tx, params, body, actor }) =>
      markRead(tx, actor, params.id as ConversationId, body.through ?? null),
    ),
    route(unreadConversation, ({ tx, params, actor }) => markUnread(tx, actor, params.id as ConversationId)),
    route(readAllConversations, ({ tx, actor, now }) => markAllRead(tx, actor, now)),
    ...viewRoutes(),
  ]
}

function viewRoutes(): Route[] {
  return [
    route(listViews, async ({ tx, actor }) => ({ items: (await countViews(tx, actor)).map((view) => toView(view, actor)) })),
    route(createView, async ({ tx, body: { shared, ...rest }, actor, now }) =>
      toView(await create(tx, actor, { ...rest, isShared: shared }, now), actor),
    ),
    route(changeView, async ({ tx, params, body: { shared, ...rest }, actor, now }) => {
      const wish = { ...rest, ...(shared !== undefined && { isShared: shared }) }
      return toView(await change(tx, actor, params.id, wish as Partial<Parameters<typeof create>[2]>, now), actor)
    }),
    route(deleteView, async ({ tx, params, actor }) => removeView(tx, actor, params.id)),
    route(orderViews, async ({ tx, body, actor }) => {
      await reorderViews(tx, actor, body.ids)
      return { items: (await countViews(tx, actor)).map((view) => toView(view, actor)) }
    }),
  ]
}

async function explained(tx: Tx, { workspaceId }: Actor, refused: Acted['refused']) {
  const all = []
  for (const each of refused) {
    const { code, message } = await refusalFor(tx, workspaceId, each)
    all.push({ id: each.id, number: each.number, code, detail: message })
  }
  return all
}
