import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type RawBuilder, sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE, type Tx } from '../../src/db/database.ts'
import { checkInvariants, examineInvariants } from '../../src/insight/invariants.ts'
import { DAY, MINUTE } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import { world } from './support.ts'

const { database, db, folder, workspace, send, dispatch, states } = await world()
const shop = await workspace()
const other = await workspace('Other')
await send(shop.id, ['ann@example.org', 'bounce@example.org', 'defer@example.org', 'unheard@example.org'])
const large = await send(shop.id, ['bob@example.org'], { bytes: 300_000 })
await send(other.id, ['carl@example.net'])
await dispatch(6)

test('what the engine leaves behind violates nothing, looked at thoroughly or not', async () => {
  expect(await states(shop.id)).toMatchObject({
    'ann@example.org': 'sent',
    'bounce@example.org': 'bounced',
    'defer@example.org': 'queued',
    'unheard@example.org': 'unknown',
  })
  expect(await checkInvariants(database, new Date(), { thorough: true, blobFolder: folder })).toEqual([])
  expect(await checkInvariants(database, new Date(), { blobFolder: folder })).toEqual([])
})

const ann = sql`recipient = 'ann@example.org'`
const [inbox, conversation, notification] = [newId(), newId(), newId()]
/** A conversation of which somebody was told. */
const aTold = [
  sql`insert into inbox (workspace_id, id, name, slug, address, created_at, updated_at) values (${shop.id}, ${inbox}, 'I', 'i', 'i@example.com', now(), now())`,
  sql`insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, last_at, created_at, updated_at)
      values (${shop.id}, ${conversation}, 1, ${inbox}, 'Hello', 'phone', 'open', now(), now(), now())`,
  sql`insert into notification (workspace_id, id, user_id, conversation_id, cause_id, event, reason, in_app, by_push, created_at)
      values (${shop.id}, ${notification}, ${newId()}, ${conversation}, ${newId()}, 'moved', 'moved', true, true, now())`,
]
const nobody = newId()

