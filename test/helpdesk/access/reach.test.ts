import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import type { Actor } from '../../../src/accounts/actor.ts'
import { ENGINE, openDatabase } from '../../../src/db/database.ts'
import {
  ACCESS_LEVELS,
  type AccessLevel,
  accessInto,
  levelIn,
  mayReach,
  type Reach,
  reachOf,
  withinReach,
} from '../../../src/helpdesk/access/reach.ts'
import { type ApiKeyId, type ConversationId, type InboxId, newId, type UserId, type WorkspaceId } from '../../../src/lib/ids.ts'
import { aMember } from '../../support/a-member.ts'
import { testDatabase } from '../../support/database.ts'

const T0 = new Date('2026-11-21T12:00:00.000Z')
const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 4, applicationName: 'test' })
afterAll(() => database.close())

const shop = newId<WorkspaceId>()
const other = newId<WorkspaceId>()

for (const [id, name] of [
  [shop, 'Shop'],
  [other, 'Other'],
] as const) {
  await sql`insert into workspace (id, name, created_at) values (${id}, ${name}, ${T0})`.execute(database.db)
}

const { id: ann } = await aMember(database.db, shop, 'Ann')
const { id: bob } = await aMember(database.db, shop, 'Bob')

async function anInbox(workspaceId: WorkspaceId, name: string, restricted: boolean): Promise<InboxId> {
  const id = newId<InboxId>()
  await sql`insert into inbox (workspace_id, id, name, slug, address, restricted, created_at, updated_at)
            values (${workspaceId}, ${id}, ${name}, ${name}, ${`${name}@example.com`}, ${restricted}, ${T0}, ${T0})`.execute(
    database.db,
  )
  return id
}

async function give(inboxId: InboxId, userId: UserId, level: AccessLevel): Promise<void> {
  await sql`insert into inbox_access (workspace_id, inbox_id, user_id, level) values (${shop}, ${inboxId}, ${userId}, ${level})`.execute(
    database.db,
  )
}

/** Every pair of open or restricted and a level, or none. */
const LEVELS = [...ACCESS_LEVELS, null]
const inboxes = new Map<string, InboxId>()
for (const restricted of [false, true]) {
  for (const level of LEVELS) {
    const name = `${restricted ? 'restricted' : 'open'}-${level?.replace('_', '-') ?? 'unsaid'}`
    const id = await anInbox(shop, name, restricted)
    inboxes.set(name, id)
    if (level !== null) await give(id, ann, level)
  }
}
await anInbox(other, 'theirs', false)

const agent = (id: UserId): Actor => ({ kind: 'user', id, name: 'Ann', workspaceId: shop, role: 'agent' })
const inShop = <T>(work: (tx: Parameters<Parameters<typeof database.transaction>[1]>[0]) => Promise<T>) =>
  database.transaction({ as: 'api', workspaceId: shop }, work)
const named = (ids: readonly InboxId[]) => [...inboxes].filter(([, id]) => ids.includes(id)).map(([name]) => name)

test('an agent reaches open inboxes and restricted ones that were given to them, as far as their level goes', async () => {
  const reach = await inShop((tx) => reachOf(tx, agent(ann)))
  if (reach.all) throw new Error('an agent does not reach everything')
  expect(named(reach.inboxes)).toEqual(['open-full', 'open-unsaid', 'restricted-full'])
  expect(named(reach.assignedOnly)).toEqual(['open-assigned-only', 'restricted-assigned-only'])
  expect(reach.inboxes).toHaveLength(3)
})

test('somebody without a level of their own reaches the open inboxes only', async () => {
  const reach = await inShop((tx) => reachOf(tx, { ...agent(bob), role: 'viewer' } as Actor))
  expect(reach.all ? null : named(reach.inboxes)).toEqual(['open-full', 'open-assigned-only', 'open-none', 'open-unsaid'])
})

test('owners, administrators and keys reach everything', async () => {
  const key: Actor = { kind: 'key', id: newId<ApiKeyId>(), name: 'Shop system', workspaceId: shop, scopes: ['read'] }
  for (const actor of [{ ...agent(ann), role: 'owner' } as Actor, { ...agent(ann), role: 'admin' } as Actor, key])
    expect(await inShop((tx) => reachOf(tx, actor))).toEqual({ all: true })
})

test('the level that an inbox gives a person agrees with what they reach', async () => {
  const reach = await inShop((tx) => reachOf(tx, agent(ann)))
  for (const inboxId of inboxes.values()) {
    const access = await inShop((tx) => accessInto(tx, shop, inboxId))
    const level = access && levelIn(access, { id: ann, role: 'agent' })
    expect(mayReach(reach, { inboxId, assigneeId: ann })).toBe(level !== 'none')
    expect(mayReach(reach, { inboxId, assigneeId: bob })).toBe(level === 'full')
    expect(access && levelIn(access, { id: ann, role: 'owner' })).toBe('full')
  }
})

test('what one may reach and what a list shows is the same, whatever the reach', async () => {
  const ids = [...inboxes.values()]
  const placed = ids.flatMap((inboxId) =>
    [null, ann, bob].map((assigneeId) => ({ id: newId<ConversationId>(), inboxId, assigneeId })),
  )
  await database.transaction(ENGINE, async (tx) => {
    for (const [i, { id, inboxId, assigneeId }] of placed.entries())
      await sql`insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, assignee_id, last_at, created_at, updated_at)
                values (${shop}, ${id}, ${i + 1}, ${inboxId}, 'Hello', 'email', 'open', ${assigneeId}, ${T0}, ${T0}, ${T0})`.execute(
        tx,
      )
  })
  const some = fc.subarray(ids)
  const reaches: fc.Arbitrary<Reach> = fc.oneof(
    fc.constant<Reach>({ all: true }),
    fc.record({ all: fc.constant(false as const), inboxes: some, assignedOnly: some, userId: fc.constantFrom(ann, bob) }),
  )
  await fc.assert(
    fc.asyncProperty(reaches, async (reach) => {
      const { rows } = await inShop((tx) =>
        sql<{
          id: ConversationId
        }>`select c.id from conversation c where c.workspace_id = ${shop} and ${withinReach(reach, 'c')} order by c.id`.execute(
          tx,
        ),
      )
      const expected = placed.filter((conversation) => mayReach(reach, conversation)).map(({ id }) => id)
      expect(rows.map(({ id }) => id)).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
