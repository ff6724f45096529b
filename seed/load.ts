/**
 * Conversations by the hundred thousand. Rows go in by COPY; what triggers would do for each of them (counts, words for the search) is done for a
 * thousand at once. A chunk is one transaction: whoever stops this has fewer conversations, and none that is half there.
 */
import type pg from 'pg'
import { plainArray } from '../src/db/arrays.ts'
import { listJobs } from '../src/helpdesk/list/counts.ts'
import type { Store } from '../src/store.ts'
import { conversationRows, draftContent, lastMsOf, type Rows, type Surroundings } from './conversation-rows.ts'
import { copyRows, type Value } from './copy.ts'
import { idAt, type Random } from './random.ts'

const CHUNK = 10_000
const WORDS_AT_ONCE = 2_000

export interface Loaded {
  readonly conversations: number
  readonly items: number
}

export async function loadConversations(
  { database }: Store,
  surroundings: Surroundings,
  random: Random,
  { count, spanMs }: { readonly count: number; readonly spanMs: number },
  tell: (done: number) => void,
): Promise<Loaded> {
  let items = 0
  const client = await database.pool.connect()
  try {
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0')
    for (let at = 0; at < count; at += CHUNK) {
      const rows: Rows[] = []
      for (let i = at; i < Math.min(count, at + CHUNK); i += 1)
        rows.push(conversationRows(surroundings, random, lastMsOf(i, count, surroundings.now, spanMs)))
      await loadChunk(client, surroundings, random, rows)
      items += rows.reduce((sum, row) => sum + row.items.length, 0)
      tell(at + rows.length)
    }
  } finally {
    client.release(true)
  }
  return { conversations: count, items }
}

async function loadChunk(
  client: pg.PoolClient,
  surroundings: Surroundings,
  random: Random,
  rows: readonly Rows[],
): Promise<void> {
  const { workspaceId } = surroundings
  await client.query('begin; set local synchronous_commit = off')
  try {
    await client.query(
      'alter table conversation disable trigger user; alter table conversation_item disable trigger user; alter table conversation_file disable trigger user',
    )
    await copyRecords(client, 'conversation', await numbered(client, surroundings, rows))
    await copyRecords(
      client,
      'conversation_item',
      rows.flatMap(({ items }) => items),
    )
    await copyRecords(
      client,
      'conversation_file',
      rows.flatMap(({ files }) => files),
    )
    await copyRecords(
      client,
      'conversation_participant',
      rows.flatMap(({ participants }) => participants),
    )
    await copyRecords(
      client,
      'conversation_reference',
      rows.flatMap(({ references }) => references),
    )
    for (let at = 0; at < rows.length; at += WORDS_AT_ONCE)
      await client.query('select write_conversation_text($1, $2::uuid[])', [
        workspaceId,
        plainArray(rows.slice(at, at + WORDS_AT_ONCE).map(({ id }) => id)),
      ])
    await copyRecords(client, 'conversation_count', counted(workspaceId, rows))
    await loadMarks(client, surroundings, random, rows)
    await client.query(
      'alter table conversation enable trigger user; alter table conversation_item enable trigger user; alter table conversation_file enable trigger user',
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** Numbers are given in the order in which conversations began, as they are when mail comes in. */
async function numbered(
  client: pg.PoolClient,
  { workspaceId }: Surroundings,
  rows: readonly Rows[],
): Promise<Record<string, Value>[]> {
  const taken = await client.query<{ next: string }>(
    `insert into conversation_number (workspace_id, next) values ($1, 1 + $2::bigint)
     on conflict (workspace_id) do update set next = conversation_number.next + $2::bigint returning next`,
    [workspaceId, rows.length],
  )
  const first = Number(taken.rows[0]?.next) - rows.length
  return [...rows]
    .sort((a, b) => a.createdMs - b.createdMs)
    .map(({ conversation }, i) => ({ ...conversation, number: first + i }))
}

function counted(workspaceId: string, rows: readonly Rows[]): Record<string, Value>[] {
  const places = new Map<string, Rows['place'] & { n: number }>()
  for (const { place } of rows) {
    const key = Object.values(place).join()
    const known = places.get(key)
    if (known) known.n += 1
    else places.set(key, { ...place, n: 1 })
  }
  return [...places.values()].map(({ inboxId, status, assigneeId, teamId, n }) => ({
    ...{ workspace_id: workspaceId, inbox_id: inboxId, status, assignee_id: assigneeId, team_id: teamId, n },
  }))
}

/** Stars and drafts of whoever owns the workspace, and what agents follow. */
async function loadMarks(
  client: pg.PoolClient,
  surroundings: Surroundings,
  random: Random,
  rows: readonly Rows[],
): Promise<void> {
  const { workspaceId, owner, agents, now } = surroundings
  const of = (row: Rows) => ({ workspace_id: workspaceId, conversation_id: row.id })
  const starred = rows.filter(({ marks }) => marks.isStarred)
  await copyRecords(
    client,
    'conversation_star',
    starred.map((row) => ({ ...of(row), user_id: owner.id, starred_at: now })),
  )
  const followed = rows.filter(({ marks }) => marks.isFollowed)
  await copyRecords(
    client,
    'conversation_follower',
    followed.map((row) => ({ ...of(row), user_id: random.one(agents).id })),
  )
  const drafted = rows.filter(({ marks }) => marks.draft !== null)
  await copyRecords(
    client,
    'conversation_draft',
    drafted.map((row) => ({
      ...{
        ...of(row),
        id: idAt<string>(random, now.getTime()),
        user_id: random.is(0.3) ? owner.id : random.one(agents).id,
        mode: 'reply',
        version: 1,
      },
      ...{ content: draftContent(row.marks.draft ?? ''), preview: (row.marks.draft ?? '').replace(/\s+/g, ' ').slice(0, 255) },
      ...{ created_at: now, updated_at: now },
    })),
  )
}

async function copyRecords(
  client: pg.PoolClient,
  table: string,
  records: readonly Readonly<Record<string, Value>>[],
): Promise<void> {
  const [first] = records
  if (!first) return
  const columns = Object.keys(first)
  await copyRows(
    client,
    table,
    columns,
    records.map((record) => columns.map((column) => record[column])),
  )
}

/** Counts are folded, and the planner is told of so many new rows, as a running server would come to do anyway. */
export async function settle({ database, clock }: Store): Promise<void> {
  for (const { run } of listJobs(database)) await run(clock.now())
  const client = await database.pool.connect()
  try {
    await client.query('set statement_timeout = 0')
    for (const table of [
      'contact',
      'contact_address',
      'conversation',
      'conversation_item',
      'conversation_text',
      'conversation_reference',
      'conversation_participant',
      'conversation_file',
      'conversation_star',
      'conversation_follower',
      'conversation_draft',
    ])
      await client.query(`vacuum (analyze) ${table}`)
  } finally {
    client.release(true)
  }
}
