import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import type { Attempt } from '../../src/delivery/attempt.ts'
import { BULK_KINDS } from '../../src/delivery/bulk/bulk-act.ts'
import { DELIVERY_STATES, SETTLED_STATES } from '../../src/delivery/delivery.ts'
import { DKIM_KEY_STATES } from '../../src/delivery/domains/dkim-key.ts'
import { DOMAIN_STATES } from '../../src/delivery/domains/domain.ts'
import { FEEDBACK_SOURCES, FEEDBACK_STATES, NEWS_KINDS } from '../../src/delivery/feedback/news.ts'
import { PACE_PERIODS } from '../../src/delivery/pace/gcra.ts'
import { ROUTE_DOMAIN_STATES } from '../../src/delivery/provider-accounts/account.ts'
import type { Feedback } from '../../src/delivery/record-feedback.ts'
import { CIRCUIT_STATES } from '../../src/delivery/routes/circuit.ts'
import { ROUTE_KINDS } from '../../src/delivery/routes/route.ts'
import { STREAMS, UNKNOWN_POLICIES } from '../../src/delivery/stream.ts'
import { SUPPRESSION_REASONS, SUPPRESSION_SOURCES } from '../../src/delivery/suppression/suppression.ts'
import { testDatabase } from '../support/database.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 1, applicationName: 'test' })
afterAll(() => database.close())

const ATTEMPT_OUTCOMES = [
  'accepted',
  'rejected',
  'deferred',
  'blocked',
  'unknown',
] as const satisfies readonly Attempt['outcome'][]
const FEEDBACK = ['delivered', 'bounced', 'complained'] as const satisfies readonly Feedback['kind'][]

/** The words that a CHECK allows, as PostgreSQL keeps it. */
async function wordsOf(constraint: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ definition: string }>(
    'select pg_get_constraintdef(oid) as definition from pg_constraint where conname = $1',
    [constraint],
  )
  if (rows.length === 0) throw new Error(`no constraint ${constraint}`)
  return [...rows[0]!.definition.matchAll(/'([a-z_]+)'::text/g)].map((match) => match[1]!)
}

test.each([
  ['delivery_state_is_known', DELIVERY_STATES],
  ['delivery_stream_is_known', STREAMS],
  ['message_stream_is_known', STREAMS],
  ['delivery_policy_is_known', UNKNOWN_POLICIES],
  ['route_kind_is_known', ROUTE_KINDS],
  ['route_circuit_is_known', CIRCUIT_STATES],
  ['route_receiver_circuit_is_known', CIRCUIT_STATES],
  ['route_domain_state_is_known', ROUTE_DOMAIN_STATES],
  ['lane_stream_is_known', STREAMS],
  ['pace_per_is_known', PACE_PERIODS],
  ['bulk_act_kind_is_known', BULK_KINDS],
  ['domain_state_is_known', DOMAIN_STATES],
  ['dkim_key_state_is_known', DKIM_KEY_STATES],
  ['suppression_stream_is_known', ['all', ...STREAMS]],
  ['suppression_reason_is_known', SUPPRESSION_REASONS],
  ['suppression_source_is_known', SUPPRESSION_SOURCES],
  ['attempt_outcome_is_known', ATTEMPT_OUTCOMES],
  ['sandbox_feedback_kind_is_known', FEEDBACK],
  ['feedback_source_is_known', FEEDBACK_SOURCES],
  ['feedback_state_is_known', FEEDBACK_STATES],
  ['delivery_news_kind_is_known', NEWS_KINDS],
] as const)('%s allows what the program knows and nothing else', async (constraint, words) => {
  expect(await wordsOf(constraint)).toEqual([...words])
})

test('a delivery is over in the table exactly when it is over in the program', async () => {
  const live = await wordsOf('delivery_settled_only_at_the_end')
  expect(live).toEqual(DELIVERY_STATES.filter((state) => !(SETTLED_STATES as readonly string[]).includes(state)))
})

/** One row that no verb of ours would write, for every law of the table. */
const IMPOSSIBLE: readonly [law: string, change: string][] = [
  ['delivery_state_is_known', `state = 'lost', due_at = null, settled_at = now()`],
  ['delivery_due_only_when_queued', `due_at = null`],
  ['delivery_due_only_when_queued', `state = 'held', reason = '{}'`],
  ['delivery_lease_only_when_sending', `lease_owner = id`],
  ['delivery_lease_only_when_sending', `state = 'sending', due_at = null`],
  ['delivery_lease_only_when_sending', `state = 'sending', due_at = null, lease_owner = id`],
  ['delivery_policy_only_when_unknown', `policy = 'ask'`],
  ['delivery_policy_only_when_unknown', `state = 'unknown', due_at = null, reason = '{}'`],
  ['delivery_settled_only_at_the_end', `settled_at = now()`],
  ['delivery_settled_only_at_the_end', `state = 'sent', due_at = null`],
  ['delivery_stop_explains_itself', `state = 'bounced', due_at = null, settled_at = now()`],
  ['delivery_stop_explains_itself', `state = 'held', due_at = null`],
  ['delivery_alive_has_a_lane', `lane_id = null`],
]

test.each(IMPOSSIBLE)('%s refuses %s', async (law, change) => {
  const client = await database.pool.connect()
  try {
    await client.query('begin')
    await client.query(`insert into workspace values ('00000000-0000-7000-8000-000000000001', 'Shop', now())`)
    await client.query(
      `insert into blob (workspace_id, hash, size_bytes, ascii, created_at) select id, sha256(''), 0, '', now() from workspace`,
    )
    await client.query(`
      insert into message (workspace_id, id, stream, created_at, origin, envelope_sender, sender, to_addresses, subject, rfc_message_id, content_hash, size_bytes,
                           eight_bit, internationalized, expires_at, first_delivery, last_delivery)
      select workspace_id, workspace_id, 'bulk', now(), '{}', '', '', '{}', '', '', hash, 0, false, false, now(), workspace_id, workspace_id from blob`)
    await client.query(`
      insert into delivery (workspace_id, id, message_id, recipient, stream, state, due_at, expires_at, created_at, lane_id)
      select workspace_id, id, id, 'bob@example.org', 'bulk', 'queued', now(), now(), now(),
             lane_of(workspace_id, 'bulk', 'example.com', null, '{}', 0, null)
        from message`)
    await expect(client.query(`update delivery set ${change}`)).rejects.toMatchObject({ constraint: law })
  } finally {
    await client.query('rollback')
    client.release()
  }
})
