import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Actor } from '../../src/accounts/actor.ts'
import type { ApiKeyId, WorkspaceId } from '../../src/lib/ids.ts'
import { newId } from '../../src/lib/ids.ts'
import { createEventTaker, type LooseEvent } from '../../src/workflows/named-events.ts'
import { type World, world } from '../support/world.ts'

const shop = (of: WorkspaceId): Actor => ({ kind: 'key', id: newId<ApiKeyId>(), name: 'Shop', workspaceId: of, scopes: ['send'] })
const order = (key: string, payload: LooseEvent['payload'] = {}): LooseEvent => ({ name: 'order.paid', key, payload })

async function told({ database }: World): Promise<{ key: string; workspaceId: string; actor: string; txid: string }[]> {
  const { rows } = await sql<{ key: string; workspaceId: string; actor: string; txid: string }>`
    select data ->> 'key' as key, workspace_id as "workspaceId", actor, txid::text as txid from event
     where type = 'event.received' order by event.txid, event.seq`.execute(database.db)
  return rows
}

test('events that come at the same moment are written down together, each for its workspace and by whoever told it, in their order', async () => {
  const all = await world()
  const { database, clock, workspaceId } = all
  const other = newId<WorkspaceId>()
  await sql`insert into workspace (id, name, created_at) values (${other}, 'Other', ${clock.now()})`.execute(database.db)
  let wakes = 0
  const take = createEventTaker(database, () => void wakes++)
  const [ours, theirs] = [shop(workspaceId), shop(other)]
  const keys = Array.from({ length: 450 }, (_, nth) => `A-${nth}`)
  await Promise.all(keys.map((key, nth) => take(nth % 3 === 0 ? theirs : ours, order(key), clock.now())))
  const rows = await told(all)
  for (const actor of [ours, theirs]) {
    const own = rows.filter((row) => row.workspaceId === actor.workspaceId)
    expect(own.map(({ key }) => key)).toEqual(keys.filter((_, nth) => (nth % 3 === 0) === (actor === theirs)))
    expect(new Set(own.map((row) => row.actor))).toEqual(new Set([`key:${actor.kind === 'key' && actor.id}`]))
  }
  // 300 of ours in two transactions, 150 of theirs in one.
  expect(new Set(rows.map(({ txid }) => txid)).size).toBe(3)
  expect(wakes).toBe(3)
})

test('an event that cannot be stored is refused alone, and the others of its batch are there once', async () => {
  const all = await world()
  const { database, clock, workspaceId } = all
  const take = createEventTaker(database, () => {})
  const actor = shop(workspaceId)
  const events = [order('B-1'), order('B-2', { text: '\u0000' }), order('B-3')]
  const settled = await Promise.allSettled(events.map((event) => take(actor, event, clock.now())))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect((await told(all)).map(({ key }) => key).filter((key) => key.startsWith('B-'))).toEqual(['B-1', 'B-3'])
  await expect(take(actor, { name: 'Order paid', payload: {} }, clock.now())).rejects.toMatchObject({
    code: 'invalid_request',
    details: { pointer: '/name' },
  })
})