/** One change that no verb of ours would make, for every invariant. */
const FAULTS: readonly {
  readonly name: string
  readonly breaks: readonly RawBuilder<unknown>[]
  readonly size?: number
  readonly workspace?: null
  /** The check is made so much later. */
  readonly later?: number
}[] = [
  {
    name: 'sending_has_a_sender',
    breaks: [
      sql`update delivery set state = 'sending', due_at = null, lease_owner = ${nobody}, lease_position = 1 where recipient = 'defer@example.org'`,
      sql`insert into delivery_count values (${shop.id}, 'conversation', 'queued', -1), (${shop.id}, 'conversation', 'sending', 1)`,
    ],
  },
  {
    name: 'waiting_ends',
    breaks: [sql`update delivery set expires_at = now() - interval '6 minutes' where recipient = 'defer@example.org'`],
  },
  {
    name: 'unheard_is_followed_up',
    breaks: [
      sql`update delivery set policy = 'resend', reason = jsonb_set(reason, '{at}', to_jsonb(now() - interval '6 minutes')) where state = 'unknown'`,
    ],
  },
  { name: 'waiting_has_a_route', breaks: [sql`update route set is_default = false where workspace_id = ${shop.id}`] },
  {
    name: 'waiting_has_a_route',
    breaks: [
      sql`update lane set via_route = ${nobody} where id = (select lane_id from delivery where recipient = 'defer@example.org')`,
    ],
  },
  {
    name: 'circuits_are_probed',
    breaks: [
      sql`update route set circuit = 'open', circuit_reason = '{}', circuit_since = now(), circuit_until = now() - interval '6 minutes' where workspace_id = ${shop.id}`,
      sql`update delivery set due_at = now() - interval '6 minutes' where recipient = 'defer@example.org'`,
    ],
  },
  {
    name: 'campaigns_account_for_everybody',
    breaks: [
      sql`insert into campaign (workspace_id, id, name, state, content, sender, audience, mailing_id, candidates, prepared, created_at, updated_at)
          values (${shop.id}, ${newId()}, 'News', 'sending', '{}', '', '{}', ${newId()}, 1, 1, now(), now())`,
    ],
  },
  {
    name: 'agents_are_mailed',
    breaks: [...aTold, sql`update notification set message_id = ${newId()}`],
  },
  {
    name: 'browsers_are_told',
    breaks: [
      ...aTold,
      sql`insert into push_subscription (workspace_id, id, user_id, endpoint, p256dh, auth, created_at)
          values (${shop.id}, ${notification}, ${newId()}, 'https://push.example/', decode(repeat('04', 65), 'hex'), decode(repeat('00', 16), 'hex'), now())`,
      sql`insert into push (workspace_id, id, notification_id, subscription_id, due_at, created_at)
          values (${shop.id}, ${newId()}, ${notification}, ${notification}, now() - interval '11 minutes', now())`,
    ],
  },
  {
    name: 'messages_are_complete',
    breaks: [sql`delete from event where type = 'message.submitted' and workspace_id = ${other.id}`],
  },
  {
    name: 'messages_are_complete',
    breaks: [
      sql`insert into event (at, workspace_id, type, message_id, data) select at, workspace_id, type, message_id, data from event where type = 'message.submitted' and workspace_id = ${other.id}`,
    ],
  },
  { name: 'states_are_explained', breaks: [sql`delete from event where type = 'delivery.sent' and workspace_id = ${other.id}`] },
  {
    name: 'states_are_explained',
    breaks: [sql`update event set type = 'delivery.bounced' where type = 'delivery.sent' and workspace_id = ${other.id}`],
  },
  {
    name: 'states_are_explained',
    breaks: [
      sql`insert into event (at, workspace_id, type, message_id, delivery_id) select at, workspace_id, type, message_id, delivery_id from event where type = 'delivery.sent' and workspace_id = ${other.id}`,
    ],
  },
  {
    name: 'states_are_explained',
    breaks: [
      sql`update delivery set state = 'queued', due_at = now(), settled_at = null where ${ann}`,
      sql`insert into delivery_count select workspace_id, stream, s, n from delivery cross join (values ('sent', -1), ('queued', 1)) as v (s, n) where ${ann}`,
    ],
  },
  {
    name: 'attempts_are_possible',
    breaks: [
      sql`insert into attempt select (jsonb_populate_record(a, '{"attempt": 1, "started_at": "2026-11-21T00:00:00Z"}')).* from attempt as a where a.outcome = 'accepted' and workspace_id = ${other.id}`,
    ],
  },
  { name: 'attempts_are_possible', breaks: [sql`update delivery set attempt = 0 where ${ann}`] },
  {
    name: 'suppressed_is_not_mailed',
    breaks: [
      sql`insert into suppression (workspace_id, address, stream, reason, created_at) values (${shop.id}, 'ann@example.org', 'all', 'manual', now() - interval '1 hour')`,
    ],
  },
  { name: 'addresses_are_listed', breaks: [sql`delete from delivery_address where address = 'ann@example.org'`] },
  { name: 'contents_are_whole', breaks: [sql`update blob set size_bytes = size_bytes + 1 where workspace_id = ${other.id}`] },
  { name: 'counts_agree', breaks: [sql`insert into delivery_count values (${shop.id}, 'bulk', 'held', 3)`] },
  { name: 'laws_stand', breaks: [sql`alter table delivery drop constraint delivery_due_only_when_queued`], workspace: null },
  {
    name: 'followers_keep_up',
    breaks: [sql`insert into follower (name, updated_at) values ('a.slow.one', now())`],
    later: 2 * MINUTE,
    workspace: null,
  },
  {
    name: 'jobs_come_round',
    breaks: [sql`insert into periodic_job (name, due_at) values ('a.job', now() - interval '11 minutes')`],
    workspace: null,
  },
  {
    name: 'months_exist',
    breaks: [sql`insert into event (at, workspace_id, type) values (now() + interval '20 years', ${shop.id}, 'user.signed_in')`],
    workspace: null,
  },
]

class Undo extends Error {}

