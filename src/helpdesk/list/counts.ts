/** The numbers beside inboxes and folders. */
import type { Actor } from '../../accounts/actor.ts'
import { type Database, type Db, ENGINE, type Tx } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { SECOND } from '../../lib/clock.ts'
import type { InboxId, TeamId } from '../../lib/ids.ts'
import { reachOf } from '../access/reach.ts'
import { type CountRow, foldCounts, selectCounts, selectTeamCounts } from './count-queries.ts'
import { countConversations } from './list.ts'

export interface FolderCounts {
  readonly unassigned: number
  readonly mine: number
  readonly open: number
  readonly pending: number
  readonly closed: number
  readonly spam: number
  readonly snoozed: number
  readonly deleted: number
}

export interface Counts {
  readonly all: FolderCounts
  readonly inboxes: ReadonlyMap<InboxId, FolderCounts>
  /** Open ones. */
  readonly teams: ReadonlyMap<TeamId, number>
  /** Counted up to `SOME`. */
  readonly drafts: number
  readonly starred: number
}

/** As far as personal folders and views are counted: "99+". */
export const SOME = 100

export async function readCounts(tx: Db | Tx, actor: Actor): Promise<Counts> {
  const userId = actor.kind === 'user' ? actor.id : null
  const reach = await reachOf(tx, actor)
  const rows = await selectCounts(tx, actor.workspaceId, userId, reach)
  const teams = await selectTeamCounts(tx, actor.workspaceId, reach)
  const [drafts, starred] = userId
    ? [
        await countConversations(tx, actor, { filter: { drafts: true }, sort: 'latest' }, SOME),
        await countConversations(tx, actor, { filter: { starred: true }, sort: 'latest' }, SOME),
      ]
    : [0, 0]
  const byInbox = Map.groupBy(rows, ({ inboxId }) => inboxId)
  return {
    all: foldersOf(rows),
    inboxes: new Map([...byInbox].map(([id, ofInbox]) => [id, foldersOf(ofInbox)])),
    teams: new Map(teams.map(({ teamId, n }) => [teamId, n])),
    drafts,
    starred,
  }
}

/** "Unassigned" and "mine" are what is open: there is something to do. */
function foldersOf(rows: readonly CountRow[]): FolderCounts {
  const sum = (status: CountRow['status'], of: 'n' | 'unassigned' | 'mine' = 'n') =>
    rows.reduce((total, row) => total + (row.status === status ? row[of] : 0), 0)
  return {
    unassigned: sum('open', 'unassigned'),
    mine: sum('open', 'mine'),
    open: sum('open'),
    pending: sum('pending'),
    closed: sum('closed'),
    spam: sum('spam'),
    snoozed: sum('snoozed'),
    deleted: sum('deleted'),
  }
}

export function listJobs(database: Database): PeriodicJob[] {
  return [{ name: 'helpdesk.fold_counts', everyMs: 10 * SECOND, run: () => database.transaction(ENGINE, foldCounts) }]
}
