import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { CHECKOUT } from '../support/checkout.ts'
import { temporaryFolder } from '../support/embedded-postgres.ts'

const MESSAGE = ['--from', 'shop@example.com', '--subject', 'Hello', '--text', 'Hi']

test('waybill send says what became of each recipient, and by its exit code that somebody did not get it', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const server = waybill(dataDir, ['start'])
  await once(createInterface(server.stdout!), 'line')

  const sent = await outcomeOf(waybill(dataDir, ['send', ...MESSAGE, '--to', 'ann@example.org']))
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) })
  expect(sent.stderr).toContain(`Its waybill: http://localhost:8025/messages/${sent.stdout.trim()}\n`)
  expect(sent.stderr).toContain('ann@example.org: sent: 250 2.0.0 Kept in the sandbox\n')

  const bounced = await outcomeOf(waybill(dataDir, ['send', ...MESSAGE, '--to', 'ann@example.org', '--to', 'bounce@example.org']))
  expect(bounced.code).toBe(1)
  expect(bounced.stderr).toContain('ann@example.org: sent')
  expect(bounced.stderr).toMatch(/^bounce@example\.org: bounced: .*550 5\.1\.1/m)

  const waiting = await outcomeOf(waybill(dataDir, ['send', ...MESSAGE, '--to', 'full@example.org', '--wait', '2']))
  expect(waiting.stderr).toMatch(/^full@example\.org: queued: .*452 4\.2\.2.*; next try \d\d:\d\d:\d\d$/m)
  expect(waiting).toMatchObject({ code: 0, stderr: expect.stringContaining('1 of 1 still under way after 2 seconds') })

  server.kill('SIGTERM')
  await once(server, 'exit')
  const alone = await outcomeOf(waybill(dataDir, ['send', ...MESSAGE, '--to', 'ann@example.org', '--wait', '5']))
  expect(alone.stderr).toContain('Nobody has taken it up yet. It is stored, and goes out when a server runs: npm start.')
}, 60_000)

function waybill(dataDir: string, args: readonly string[]): ChildProcess {
  const child = spawn(join(CHECKOUT, 'bin/waybill'), args, {
    env: {
      PATH: '/usr/bin:/bin',
      WAYBILL_DATA_DIR: dataDir,
      // The server takes a free port; what `send` prints is the address that people would use.
      ...(args[0] === 'start' && { WAYBILL_PORT: '0', WAYBILL_API_KEY: 'a key of thirty-two characters, or more' }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function outcomeOf(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { code, stdout, stderr }
}
