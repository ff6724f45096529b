import {
  countMalformed,
  findMalformed,
  listRepairRows,
  listRepairs,
  type Malformed,
  type Repair,
  readRepair,
  startRepair,
  undoRepair,
} from '../../contacts/repair/repair.ts'
import { ENGINE } from '../../db/database.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type ContactRepair,
  countMalformedAddresses,
  getContactRepair,
  listContactRepairs,
  listMalformedAddresses,
  listRepairedAddresses,
  type MalformedAddress,
  startContactRepair,
  undoContactRepair,
} from '../endpoints/contact-repairs.ts'
import { type Route, route } from '../route.ts'

/** Asked as the owner of the tables, each statement bound to the workspace of whoever asks: behind row-level security no index would serve. */
const LOOK = { readOnly: true, statementTimeoutMs: 20_000 } as const
const PAGE = 50
const SHOWN = 100

export function contactRepairRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(countMalformedAddresses, async ({ actor }) => {
      const { isMore, ...counted } = await database.transaction(ENGINE, (tx) => countMalformed(tx, actor.workspaceId), LOOK)
      return { ...counted, is_more: isMore }
    }),
    route(listMalformedAddresses, async ({ params, actor }) => {
      const page = { after: params.after ?? '', limit: params.limit ?? PAGE }
      const { items, next } = await database.transaction(ENGINE, (tx) => findMalformed(tx, actor.workspaceId, page), LOOK)
      return { items: items.map(toMalformed), next }
    }),
    route(startContactRepair, async ({ tx, body, actor, now }) => toRepair(await startRepair(tx, body, actor, now))),
    route(listContactRepairs, async ({ tx, actor }) => ({
      items: (await listRepairs(tx, actor.workspaceId, SHOWN)).map(toRepair),
    })),
    route(getContactRepair, async ({ tx, params, actor }) => toRepair(await readRepair(tx, actor.workspaceId, params.id))),
    route(listRepairedAddresses, async ({ tx, params, actor }) => {
      await readRepair(tx, actor.workspaceId, params.id)
      const limit = params.limit ?? PAGE
      const page = { done: params.done ?? null, after: params.after ?? '', limit }
      const rows = await listRepairRows(tx, actor.workspaceId, params.id, page)
      const items = rows.map(({ address, contactId: contact_id, done, became, reason, undone }) => ({
        ...{ address, contact_id, done, became, reason, undone },
      }))
      return { items, next: rows.length < limit ? null : (rows.at(-1)?.address ?? null) }
    }),
    route(undoContactRepair, async ({ tx, params, actor }) => toRepair(await undoRepair(tx, params.id, actor))),
  ]
}

function toMalformed({ address, contactId, proposal, conflict }: Malformed): MalformedAddress {
  const told = { address, contact_id: contactId, conflict }
  if (!proposal.ok) return { ...told, split: null, why: proposal.why }
  const { firstName, lastName, rest, address: meant } = proposal.split
  return { ...told, split: { address: meant, first_name: firstName, last_name: lastName, rest: [...rest] }, why: '' }
}

function toRepair({ id, state, conflicts, addresses, counts, createdAt, finishedAt }: Repair): ContactRepair {
  return { id, state, conflicts, is_all: addresses === null, ...counts, created_at: createdAt, finished_at: finishedAt }
}
