import { start } from 'node:repl'
import { sql } from 'kysely'
import { findFirstWorkspace } from '../accounts/workspaces.ts'
import * as acts from '../delivery/acts/act.ts'
import * as reading from '../delivery/reading/read.ts'
import * as routes from '../delivery/routes/manage.ts'
import * as suppression from '../delivery/suppression/suppress.ts'
import { checkInvariants } from '../insight/invariants.ts'
import { progress, withStore } from './surroundings.ts'

export async function consoleCommand(): Promise<void> {
  await withStore(async (store) => {
    const workspace = await findFirstWorkspace(store.database.db)
    progress(`Waybill console on ${store.where}.`)
    progress('store, db, sql, workspace, reading, routes, acts, suppression, invariants(). For example:')
    progress("  await reading.listDeliveries(db, workspace.id, { states: ['held'] }, { after: null, limit: 20 })")
    const repl = start({ prompt: 'waybill> ', useGlobal: false })
    Object.assign(repl.context, {
      store,
      db: store.database.db,
      sql,
      workspace,
      reading,
      routes,
      acts,
      suppression,
      invariants: () => checkInvariants(store.database, store.clock.now()),
    })
    await new Promise<void>((resolve) => repl.once('exit', resolve))
  })
}
