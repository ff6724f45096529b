import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { rebaseLog } from '../../../src/events/follow.ts'
import { bringPlacesAlong } from '../../../src/workflows/engine/restore.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

test('runs that waited when a copy was made go on where it is restored: by what happened before that was not read yet, and by what happens then', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'order.made' }, next: { out: 'paid' } },
      paid: {
        type: 'wait.event@1',
        config: { name: 'order.paid', key: 'event.key', after: { for: '9d' } },
        next: { came: 'end', timeout: 'late' },
      },
      late: { type: 'end@1', config: {} },
      end: { type: 'end@1', config: { outputs: { paid: 'true' } } },
    }),
  )
  for (const key of ['a', 'b']) await work.told('order.made', key)
  await work.settle()
  // The copy was made before anybody had read of it.
  await work.told('order.paid', 'a')
  // As another cluster would have numbered it, whose transactions are far ahead.
  await all.database.transaction(ENGINE, async (tx) => {
    for (const table of ['event', 'follower', 'workflow_token', 'workflow_wait', 'workflow_box'])
      await sql`update ${sql.table(table)} set txid = (txid::text::bigint + 5000000000)::text::xid8 where txid > '0'`.execute(tx)
  })
  await all.database.transaction(ENGINE, async (tx) => {
    const isRebased = await rebaseLog(tx)
    expect(isRebased).toBe(true)
    await bringPlacesAlong(tx, isRebased)
  })
  await work.settle()
  expect((await work.runs()).map(({ status }) => status).toSorted()).toEqual(['completed', 'running'])
  await work.told('order.paid', 'b')
  await work.settle()
  expect(await work.runs()).toMatchObject([{ outputs: { paid: true } }, { outputs: { paid: true } }])
})
