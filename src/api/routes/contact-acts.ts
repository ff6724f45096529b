import type { z } from 'zod'
import type { ManyAct } from '../../contacts/acts/act.ts'
import {
  type ContactAct as ActRow,
  expectAct,
  listActRows,
  listActs,
  readAct,
  startAct,
  stopAct,
  undoAct,
} from '../../contacts/acts/acts.ts'
import { contactNames } from '../../contacts/contact-names.ts'
import { ENGINE } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { isId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type ContactAct,
  expectContactAct,
  getContactAct,
  listChangedContacts,
  listContactActs,
  startContactAct,
  stopContactAct,
  undoContactAct,
} from '../endpoints/contact-acts.ts'
import { type Route, route } from '../route.ts'

/** Asked as the owner of the tables, each statement bound to the workspace of whoever asks: behind row-level security no index would serve. */
const LOOK = { readOnly: true, statementTimeoutMs: 20_000 } as const
const PAGE = 50
const SHOWN = 100

export function contactActRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(expectContactAct, async ({ body, actor, now }) => {
      const wanted = { act: body.act && toWanted(body.act), scope: body.scope }
      const { people, changed, pending, already, refused } = await database.transaction(
        ENGINE,
        (tx) => expectAct(tx, actor.workspaceId, wanted, now),
        LOOK,
      )
      return { people, changed, pending, already, refused }
    }),
    route(startContactAct, async ({ tx, body, actor, now }) =>
      toAct(await startAct(tx, { act: toWanted(body.act), scope: body.scope }, actor, now)),
    ),
    route(listContactActs, async ({ tx, actor }) => ({ items: (await listActs(tx, actor.workspaceId, SHOWN)).map(toAct) })),
    route(getContactAct, async ({ tx, params, actor }) => toAct(await readAct(tx, actor.workspaceId, params.id))),
    route(listChangedContacts, async ({ tx, params, actor }) => {
      await readAct(tx, actor.workspaceId, params.id)
      const { done = null, undone = null, after = null, limit = PAGE } = params
      if (after !== null && !isId(after)) throw new Refusal('invalid_cursor', {})
      const rows = await listActRows(tx, actor.workspaceId, params.id, { done, undone, after, limit })
      const names = await contactNames(
        tx,
        actor.workspaceId,
        rows.map(({ contactId }) => contactId),
      )
      const items = rows.map(({ contactId, at: _, ...row }) => {
        const { name = '', address = '' } = names.get(contactId) ?? {}
        return { contact_id: contactId, name, address, ...row }
      })
      return { items, next: rows.length < limit ? null : (rows.at(-1)?.contactId ?? null) }
    }),
    route(stopContactAct, async ({ tx, params, actor, now }) => toAct(await stopAct(tx, params.id, actor, now))),
    route(undoContactAct, async ({ tx, params, actor }) => toAct(await undoAct(tx, params.id, actor))),
  ]
}

function toWanted(act: z.output<(typeof startContactAct)['body']>['act']): ManyAct {
  if (act.kind === 'subscribe') return { ...act, override: act.override === true }
  return act.kind === 'unsubscribe' ? { ...act, reason: act.reason ?? '' } : act
}

function toAct({ id, state, act, scope, counts, problem, createdAt, finishedAt }: ActRow): ContactAct {
  return { id, state, act, scope: scope.kind, ...counts, problem, created_at: createdAt, finished_at: finishedAt }
}
