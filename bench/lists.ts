/**
 * Lists, counts and searches of a large workspace, as the server answers them: the verb of the endpoint, in a transaction of the API's role, so that
 * row-level security is in every plan. Works on the data folder or DATABASE_URL of the settings, which `npm run seed -- --conversations 1000000` fills.
 */
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Actor } from '../src/accounts/actor.ts'
import { listMembers } from '../src/accounts/members.ts'
import { findFirstWorkspace } from '../src/accounts/workspaces.ts'
import { withStore } from '../src/cli/surroundings.ts'
import type { Tx } from '../src/db/database.ts'
import { Explained } from '../src/lib/explained.ts'
import type { Store } from '../src/store.ts'
import { type Ask, everyAsk } from './lists-asks.ts'
import type { BenchOptions, Measure } from './measure.ts'

/** Of so many the median is told; the first, which finds nothing in memory, is told apart. */
const RUNS = 9
const LEAST = 1_000

export async function* benchLists({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  const measures: Measure[] = []
  await withStore(async (store) => {
    const actors = await whoAsks(store)
    const { rows } = await sql<{
      n: number
    }>`select greatest(reltuples, 0)::float8 as n from pg_class where oid = 'conversation'::regclass`.execute(store.database.db)
    const n = rows[0]?.n ?? 0
    if (n < LEAST)
      throw new Explained(
        'There are hardly any conversations here. Fill a data folder first: WAYBILL_DATA_DIR=… npm run seed -- --conversations 1000000',
      )
    note(`about ${Math.round(n)} conversations`)
    for (const [who, actor] of Object.entries(actors))
      for (const ask of await store.database.transaction({ as: 'api', workspaceId: actor.workspaceId }, (tx) =>
        everyAsk(tx, actor, store.clock.now()),
      ))
        if (only === null || `${who}/${ask.name}`.includes(only) || only === 'lists-1m')
          measures.push(await measured(store, actor, `${who}/${ask.name}`, ask, note))
  })
  yield* measures
}

/** Whoever reaches everything, and whoever works in some inboxes only: their plans differ. */
async function whoAsks({ database }: Store): Promise<Record<'owner' | 'agent', Actor>> {
  const workspace = await findFirstWorkspace(database.db)
  if (!workspace)
    throw new Explained(
      'There is no workspace here. Fill a data folder first: WAYBILL_DATA_DIR=… npm run seed -- --conversations 1000000',
    )
  const members = await listMembers(database.db, { kind: 'user', workspaceId: workspace.id, role: 'owner' } as Actor)
  const one = (role: 'owner' | 'agent') => {
    const found = members.filter((member) => member.role === role)
    const member = found[Math.min(5, found.length - 1)]
    if (!member) throw new Explained(`The workspace has no ${role}.`)
    return { kind: 'user', id: member.id, name: member.name, workspaceId: workspace.id, role } as const
  }
  return { owner: one('owner'), agent: one('agent') }
}

async function measured(
  { database, clock }: Store,
  actor: Actor,
  name: string,
  { run }: Ask,
  note: (line: string) => void,
): Promise<Measure> {
  const times: number[] = []
  const busy: number[] = []
  let found = 0
  for (let i = 0; i < RUNS; i += 1) {
    const startedMs = performance.now()
    let busyMs: number | null = null
    found = await database.transaction(
      { as: 'api', workspaceId: actor.workspaceId },
      async (tx: Tx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
        const [before, own] = [processorMs(rows[0]?.pid ?? 0), process.cpuUsage()]
        const answer = await run(tx, clock.now())
        const [after, used] = [processorMs(rows[0]?.pid ?? 0), process.cpuUsage(own)]
        if (before !== null && after !== null) busyMs = after - before + (used.user + used.system) / 1_000
        return answer
      },
      { readOnly: true },
    )
    times.push(performance.now() - startedMs)
    if (busyMs !== null) busy.push(busyMs)
  }
  const [first = 0, ...others] = times
  const rounded = (ms: number) => Number(ms.toFixed(1))
  const middle = (values: readonly number[]) => rounded(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
  const [p50, max, cpu] = [middle(others), rounded(Math.max(...others)), busy.length > 0 ? middle(busy) : null]
  const mark = p50 <= 100 ? '  ' : cpu !== null && cpu <= 100 ? '! ' : '!!'
  note(`${mark} ${name}: p50 ${p50} ms, max ${max} ms, first ${rounded(first)} ms, processor ${cpu ?? '?'} ms, ${found} found`)
  const more = { p50, max, first: rounded(first), ...(cpu !== null && { cpu }), found }
  return {
    name: `lists-1m/${name}`,
    value: p50,
    unit: 'ms',
    peer: null,
    peer_value: null,
    ratio: null,
    goal: 'at most 100',
    ...more,
  }
}

/** How long a server process of PostgreSQL was on a processor: what a busy machine adds to the clock is not in it. Null where nobody tells. */
function processorMs(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return null
  }
}
