import { sql } from 'kysely'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { type Database, ENGINE, openDatabase, type Tx } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import {
  endOfLog,
  eventsAfter,
  type Follower,
  followAll,
  followOnce,
  followTogether,
  type LogPosition,
} from '../../src/events/follow.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { testDatabase } from '../support/database.ts'
import { type Gate, gate } from '../support/gate.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 8, applicationName: 'test' })
afterAll(() => database.close())
const { db } = database
const NOW = new Date()
const START: LogPosition = { txid: '0', seq: '0' }
const POLL = { timeout: 30_000 }

async function readAfter(position: LogPosition, workspaceId: WorkspaceId): Promise<unknown[]> {
  return (await eventsAfter(db, position, workspaceId, 10)).map(({ data }) => data.what)
}

/** A workspace, what it appends, and a follower that remembers what it was shown of it. */
async function aLog(name: string) {
  const workspaceId = newId<WorkspaceId>()
  await sql`insert into workspace (id, name, created_at) values (${workspaceId}, ${name}, ${NOW})`.execute(db)
  const say = (tx: Tx, ...whats: string[]) =>
    append(
      tx,
      whats.map((what) => ({ type: 'user.signed_in' as const, workspaceId, data: { what } })),
      NOW,
    )
  const told = (tx: Tx, from: LogPosition, to: LogPosition) =>
    sql<{ what: string }>`
    select data ->> 'what' as what from event
     where workspace_id = ${workspaceId} and (txid, seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (txid, seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
     order by txid, seq`.execute(tx)
  const another = (as: string): Follower & { seen: string[] } => {
    const seen: string[] = []
    return {
      name: `test.${name}.${as.replaceAll(' ', '_')}`.replaceAll(' ', '_'),
      seen,
      async apply(tx, from, to) {
        seen.push(...(await told(tx, from, to)).rows.map(({ what }) => what))
      },
    }
  }
  const follower = another('reader')
  const { seen } = follower
  const follow = async () => {
    while ((await followOnce(database, follower, NOW)) > 0);
  }
  await follow()
  /** What it has seen by now. PostgreSQL itself writes here too for moments (autovacuum): so a test asks until it is there. */
  const seenByNow = async () => {
    await follow()
    return [...seen]
  }
  return { workspaceId, say, follower, another, follow, seen, seenByNow }
}

test('what commits is seen once, in its order', async () => {
  const log = await aLog('order')
  await database.transaction(ENGINE, (tx) => log.say(tx, 'a', 'b'))
  await database.transaction(ENGINE, (tx) => log.say(tx, 'c'))
  await expect.poll(log.seenByNow, POLL).toEqual(['a', 'b', 'c'])
  expect(await log.seenByNow()).toEqual(['a', 'b', 'c'])
})

test('whoever commits late is not skipped: nothing newer is read before the older one is over', async () => {
  const log = await aLog('late')
  const commit = gate()
  const late = database.transaction(ENGINE, async (tx) => {
    await log.say(tx, 'early number, late commit')
    await commit.arrive()
  })
  await commit.reached
  await database.transaction(ENGINE, (tx) => log.say(tx, 'late number, early commit'))
  await log.follow()
  expect(log.seen).toEqual([])
  commit.open()
  await late
  await expect.poll(log.seenByNow, POLL).toEqual(['early number, late commit', 'late number, early commit'])
})

test('an event that was rolled back is never seen, and holds nobody up', async () => {
  const log = await aLog('undone')
  await database
    .transaction(ENGINE, async (tx) => {
      await log.say(tx, 'undone')
      throw new Error('undo')
    })
    .catch(() => {})
  await database.transaction(ENGINE, (tx) => log.say(tx, 'done'))
  await expect.poll(log.seenByNow, POLL).toEqual(['done'])
})

test('a transaction that writes in another database of the same PostgreSQL holds nobody up', async () => {
  const log = await aLog('elsewhere')
  const elsewhere = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 1, applicationName: 'test' })
  onTestFinished(() => elsewhere.close())
  const written = gate()
  const running = elsewhere.transaction(ENGINE, async (tx) => {
    await sql`select pg_current_xact_id()`.execute(tx)
    await written.arrive()
  })
  await written.reached
  const end = await endOfLog(db)
  await database.transaction(ENGINE, (tx) => log.say(tx, 'meanwhile'))
  await expect.poll(log.seenByNow, POLL).toEqual(['meanwhile'])
  expect(await readAfter(end, log.workspaceId)).toEqual(['meanwhile'])
  // The API's role, which owns nothing and may look into nobody's session, is shown as much.
  const asTheApi = database.transaction({ as: 'api', workspaceId: log.workspaceId }, (tx) =>
    eventsAfter(tx, START, log.workspaceId, 10),
  )
  expect((await asTheApi).map(({ data }) => data.what)).toEqual(['meanwhile'])
  written.open()
  await running
})

