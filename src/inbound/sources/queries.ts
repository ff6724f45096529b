import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { SourceId, WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId, MailboxProblem } from '../../mailboxes/mailbox.ts'
import type { Afterwards, Counted, Source } from './source.ts'

export const columns = sql.raw(
  `workspace_id as "workspaceId", id, kind, name, mailbox_id as "mailboxId", path, topic_arn as "topicArn", route_id as "routeId", folders, inbox_id as "inboxId", afterwards, move_to as "moveTo",
   begin_with as "beginWith", is_enabled as "isEnabled", state, problem, state_since as "stateSince", last_heard_at as "lastHeardAt", listening,
   last_mail_at as "lastMailAt", counted, failures, created_at as "createdAt", updated_at as "updatedAt"`,
)

type Which = Pick<Source, 'workspaceId' | 'id'>

export async function selectSources(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Source[]> {
  const { rows } = await sql<Source>`
    select ${columns} from inbound_source where workspace_id = ${workspaceId} order by lower(name), id limit ${limit}`.execute(db)
  return rows
}

export async function selectSource(db: Db | Tx, workspaceId: WorkspaceId, id: SourceId): Promise<Source | null> {
  const { rows } = await sql<Source>`
    select ${columns} from inbound_source where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function lockSource(tx: Tx, workspaceId: WorkspaceId, id: SourceId): Promise<Source | null> {
  const { rows } = await sql<Source>`
    select ${columns} from inbound_source where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

/** Every source that is switched on, in all workspaces. */
export async function selectEnabledSources(db: Db | Tx, limit: number): Promise<Source[]> {
  const { rows } = await sql<Source>`select ${columns} from inbound_source where is_enabled order by id limit ${limit}`.execute(
    db,
  )
  return rows
}

/** The sources that read these mailboxes, switched on or not. */
export async function selectSourcesOf(db: Db | Tx, mailboxIds: readonly MailboxId[]): Promise<Source[]> {
  const { rows } = await sql<Source>`
    select ${columns} from inbound_source where mailbox_id = any (${plainArray(mailboxIds)}::uuid[]) order by id`.execute(db)
  return rows
}

export async function insertSource(tx: Tx, source: Source): Promise<void> {
  const {
    workspaceId,
    id,
    kind,
    name,
    mailboxId,
    path,
    topicArn,
    routeId,
    folders,
    inboxId,
    afterwards,
    moveTo,
    beginWith,
    isEnabled,
    createdAt,
  } = source
  await sql`
    insert into inbound_source (workspace_id, id, kind, name, mailbox_id, path, topic_arn, route_id, folders, inbox_id, afterwards, move_to, begin_with, is_enabled, state,
                                state_since, next_at, created_at, updated_at)
    values (${workspaceId}, ${id}, ${kind}, ${name}, ${mailboxId}, ${path}, ${topicArn}, ${routeId}, ${folders as string[]}, ${inboxId}, ${afterwards}, ${moveTo}, ${beginWith},
            ${isEnabled}, ${isEnabled ? 'untried' : 'paused'}, ${createdAt}, ${createdAt}, ${createdAt}, ${createdAt})`.execute(
    tx,
  )
}

/** New settings begin anew: whoever fetches by the old ones loses the lease, and the next one is due at once. */
export async function updateSource(tx: Tx, source: Source, now: Date): Promise<void> {
  const { workspaceId, id, name, path, topicArn, routeId, folders, inboxId, afterwards, moveTo, isEnabled } = source
  await sql`
    update inbound_source
       set name = ${name}, path = ${path}, topic_arn = ${topicArn}, route_id = ${routeId}, folders = ${folders as string[]}, inbox_id = ${inboxId}, afterwards = ${afterwards}, move_to = ${moveTo},
           is_enabled = ${isEnabled}, state = ${isEnabled ? 'untried' : 'paused'}, problem = null, state_since = ${now}, failures = 0,
           leased_by = null, leased_until = null, next_at = ${now}, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function deleteSource(tx: Tx, workspaceId: WorkspaceId, id: SourceId): Promise<void> {
  await sql`delete from inbound_source where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** `recount`: count server against rows, too. False: there is no such source. */
export async function wantNow(tx: Tx, { workspaceId, id }: Which, recount: boolean, now: Date): Promise<boolean> {
  const result = await sql`
    update inbound_source set next_at = ${now}, recount_at = case when ${recount} then ${now} else recount_at end
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
  return result.numAffectedRows === 1n
}

/**
 * Leases sources that nobody fetches from: `skip locked` shares them out among processes. While one is held, `next_at` only says that somebody wants it
 * looked at. `except`: those whose fetching by an older lease of this process has not ended yet.
 */
export async function leaseSources(
  tx: Tx,
  {
    owner,
    until,
    limit,
    except,
  }: { readonly owner: string; readonly until: Date; readonly limit: number; readonly except: readonly SourceId[] },
  now: Date,
): Promise<Source[]> {
  const { rows } = await sql<Source>`
    with due as (
      select workspace_id, id
        from inbound_source
       where is_enabled and kind <> 'ses' and ((leased_by is null and next_at <= ${now}) or leased_until <= ${now})
         and id <> all (${plainArray(except)}::uuid[])
       order by next_at
       limit ${limit}
         for update skip locked
    ), leased as (
      update inbound_source set leased_by = ${owner}, leased_until = ${until}, next_at = 'infinity'
        from due
       where inbound_source.workspace_id = due.workspace_id and inbound_source.id = due.id
      returning inbound_source.*
    )
    select ${columns} from leased`.execute(tx)
  return rows
}

/**
 * Prolongs what this process fetches from, and says which of it was wanted meanwhile. What is missing in the answer is not ours any more. Leased and not
 * among `ids` is what could not be given back: its lease ends by itself.
 */
export async function prolongSources(
  tx: Tx,
  { owner, until, ids }: { readonly owner: string; readonly until: Date; readonly ids: readonly SourceId[] },
  now: Date,
): Promise<{ id: SourceId; isWanted: boolean }[]> {
  const { rows } = await sql<{ id: SourceId; isWanted: boolean }>`
    with was as (
      select workspace_id, id, next_at <= ${now} as is_due
        from inbound_source
       where leased_by = ${owner} and is_enabled and id = any (${plainArray(ids)}::uuid[])
         for update
    )
    update inbound_source set leased_until = ${until}, next_at = 'infinity'
      from was
     where inbound_source.workspace_id = was.workspace_id and inbound_source.id = was.id
    returning inbound_source.id, was.is_due as "isWanted"`.execute(tx)
  return rows
}

export async function releaseSource(db: Db | Tx, { workspaceId, id }: Which, owner: string, nextAt: Date): Promise<void> {
  await sql`
    update inbound_source set leased_by = null, leased_until = null, next_at = least(next_at, ${nextAt})
     where workspace_id = ${workspaceId} and id = ${id} and leased_by = ${owner}`.execute(db)
}

export async function saveHeard(
  db: Db | Tx,
  { workspaceId, id }: Which,
  { owner, listening }: { readonly owner: string; readonly listening: 'push' | 'poll' },
  now: Date,
): Promise<void> {
  await sql`
    update inbound_source set last_heard_at = greatest(last_heard_at, ${now}), listening = ${listening}
     where workspace_id = ${workspaceId} and id = ${id} and leased_by = ${owner}`.execute(db)
}

/** How it fares, by who fetches. Null: somebody else does. The state as it was is what events are told by. */
export async function saveState(
  tx: Tx,
  { workspaceId, id }: Which,
  owner: string,
  problem: MailboxProblem | null,
  now: Date,
): Promise<Source['state'] | null> {
  const state = problem === null ? 'working' : 'failing'
  const { rows } = await sql<{ was: Source['state'] }>`
    with was as (
      select workspace_id, id, state, state_since from inbound_source
       where workspace_id = ${workspaceId} and id = ${id} and leased_by = ${owner} and is_enabled
         for update
    )
    update inbound_source
       set state = ${state}, problem = ${problem === null ? null : JSON.stringify(problem)}::jsonb,
           state_since = case when was.state = ${state} then was.state_since else ${now} end,
           failures = case when ${problem === null} then 0 else failures + 1 end
      from was
     where inbound_source.workspace_id = was.workspace_id and inbound_source.id = was.id
    returning was.state as was`.execute(tx)
  return rows[0]?.was ?? null
}

export interface Place {
  readonly folder: string
  readonly generation: bigint
  readonly lastUid: number
  readonly beganAfter: number
  readonly knownUntil: number
  /** The mail at which the last sessions ended, and how many of them. */
  readonly stuckKey: string | null
  readonly stuckTimes: number
}

export async function selectPlace(db: Db | Tx, { workspaceId, id }: Which, folder: string): Promise<Place | null> {
  const { rows } = await sql<{
    generation: string
    lastUid: string
    beganAfter: string
    knownUntil: string
    stuckKey: string | null
    stuckTimes: number
  }>`
    select generation::text, last_uid::text as "lastUid", began_after::text as "beganAfter", known_until::text as "knownUntil",
           stuck_key as "stuckKey", stuck_times as "stuckTimes"
      from inbound_place
     where workspace_id = ${workspaceId} and source_id = ${id} and folder = ${folder}`.execute(db)
  const row = rows[0]
  return row
    ? {
        ...row,
        folder,
        generation: BigInt(row.generation),
        lastUid: Number(row.lastUid),
        beganAfter: Number(row.beganAfter),
        knownUntil: Number(row.knownUntil),
      }
    : null
}

/** Only by who holds the lease: the lock on the source's row keeps a process that lost it from moving on. False: it is lost. */
export async function upsertPlace(tx: Tx, { workspaceId, id }: Which, owner: string, place: Place, now: Date): Promise<boolean> {
  const { folder, generation, lastUid, beganAfter, knownUntil, stuckKey, stuckTimes } = place
  const result = await sql`
    with held as (
      select workspace_id, id from inbound_source where workspace_id = ${workspaceId} and id = ${id} and leased_by = ${owner} for share
    )
    insert into inbound_place (workspace_id, source_id, folder, generation, last_uid, began_after, known_until, stuck_key, stuck_times, updated_at)
    select workspace_id, id, ${folder}::text, ${generation.toString()}::bigint, ${lastUid}::bigint, ${beganAfter}::bigint, ${knownUntil}::bigint,
           ${stuckKey}::text, ${stuckTimes}::int, ${now}::timestamptz
      from held
    on conflict (workspace_id, source_id, folder) do update
       set generation = excluded.generation, last_uid = excluded.last_uid, began_after = excluded.began_after, known_until = excluded.known_until,
           stuck_key = excluded.stuck_key, stuck_times = excluded.stuck_times, updated_at = excluded.updated_at`.execute(tx)
  return result.numAffectedRows === 1n
}

export async function saveMailTaken(tx: Tx, { workspaceId, id }: Which, owner: string, now: Date): Promise<boolean> {
  const result = await sql`
    update inbound_source set last_mail_at = ${now}, last_heard_at = greatest(last_heard_at, ${now})
     where workspace_id = ${workspaceId} and id = ${id} and leased_by = ${owner}`.execute(tx)
  return result.numAffectedRows === 1n
}

/**
 * After the folder's numbers were given anew: the row of the mail with these very bytes gets its new number. False: no such mail is here. One row only,
 * so that of two identical mails each finds its own.
 */
export async function renumberMail(
  tx: Tx,
  { workspaceId, id }: Which,
  {
    folder,
    generation,
    uid,
    hash,
  }: { readonly folder: string; readonly generation: bigint; readonly uid: string; readonly hash: Buffer },
): Promise<boolean> {
  const result = await sql`
    with old as (
      select workspace_id, id from inbound_mail
       where workspace_id = ${workspaceId} and source_id = ${id} and hash = ${hash} and folder = ${folder}
         and uid_validity is distinct from ${generation.toString()}::bigint
       order by id
       limit 1
    )
    update inbound_mail set uid_validity = ${generation.toString()}::bigint, uid = ${uid}
      from old
     where inbound_mail.workspace_id = old.workspace_id and inbound_mail.id = old.id`.execute(tx)
  return result.numAffectedRows === 1n
}

/** Which of these have a row. `generation` null: POP3 and files. */
export async function selectHere(
  db: Db | Tx,
  { workspaceId, id }: Which,
  { folder, generation, keys }: { readonly folder: string; readonly generation: bigint | null; readonly keys: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await sql<{ uid: string }>`
    select uid from inbound_mail
     where workspace_id = ${workspaceId} and source_id = ${id} and uid = any (${keys as string[]}::text[])
       and ${generation === null ? sql`uid_validity is null` : sql`folder = ${folder} and uid_validity = ${generation.toString()}::bigint`}`.execute(
    db,
  )
  return new Set(rows.map(({ uid }) => uid))
}

/** At this time at the latest. */
export async function recountBy(tx: Tx, { workspaceId, id }: Which, at: Date): Promise<void> {
  await sql`
    update inbound_source set recount_at = least(recount_at, ${at}) where workspace_id = ${workspaceId} and id = ${id}`.execute(
    tx,
  )
}

/** Whether server and rows are to be counted, which is then not asked again before `nextAt`. */
export async function takeRecount(tx: Tx, { workspaceId, id }: Which, owner: string, nextAt: Date, now: Date): Promise<boolean> {
  const result = await sql`
    update inbound_source set recount_at = ${nextAt}
     where workspace_id = ${workspaceId} and id = ${id} and leased_by = ${owner} and (recount_at is null or recount_at <= ${now})`.execute(
    tx,
  )
  return result.numAffectedRows === 1n
}

export async function saveCounted(tx: Tx, { workspaceId, id }: Which, counted: Counted): Promise<void> {
  await sql`
    update inbound_source set counted = ${JSON.stringify(counted)}::jsonb where workspace_id = ${workspaceId} and id = ${id}`.execute(
    tx,
  )
}

export interface AfterwardsWork {
  readonly folder: string
  readonly generation: bigint | null
  readonly key: string
  readonly act: Exclude<Afterwards, 'leave'>
  readonly moveTo: string | null
}

export async function insertAfterwards(
  tx: Tx,
  { workspaceId, id }: Which,
  works: readonly AfterwardsWork[],
  now: Date,
): Promise<void> {
  const [first] = works
  if (!first) return
  const { folder, generation, act, moveTo } = first
  await sql`
    insert into inbound_afterwards (workspace_id, source_id, folder, generation, key, act, move_to, due_at)
    select ${workspaceId}, ${id}, ${folder}, ${generation?.toString() ?? null}::bigint, key, ${act}, ${moveTo}, ${now}::timestamptz
      from unnest(${works.map(({ key }) => key)}::text[]) as key
    on conflict do nothing`.execute(tx)
}

/** What may be done now in a folder: only with mails that were processed. */
export async function selectAfterwards(
  db: Db | Tx,
  { workspaceId, id }: Which,
  { folder, generation, limit }: { readonly folder: string; readonly generation: bigint | null; readonly limit: number },
  now: Date,
): Promise<AfterwardsWork[]> {
  const number = generation?.toString() ?? null
  const { rows } = await sql<{ key: string; act: AfterwardsWork['act']; moveTo: string | null }>`
    select work.key, work.act, work.move_to as "moveTo"
      from inbound_afterwards as work
     where work.workspace_id = ${workspaceId} and work.source_id = ${id} and work.folder = ${folder}
       and work.generation is not distinct from ${number}::bigint and work.due_at <= ${now}
       and exists (
         select from inbound_mail as mail
          where mail.workspace_id = work.workspace_id and mail.source_id = work.source_id and mail.uid = work.key
            and ${generation === null ? sql`mail.uid_validity is null` : sql`mail.folder = work.folder and mail.uid_validity = ${number}::bigint`}
            and mail.state <> 'received'
       )
     order by work.due_at
     limit ${limit}`.execute(db)
  return rows.map(({ key, act, moveTo }) => ({ folder, generation, key, act, moveTo }))
}

export async function deleteAfterwards(
  tx: Tx,
  { workspaceId, id }: Which,
  { folder, generation, keys }: { readonly folder: string; readonly generation: bigint | null; readonly keys: readonly string[] },
): Promise<void> {
  await sql`
    delete from inbound_afterwards
     where workspace_id = ${workspaceId} and source_id = ${id} and folder = ${folder}
       and generation is not distinct from ${generation?.toString() ?? null}::bigint and key = any (${keys as string[]}::text[])`.execute(
    tx,
  )
}

/** Later again: a minute, two, four … up to six hours. */
export async function postponeAfterwards(
  tx: Tx,
  { workspaceId, id }: Which,
  {
    folder,
    generation,
    keys,
    problem,
  }: { readonly folder: string; readonly generation: bigint | null; readonly keys: readonly string[]; readonly problem: string },
  now: Date,
): Promise<void> {
  await sql`
    update inbound_afterwards
       set attempts = attempts + 1, problem = ${problem}, due_at = ${now}::timestamptz + least(interval '6 hours', interval '1 minute' * 2 ^ least(attempts, 10))
     where workspace_id = ${workspaceId} and source_id = ${id} and folder = ${folder}
       and generation is not distinct from ${generation?.toString() ?? null}::bigint and key = any (${keys as string[]}::text[])`.execute(
    tx,
  )
}

/** Of generations that are over: their numbers name nothing any more. */
export async function deleteOldAfterwards(tx: Tx, { workspaceId, id }: Which, folder: string, generation: bigint): Promise<void> {
  await sql`
    delete from inbound_afterwards
     where workspace_id = ${workspaceId} and source_id = ${id} and folder = ${folder} and generation <> ${generation.toString()}::bigint`.execute(
    tx,
  )
}

export interface SourceFigures {
  readonly sourceId: SourceId
  readonly taken: number
  readonly waiting: number
  readonly quarantined: number
  readonly afterwardsFailing: number
  readonly afterwardsProblem: string | null
}

/** Of the last thirty days: counting all that ever came would take as long as there is mail. `fromId` is the first id of that time. */
export async function selectFigures(db: Db | Tx, workspaceId: WorkspaceId, fromId: string): Promise<SourceFigures[]> {
  const { rows } = await sql<SourceFigures>`
    select source.id as "sourceId", coalesce(mail.taken, 0)::int as taken, coalesce(mail.waiting, 0)::int as waiting,
           coalesce(mail.quarantined, 0)::int as quarantined, coalesce(work.failing, 0)::int as "afterwardsFailing", work.problem as "afterwardsProblem"
      from inbound_source as source
      left join (
        select source_id, count(*) as taken, count(*) filter (where state = 'received') as waiting, count(*) filter (where state = 'quarantined') as quarantined
          from inbound_mail
         where workspace_id = ${workspaceId} and id >= ${fromId} and source_id is not null
         group by source_id
      ) as mail on mail.source_id = source.id
      left join (
        select source_id, count(*) as failing, max(problem) as problem
          from inbound_afterwards
         where workspace_id = ${workspaceId} and attempts > 0
         group by source_id
      ) as work on work.source_id = source.id
     where source.workspace_id = ${workspaceId}
     limit 200`.execute(db)
  return rows
}
