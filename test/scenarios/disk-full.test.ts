import { statfs } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { sendInsistently, sendMany } from '../support/api-client.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { fillDisk, smallDisk } from '../support/small-disk.ts'
import { scene } from './support.ts'

test('the disk of the database is full: nothing is promised, the reason is told, and when there is room again all that was promised leaves', async (context) => {
  const disk = await smallDisk(192)
  if (disk === null) return context.skip('only root may mount a small disk')
  try {
    const { server, smtp, untilAll, judge, invariants } = await scene({
      postgres: 'own',
      databaseFolder: `${disk.folder}/database`,
    })
    expect(await server.start()).toBe('ready')
    const first = await sendInsistently(server.url, { recipient: 'first@example.org' })
    await untilAll('sent')
    const giveBack = await fillDisk(disk.folder)
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
