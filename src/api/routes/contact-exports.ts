import {
  contentOf,
  type ContactExport as ExportRow,
  listExports,
  readExport,
  startExport,
} from '../../contacts/exports/exports.ts'
import { Refusal } from '../../errors.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type ContactExport,
  downloadContactExport,
  getContactExport,
  listContactExports,
  startContactExport,
} from '../endpoints/contact-exports.ts'
import { type Route, route } from '../route.ts'

const SHOWN = 100

export function contactExportRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(startContactExport, async ({ tx, body, actor, now }) => toExport(await startExport(tx, body, actor, now))),
    route(listContactExports, async ({ tx, actor }) => ({
      items: (await listExports(tx, actor.workspaceId, SHOWN)).map(toExport),
    })),
    route(getContactExport, async ({ tx, params, actor }) => toExport(await readExport(tx, actor.workspaceId, params.id))),
    route(downloadContactExport, async ({ params, actor }) => {
      const wanted = await readExport(database.db, actor.workspaceId, params.id)
      if (wanted.state !== 'done') throw new Refusal('wrong_state', { what: 'export', state: wanted.state, action: 'fetched' })
      const day = wanted.createdAt.toISOString().slice(0, 10)
      return { content: contentOf(database.db, wanted), filename: `contacts ${day}.${wanted.format}` }
    }),
  ]
}

function toExport({ id, format, scope, state, rows, bytes, problem, createdAt, finishedAt }: ExportRow): ContactExport {
  const told = scope.kind === 'contacts' ? { ...scope, ids: [...scope.ids] } : scope
  return { id, format, scope: told, state, rows, bytes, problem, created_at: createdAt, finished_at: finishedAt }
}
