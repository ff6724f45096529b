import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createBlobStore, INLINE_BYTES } from '../../src/blobs/blob-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'waybill-writer-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const blobs = createBlobStore(folder)

async function written(pieces: readonly Buffer[]) {
  const writer = blobs.write('ws')
  for (const piece of pieces) await writer.write(piece)
  return await writer.finish()
}

test('a content in any pieces is staged as it would be in one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), async (arrays) => {
      const pieces = arrays.map((array) => Buffer.from(array))
      expect(await written(pieces)).toEqual(await blobs.stage('ws', Buffer.concat(pieces)))
    }),
    { numRuns: 40 },
  )
})

test.each([
  ['that just fits into its row', INLINE_BYTES, false],
  ['of one byte more', INLINE_BYTES + 1, true],
  ['of many pieces', 8 * INLINE_BYTES, true],
])('a content %s is where it belongs, byte for byte', async (_, size, inFile) => {
  const whole = Buffer.alloc(size, 'The quick brown fox\r\n')
  const pieces = Array.from({ length: Math.ceil(size / 60_000) }, (__, i) => whole.subarray(i * 60_000, (i + 1) * 60_000))
  const staged = await written(pieces)
  expect(staged.hash).toEqual(createHash('sha256').update(whole).digest())
  expect(staged.sizeBytes).toBe(size)
  if (inFile) expect((await readFile(join(folder, staged.location ?? ''))).equals(whole)).toBe(true)
  else expect(staged.ascii).toBe(whole.toString('latin1'))
})

test('what is given up leaves no file behind', async () => {
  const writer = blobs.write('given-up')
  await writer.write(Buffer.alloc(INLINE_BYTES + 1, 'x'))
  expect(await readdir(join(folder, 'given-up'))).toHaveLength(1)
  await writer.discard()
  expect(await readdir(join(folder, 'given-up'))).toEqual([])
})