test.each(FAULTS.map((fault, index) => ({ ...fault, index })))(
  '$index: $name is found, named and counted',
  async ({ name, breaks, size = 1, workspace: scope, later = 0 }) => {
    const seen = await inUndoneTransaction(async (tx) => {
      for (const statement of breaks) await statement.execute(tx)
      // The check opens transactions of its own; here they are all this one, so that what was broken is seen and then undone.
      const inside = { ...database, transaction: <T>(_scope: unknown, work: (tx: Tx) => Promise<T>) => work(tx) }
      return checkInvariants(inside, new Date(Date.now() + later), { thorough: true })
    })
    expect(seen.map((violation) => violation.name)).toEqual([name])
    expect(seen[0]).toMatchObject({ size, samples: [expect.any(String)] })
    expect(seen[0]?.workspaceId === null).toBe(scope === null)
    expect(seen[0]?.sentence).toMatch(/^[A-Z].*\.$/)
  },
)

async function inUndoneTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  let result: { value: T } | null = null
  await database
    .transaction(ENGINE, async (tx) => {
      result = { value: await work(tx) }
      throw new Undo()
    })
    .catch((error) => {
      if (!(error instanceof Undo)) throw error
    })
  return (result as { value: T } | null)!.value
}

test('a wrong counter says what it counted and what is there', async () => {
  const seen = await inUndoneTransaction(async (tx) => {
    await sql`insert into delivery_count values (${shop.id}, 'conversation', 'unknown', -1)`.execute(tx)
    const inside = { ...database, transaction: <T>(_scope: unknown, w: (tx: Tx) => Promise<T>) => w(tx) }
    return checkInvariants(inside, new Date())
  })
  expect(seen.map(({ samples }) => samples)).toEqual([['conversation unknown: counted 0, there are 1']])
})

test('a dispatcher that was lost a moment ago is given time to be cleared up after', async () => {
  const lease = (seconds: number) => sql`
    insert into dispatcher (id, route_id, host, pid, state, started_at, lease_expires_at)
    values (${nobody}, ${shop.routeId}, 'elsewhere', 1, 'lost', now(), now() + make_interval(secs => ${seconds}))`
  const found = (seconds: number) =>
    inUndoneTransaction(async (tx) => {
      await lease(seconds).execute(tx)
      await sql`update delivery set state = 'sending', due_at = null, lease_owner = ${nobody}, lease_position = 1 where recipient = 'defer@example.org'`.execute(
        tx,
      )
      const inside = { ...database, transaction: <T>(_scope: unknown, w: (tx: Tx) => Promise<T>) => w(tx) }
      return (await checkInvariants(inside, new Date())).map(({ name }) => name).filter((name) => name === 'sending_has_a_sender')
    })
  expect(await found(-30)).toEqual([])
  expect(await found(-90)).toEqual(['sending_has_a_sender'])
})

test('a check that cannot be made is told, and hides no other', async () => {
  let calls = 0
  const failing = {
    ...database,
    transaction: <T>(...parameters: Parameters<typeof database.transaction<T>>) => {
      calls += 1
      return calls === 3
        ? Promise.reject(new Error('canceling statement due to statement timeout'))
        : database.transaction(...parameters)
    },
  }
  const { violations, unchecked } = await examineInvariants(failing, new Date())
  expect(violations).toEqual([])
  expect(unchecked).toEqual([{ name: expect.any(String), why: 'canceling statement due to statement timeout' }])
  calls = 0
  await expect(checkInvariants(failing, new Date())).rejects.toThrow('Not every invariant could be checked')
})

test('months ahead of time are asked for: at the end of what exists the check says so', async () => {
  const later = new Date(Date.now() + 400 * DAY + MINUTE)
  expect(
    (await examineInvariants(database, later)).violations.find(({ name }) => name === 'months_exist')?.samples.join(),
  ).toMatch(/no partition event_\d{4}_\d\d/)
})

// Last: it takes a file away.
test('a content whose file is gone is found', async () => {
  const { rows } = await sql<{ location: string }>`select location from blob where location is not null`.execute(db)
  await rm(join(folder, rows[0]?.location ?? ''))
  expect(await checkInvariants(database, new Date(), { blobFolder: folder })).toMatchObject([
    { name: 'files_are_there', workspaceId: shop.id, size: 1, samples: [large] },
  ])
})