test('among writers of other databases, the one that writes here is still waited for', async () => {
  const log = await aLog('both')
  const elsewhere = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 2, applicationName: 'test' })
  onTestFinished(() => elsewhere.close())
  const [before, here, after] = [gate(), gate(), gate()]
  const hold = (on: Database, held: Gate, what?: string) =>
    on.transaction(ENGINE, async (tx) => {
      if (what) await log.say(tx, what)
      else await sql`select pg_current_xact_id()`.execute(tx)
      await held.arrive()
    })
  const running = [hold(elsewhere, before)]
  await before.reached
  running.push(hold(database, here, 'late'))
  await here.reached
  running.push(hold(elsewhere, after))
  await after.reached
  await database.transaction(ENGINE, (tx) => log.say(tx, 'early'))
  await log.follow()
  expect(log.seen).toEqual([])
  here.open()
  await running[1]
  await expect.poll(log.seenByNow, POLL).toEqual(['late', 'early'])
  before.open()
  after.open()
  await Promise.all(running)
})

test('a reader that begins at the end inside a transaction that writes itself misses nobody who writes at that moment', async () => {
  const log = await aLog('own')
  const commit = gate()
  const late = database.transaction(ENGINE, async (tx) => {
    await log.say(tx, 'older than the reader')
    await commit.arrive()
  })
  await commit.reached
  const end = await database.transaction(ENGINE, async (tx) => {
    await log.say(tx, 'its own')
    return endOfLog(tx)
  })
  commit.open()
  await late
  await expect.poll(() => readAfter(end, log.workspaceId), POLL).toEqual(['older than the reader', 'its own'])
})

test('thirty transactions at once, each with its own delay: a follower that reads all the while sees each exactly once', async () => {
  const log = await aLog('crowd')
  const all = Array.from({ length: 30 }, (_, i) => `e${i}`)
  let writing = true
  const following = (async () => {
    while (writing) await log.follow()
    await log.follow()
  })()
  await Promise.all(
    all.map((what, i) =>
      database.transaction(ENGINE, async (tx) => {
        await log.say(tx, what)
        await sql`select pg_sleep(${(i % 7) / 200})`.execute(tx)
      }),
    ),
  )
  writing = false
  await following
  await expect.poll(async () => (await log.seenByNow()).toSorted(), POLL).toEqual(all.toSorted())
})

test('a follower whose effects fail has not moved', async () => {
  const log = await aLog('fails')
  await database.transaction(ENGINE, (tx) => log.say(tx, 'a'))
  const failing = { ...log.follower, apply: () => Promise.reject(new Error('broken')) }
  await expect.poll(() => followOnce(database, failing, NOW).catch((error: Error) => error.message), POLL).toBe('broken')
  await expect.poll(log.seenByNow, POLL).toEqual(['a'])
})

test('of two processes that move one follower, one does and the other finds nothing to do', async () => {
  const log = await aLog('two')
  await database.transaction(ENGINE, (tx) => log.say(tx, 'a'))
  const inside = gate()
  let first = 0
  const following = (async () => {
    while (first === 0) first = await followOnce(database, { name: log.follower.name, apply: () => inside.arrive() }, NOW)
  })()
  await inside.reached
  expect(await followOnce(database, log.follower, NOW)).toBe(0)
  inside.open()
  await following
  expect(first).toBe(1)
})

test('followers that read together see each event once, wherever each of them begins', async () => {
  const log = await aLog('together')
  const [behind, between, ahead] = [log.another('behind'), log.another('between'), log.another('ahead')]
  const together = async () => {
    while ((await followTogether(database, [behind, between, ahead], NOW)) > 0);
  }
  for (const [what, follower] of [
    ['a', between],
    ['b', ahead],
    ['c', ahead],
  ] as const) {
    await database.transaction(ENGINE, (tx) => log.say(tx, what))
    await expect
      .poll(async () => {
        await followOnce(database, follower, NOW)
        return follower.seen.at(-1)
      }, POLL)
      .toBe(what)
  }
  const sees = async () => {
    await together()
    return [behind.seen, between.seen, ahead.seen].map((seen) => seen.join(''))
  }
  await expect.poll(sees, POLL).toEqual(['abc', 'abc', 'abc'])
  await database.transaction(ENGINE, (tx) => log.say(tx, 'd', 'e'))
  await expect.poll(sees, POLL).toEqual(['abcde', 'abcde', 'abcde'])
})

