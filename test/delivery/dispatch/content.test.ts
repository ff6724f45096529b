import { createHash, randomBytes } from 'node:crypto'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { INLINE_BYTES } from '../../../src/blobs/blob-store.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const HEAD = 'From: ann@example.com\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
const large = () => `${HEAD}${`${randomBytes(36).toString('hex')}\r\n`.repeat(5_000)}`

async function fileOf(w: World, content: string): Promise<string> {
  const hash = createHash('sha256').update(content, 'latin1').digest()
  const { rows } = await sql<{ location: string }>`select location from blob where hash = ${hash}`.execute(w.database.db)
  return join(w.blobFolder, rows[0]!.location)
}

test.each([
  ['a short one', `${HEAD}Hello\r\n`],
  ['dots at the beginning of lines', `${HEAD}.\r\n..\r\n...\r\n.a\r\n\r\n.\r\n`],
  ['eight-bit bytes', `${HEAD}Gr\xc3\xbc\xc3\x9fe \xe2\x98\x83\r\n`],
  ['more than fits into a row', large()],
  [
    'exactly what fits into a row',
    `${HEAD}${'x'.repeat(76)}\r\n`
      .padEnd(INLINE_BYTES - 2, 'y')
      .concat('\r\n')
      .replace(/y{900}/g, `${'y'.repeat(898)}\r\n`),
  ],
])('%s arrives byte by byte', async (_, content) => {
  const w = await world()
  await w.submit(aMessage({ content, eightBit: true }))
  await w.dispatch()
  expect(w.smtp.messages.map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(content, 'latin1').digest('hex')])
})

test('a message whose stored file is damaged fails with that reason, and the others go on', async () => {
  const w = await world({ endsWell: false })
  const [broken, whole] = [large(), large()]
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.submit(aMessage({ to: ['broken@example.org'], content: broken }))
  await w.submit(aMessage({ to: ['bob@example.org'], content: whole }))
  await truncate(await fileOf(w, broken), 1_000)
  await w.dispatch()
  expect(await w.states()).toEqual({ 'ann@example.org': 'sent', 'broken@example.org': 'failed', 'bob@example.org': 'sent' })
  const delivery = await w.deliveryOf('broken@example.org')
  expect(delivery).toMatchObject({
    failures: 0,
    reason: { code: 'content_missing', sentence: expect.stringContaining('on our side') },
    attempts: [],
    actions: ['resend'],
  })
  expect(delivery.events.map(({ type }) => type)).toEqual(['delivery.failed'])
  expect(w.smtp.received().toSorted()).toEqual(['ann@example.org', 'bob@example.org'])
  expect((await w.invariants()).map(({ name }) => name)).toEqual(['files_are_there'])
})

test('while too many files are open on this machine everything waits and nothing fails', async () => {
  const w = await world()
  await w.submit(aMessage({ content: large() }))
  let shortage = 3
  const blobs = {
    ...w.blobs,
    read: (...all: Parameters<typeof w.blobs.read>) =>
      shortage-- > 0 ? Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' })) : w.blobs.read(...all),
  }
  await w.dispatch({ blobs })
  expect(shortage).toBeLessThan(0)
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})

test('many large messages are in memory a few at a time, and all arrive', async () => {
  const w = await world({ script: { extensions: ['PIPELINING'] }, limits: { maxConnections: 3 } })
  const contents = Array.from({ length: 8 }, () => `${HEAD}${`${randomBytes(37).toString('hex')}\r\n`.repeat(60_000)}`)
  for (const content of contents) await w.submit(aMessage({ content }))
  await w.dispatch()
  expect(w.smtp.messages.map(({ sha256 }) => sha256).toSorted()).toEqual(
    contents.map((content) => createHash('sha256').update(content, 'latin1').digest('hex')).toSorted(),
  )
})
