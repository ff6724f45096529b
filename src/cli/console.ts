import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { sql } from 'kysely'
import { findFirstWorkspace } from '../accounts/workspaces.ts'
import * as acts from '../delivery/acts/act.ts'
import * as reading from '../delivery/reading/read.ts'
import * as routes from '../delivery/routes/manage.ts'
import * as suppression from '../delivery/suppression/suppress.ts'
import { checkInvariants } from '../insight/invariants.ts'
import type { Store } from '../store.ts'
import { HELP } from './help.ts'
import { progress, withStore } from './surroundings.ts'

export async function consoleCommand(): Promise<void> {
  await withStore(async (store) => {
    const context = await contextOf(store)
    if (process.stdin.isTTY) {
      progress(`Waybill console on ${store.where}.${HELP.console}`)
      const repl = start({ prompt: 'waybill> ', useGlobal: false })
      Object.assign(repl.context, context)
      await once(repl, 'exit')
    } else {
      const input = new PassThrough()
      const repl = start({ prompt: '', useGlobal: false, input, output: process.stdout })
      Object.assign(repl.context, context)
      const ended = once(repl, 'exit')
      await feed(repl, input)
      await ended
    }
  })
}

async function contextOf(store: Store) {
  const { database, clock } = store
  return {
    store,
    db: database.db,
    sql,
    workspace: await findFirstWorkspace(database.db),
    reading,
    routes,
    acts,
    suppression,
    invariants: () => checkInvariants(database, clock.now()),
  }
}

/** Gives it one line at a time: without a terminal it would begin each while the one before still runs, and end before all are done. */
async function feed(repl: REPLServer, input: PassThrough): Promise<void> {
  const displayPrompt = repl.displayPrompt.bind(repl)
  let isOver = false
  let next = () => {}
  // What it does when it is ready for more.
  repl.displayPrompt = (preserveCursor) => {
    displayPrompt(preserveCursor)
    next()
  }
  repl.once('exit', () => {
    isOver = true
    next()
  })
  for await (const line of createInterface({ input: process.stdin })) {
    const answered = new Promise<void>((resolve) => {
      next = resolve
    })
    input.write(`${line}\n`)
    await answered
    if (isOver) return
  }
  input.end()
}
