import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sendInsistently, sendMany } from '../support/api-client.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { scene } from './support.ts'

/** A disk of its own in memory, small enough to be filled. Null where this user may not mount one. */
async function aSmallDisk(): Promise<{ folder: string; remove: () => Promise<void> } | null> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=192m,mode=0711', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    await rm(folder, { recursive: true })
    return null
  }
  await chmod(folder, 0o711)
  return {
    folder,
    async remove() {
      execFileSync('umount', ['--lazy', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Takes what is left of a disk. Returns how it is given back. */
async function fill(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'filler')
  const file = await open(path, 'w')
  const block = Buffer.alloc(64 * 1024, 1)
  try {
    for (;;) await file.write(block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
  return () => rm(path)
}

test('the disk of the database is full: nothing is promised, the reason is told, and when there is room again all that was promised leaves', async (context) => {
  const disk = await aSmallDisk()
  if (disk === null) return context.skip('only root may mount a small disk')
  try {
    const { server, smtp, untilAll, judge, invariants } = await scene({
      postgres: 'own',
      databaseFolder: `${disk.folder}/database`,
    })
    expect(await server.start()).toBe('ready')
    const first = await sendInsistently(server.url, { recipient: 'first@example.org' })
    await untilAll('sent')
    const giveBack = await fill(disk.folder)
    expect((await statfs(disk.folder)).bfree).toBeLessThan(32)
    const text = 'x'.repeat(200_000)
    const sending = sendMany(
      server.url,
      Array.from({ length: 60 }, (_, i) => ({ recipient: `r${i}@example.org`, text })),
      4,
    )
    await expect
      .poll(
        async () => {
          const probe = await fetch(`${server.url}/v1/messages`, {
            method: 'POST',
            headers: {
              authorization: 'Bearer a key for tests that is long enough for anybody',
              'content-type': 'application/json',
              'idempotency-key': 'probe',
            },
            body: JSON.stringify({ from: 'shop@example.com', to: 'probe@example.org', subject: 'Hello', text }),
          })
          if (probe.status === 503) expect(Number(probe.headers.get('retry-after'))).toBeGreaterThan(0)
          return probe.status
        },
        { timeout: 60_000 },
      )
      .toBe(503)
    expect(sending.promised.length).toBeLessThan(60)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await giveBack()
    await sending.done
    await untilAll('sent')
    expect(await judge([first, ...sending.promised])).toMatchObject({ ...SPOTLESS, duplicates: [] })
    expect(smtp.received()).toContain('r59@example.org')
    expect(await invariants()).toEqual([])
    await server.terminate()
  } finally {
    await disk.remove()
  }
}, 150_000)
