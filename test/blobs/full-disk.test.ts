import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createBlobStore, INLINE_BYTES } from '../../src/blobs/blob-store.ts'
import { Refusal } from '../../src/errors.ts'

/** Only the disk is played: what it says when the bytes of a file do not fit on it any more, or when it may only be read. */
let disk = 'ENOSPC'
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const fails = () => Promise.reject(Object.assign(new Error(`${disk}: write`), { code: disk }))
  return {
    ...real,
    open: async (...given: Parameters<typeof real.open>) => Object.assign(await real.open(...given), { writeFile: fails }),
  }
})

const folder = await mkdtemp(join(tmpdir(), 'waybill-full-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(['ENOSPC', 'EDQUOT', 'EROFS'])(
  'a disk that takes no more (%s) refuses the message for now, and nothing half-written stays',
  async (code) => {
    disk = code
    const blobs = createBlobStore(folder)
    const failed = await blobs.stage('workspace', Buffer.alloc(INLINE_BYTES + 1, 'a')).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Refusal)
    expect(failed).toMatchObject({ code: 'storage_full', status: 503, details: { retryAfterSeconds: 60 } })
    const left = await readdir(folder, { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile())).toEqual([])
  },
)

test('what is a fault and not a full disk stays a fault', async () => {
  disk = 'EIO'
  const failed = createBlobStore(folder).stage('workspace', Buffer.alloc(INLINE_BYTES + 1, 'a'))
  await expect(failed).rejects.not.toBeInstanceOf(Refusal)
})
