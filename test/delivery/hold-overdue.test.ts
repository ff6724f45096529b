import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { holdEverythingOverdue } from '../../src/delivery/maintenance.ts'
import { HOUR } from '../../src/lib/clock.ts'
import { aMessage, world } from '../support/world.ts'

test('after a restore everything that was due is held, however much it is and whosever; what is due later is not', async () => {
  const w = await world()
  const other = await w.addWorkspace('Other shop')
  const many = (name: string) => Array.from({ length: 1_200 }, (_, i) => aMessage({ to: [`${name}-${i}@example.org`] }))
  await w.submitAll(many('ours'))
  await w.submitAll(many('theirs'), other.workspaceId)
  await w.submit(aMessage({ to: ['later@example.org'] }))
  await sql`update delivery set due_at = ${new Date(w.clock.now().getTime() + HOUR)} where recipient = 'later@example.org'`.execute(
    w.database.db,
  )

  const held = await w.database.transaction(ENGINE, (tx) => holdEverythingOverdue(tx, w.clock.now()))
  expect(held).toBe(2_400)
  for (const of of [w, other]) {
    const states = Object.entries(await of.states()).filter(([recipient]) => recipient !== 'later@example.org')
    expect(states.length).toBe(1_200)
    expect(new Set(states.map(([, state]) => state))).toEqual(new Set(['held']))
    expect((await of.events('delivery.held')).length).toBe(1_200)
  }
  expect((await w.states())['later@example.org']).toBe('queued')
  expect(await w.deliveryOf('ours-7@example.org')).toMatchObject({ reason: { code: 'restored' }, actions: ['release', 'cancel'] })
  await w.dispatch()
  expect(w.smtp.messages).toEqual([])
})
