import { actorReference } from '../../accounts/actor.ts'
import type { ImportId } from '../../contacts/imports/import.ts'
import {
  checkImport as check,
  discardImport as discard,
  listImports as list,
  lookAgain,
  readImport,
  rowsOfImport,
  runImport as run,
  toldRows,
  undoImport as undo,
} from '../../contacts/imports/imports.ts'
import { takeFile } from '../../contacts/imports/take-file.ts'
import { csvLine } from '../../delivery/suppression/lists/csv.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  checkImport,
  discardImport,
  downloadImport,
  getImport,
  listImportRows,
  listImports,
  readImportAnew,
  runImport,
  startImport,
  undoImport,
} from '../endpoints/imports.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { fromSettings, toImport } from '../wire/imports.ts'

const ROWS_A_PAGE = 2_000

export function importRoutes(deps: Pick<ServerDeps, 'database' | 'clock'>): Route[] {
  const { database, clock } = deps
  return [
    route(listImports, async ({ tx, params, actor }) => {
      const page = pageById('imports', params)
      return page.of(await list(tx, actor.workspaceId, page.query), toImport)
    }),
    route(startImport, async ({ params, body, actor }) => {
      const by = { workspaceId: actor.workspaceId, actor: actorReference(actor) }
      const file = { name: params.name ?? 'people.csv', content: body.content }
      return toImport(await takeFile(database, file, by, () => clock.now()))
    }),
    route(getImport, async ({ tx, params, actor }) => toImport(await readImport(tx, actor.workspaceId, params.id))),
    route(readImportAnew, async ({ tx, params, body, actor, now }) => toImport(await lookAgain(tx, params.id, body, actor, now))),
    route(checkImport, async ({ tx, params, body, actor, now }) =>
      toImport(await check(tx, params.id, fromSettings(body), actor, now)),
    ),
    route(listImportRows, async ({ tx, params, actor }) => {
      await readImport(tx, actor.workspaceId, params.id)
      const size = params.limit ?? DEFAULT_PAGE_SIZE
      const after =
        params.after === undefined ? 0 : Number(decodeCursor(LIST, params.after, [(part) => /^\d{1,15}$/.test(part)])[0])
      const found = await toldRows(tx, actor.workspaceId, params.id, { kind: params.kind ?? null, after, limit: size + 1 })
      const shown = found.slice(0, size)
      const last = shown.at(-1)
      const next = found.length > size && last ? encodeCursor(LIST, [String(last.n)]) : null
      return { items: shown.map(({ done: _, ...row }) => row), next }
    }),
    route(downloadImport, async ({ params, actor }) => {
      const { name } = await readImport(database.db, actor.workspaceId, params.id)
      return { content: resultOf(deps, actor.workspaceId, params.id), filename: `result of ${name.replace(/\.\w+$/, '')}.csv` }
    }),
    route(runImport, async ({ tx, params, body, actor, now }) =>
      toImport(await run(tx, params.id, { acceptInvalid: body.accept_invalid === true }, actor, now)),
    ),
    route(undoImport, async ({ tx, params, actor, now }) => toImport(await undo(tx, params.id, actor, now))),
    route(discardImport, async ({ tx, params, actor, now }) => discard(tx, params.id, actor, now)),
  ]
}

const LIST = 'import rows'

async function* resultOf(
  { database }: Pick<ServerDeps, 'database'>,
  workspaceId: WorkspaceId,
  id: ImportId,
): AsyncGenerator<string> {
  yield csvLine(['file', 'line', 'verdict', 'became', 'repaired', 'address', 'reason', 'row'])
  for (let after = 0; ; ) {
    const rows = await rowsOfImport(database.db, workspaceId, id, after, ROWS_A_PAGE)
    let text = ''
    for (const { file, line, verdict, done, repaired, address, reason, raw } of rows)
      text += csvLine([file, String(line), verdict, done ?? '', repaired ? 'repaired' : '', address ?? '', reason, raw])
    if (text !== '') yield text
    if (rows.length < ROWS_A_PAGE) return
    after = rows.at(-1)?.n ?? 0
  }
}
