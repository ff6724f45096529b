/** The numbers beside inboxes and folders. */
import type { Actor } from '../../accounts/actor.ts'
import { type Database, type Db, ENGINE, type Tx } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { SECOND } from '../../lib/clock.ts'
import type { InboxId, TeamId } from '../../lib/ids.ts'
import { reachOf } from '../access/reach.ts'
import { type CountRow, foldCounts, selectCounts, selectTeamCounts } from './count-queries.ts'
import { countConversations, unreadPlaces } from './list.ts'
import type { UnreadPlace } from './list-queries.ts'

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
  readonly unread: UnreadCounts
}

/** What is new to whoever asks: of the newest `MOST_UNREAD`, what stands where. */
export interface UnreadCounts {
  readonly all: UnreadFolders
  readonly inboxes: ReadonlyMap<InboxId, UnreadFolders>
  /** Open ones. */
  readonly teams: ReadonlyMap<TeamId, number>
}

export interface UnreadFolders {
  readonly unassigned: number
  readonly mine: number
  readonly open: number
  readonly pending: number
}

/** As far as personal folders and views are counted: "99+". */
export const SOME = 100
export const MOST_UNREAD = 500

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
    unread: await readUnread(tx, actor),
  }
}

async function readUnread(tx: Db | Tx, actor: Actor): Promise<UnreadCounts> {
  const places = await unreadPlaces(tx, actor, MOST_UNREAD)
  const byInbox = Map.groupBy(places, ({ inboxId }) => inboxId)
  const open = places.filter(({ status }) => status === 'open')
  const byTeam = Map.groupBy(open, ({ teamId }) => teamId)
  return {
    all: unreadFolders(places),
    inboxes: new Map([...byInbox].map(([id, ofInbox]) => [id, unreadFolders(ofInbox)])),
    teams: new Map([...byTeam].flatMap(([id, ofTeam]) => (id === null ? [] : [[id, sumOf(ofTeam, 'n')] as const]))),
  }
}

function unreadFolders(places: readonly UnreadPlace[]): UnreadFolders {
  const of = (status: UnreadPlace['status']) => places.filter((place) => place.status === status)
  const [open, pending] = [of('open'), of('pending')]
  return {
    unassigned: sumOf(open, 'unassigned'),
    mine: sumOf(open, 'mine'),
    open: sumOf(open, 'n'),
    pending: sumOf(pending, 'n'),
  }
}

function sumOf(places: readonly UnreadPlace[], of: 'n' | 'unassigned' | 'mine'): number {
  return places.reduce((sum, place) => sum + place[of], 0)
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
