import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'

const connection = await testDatabase()
const client = new pg.Client(connection)
await client.connect()
afterAll(() => client.end())

const { rows } = await client.query<{ major: number }>("select current_setting('server_version_num')::int / 10000 as major")

test.runIf((rows[0]?.major ?? 0) >= 18)(
  'what a young server keeps of its plans leads by the key, not through all of a workspace',
  async () => {
    // As foreign keys ask: the plan is kept, for values that nobody knows yet.
    await client.query('set plan_cache_mode = force_generic_plan')
    for (const table of ['conversation', 'contact', 'inbox', 'delivery', 'inbound_mail']) {
      await client.query(
        `prepare asked_of_${table} (uuid, uuid) as select from ${table} where workspace_id = $1 and id = $2 for key share`,
      )
      const plan = await client.query<{ 'QUERY PLAN': string }>(
        `explain (costs off) execute asked_of_${table} (gen_random_uuid(), gen_random_uuid())`,
      )
      expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(`using ${table}_pkey`)
    }
  },
)