test('of followers that read together one that fails holds up itself alone, and is heard of', async () => {
  const log = await aLog('one fails')
  await sql`create table effect (name text, what text)`.execute(db)
  const writing = (name: string): Follower => ({
    name: `test.${name}`,
    async apply(tx, from, to) {
      const follower = log.another(name)
      await follower.apply(tx, from, to, NOW)
      for (const what of follower.seen) await sql`insert into effect values (${name}, ${what})`.execute(tx)
    },
  })
  const failing = { ...log.another('failing'), apply: () => Promise.reject(new Error('broken')) }
  const followers = [writing('fine'), failing, writing('fine_too')]
  const effects = async () =>
    (await sql`select name, string_agg(what, '') as seen from effect group by 1 order by 1`.execute(db)).rows
  for (const [what, seen] of [
    ['a', 'a'],
    ['b', 'ab'],
  ] as const) {
    await database.transaction(ENGINE, (tx) => log.say(tx, what))
    const heard = () => followAll(database, followers, () => NOW).catch((error: Error) => error.message)
    await expect.poll(heard, POLL).toBe('broken')
    await expect
      .poll(async () => {
        await heard()
        return effects()
      }, POLL)
      .toEqual([
        { name: 'fine', seen },
        { name: 'fine_too', seen },
      ])
  }
})

test('two processes that move the same followers at once show each of them every event once', async () => {
  const log = await aLog('two processes')
  const followers = [log.another('one'), log.another('other')]
  let writing = true
  const following = [1, 2].map(async () => {
    while (writing) await followAll(database, followers, () => NOW)
  })
  const all = Array.from({ length: 40 }, (_, i) => `e${i}`)
  for (const what of all) await database.transaction(ENGINE, (tx) => log.say(tx, what))
  writing = false
  await Promise.all(following)
  await expect
    .poll(async () => {
      await followAll(database, followers, () => NOW)
      return followers.map(({ seen }) => seen)
    }, POLL)
    .toEqual([all, all])
})

test('a follower that has nothing to read writes nothing', async () => {
  const log = await aLog('idle')
  await database.transaction(ENGINE, (tx) => log.say(tx, 'a'))
  await expect.poll(log.seenByNow, POLL).toEqual(['a'])
  const touched = async () => {
    const { rows } = await sql`select xmin::text, xmax::text from follower where name = ${log.follower.name}`.execute(db)
    return rows
  }
  const before = await touched()
  expect(await followOnce(database, log.follower, NOW)).toBe(0)
  expect(await touched()).toEqual(before)
})

test('a reader that begins at the end of the log sees only what comes after', async () => {
  const log = await aLog('live')
  await database.transaction(ENGINE, (tx) => log.say(tx, 'before'))
  const end = await endOfLog(db)
  await database.transaction(ENGINE, (tx) => log.say(tx, 'after'))
  await expect.poll(() => readAfter(end, log.workspaceId), POLL).toEqual(['after'])
})

test('a reader that begins at the end while somebody writes misses neither', async () => {
  const log = await aLog('live and late')
  const commit = gate()
  const late = database.transaction(ENGINE, async (tx) => {
    await log.say(tx, 'under way')
    await commit.arrive()
  })
  await commit.reached
  const end = await endOfLog(db)
  commit.open()
  await late
  await expect.poll(() => readAfter(end, log.workspaceId), POLL).toEqual(['under way'])
})

test('pages of the log follow one another without gap or repetition', async () => {
  const log = await aLog('pages')
  for (const what of ['a', 'b', 'c', 'd', 'e']) await database.transaction(ENGINE, (tx) => log.say(tx, what))
  await expect.poll(() => readAfter(START, log.workspaceId), POLL).toHaveLength(5)
  const seen: unknown[] = []
  let position = START
  for (;;) {
    const page = await eventsAfter(db, position, log.workspaceId, 2)
    seen.push(...page.map(({ data }) => data.what))
    if (page.length === 0) break
    position = page.at(-1)!.position
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
})
