import { expect, test } from 'vitest'
import type { Database, Tx } from '../../src/db/database.ts'
import { inChunks } from '../../src/jobs/in-chunks.ts'

/** Counts its transactions. */
function aDatabase() {
  const counted = { transactions: 0 }
  const transaction = async (_: unknown, work: (tx: Tx) => Promise<unknown>) => {
    counted.transactions += 1
    return work({} as Tx)
  }
  return { counted, database: { transaction } as unknown as Database }
}

test.each([
  [0, 1],
  [9, 1],
  [10, 2],
  [25, 3],
])('of %i things, ten at a time, all are done in %i transactions', async (things, transactions) => {
  const { database, counted } = aDatabase()
  let left = things
  await inChunks(database, 10, async () => {
    const taken = Math.min(left, 10)
    left -= taken
    return taken
  })
  expect([left, counted.transactions]).toEqual([0, transactions])
})

test('what never ends is left for the next time', async () => {
  const { database, counted } = aDatabase()
  await inChunks(database, 10, async () => 10)
  expect(counted.transactions).toBe(1_000)
})
