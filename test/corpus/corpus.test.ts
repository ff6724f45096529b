import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Summary } from '../../corpus/report.ts'

// A PostgreSQL of its own is made for it.
vi.setConfig({ testTimeout: 180_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

function corpus(...args: string[]) {
  return run(process.execPath, ['corpus/main.ts', ...args], { cwd: ROOT, timeout: 170_000 })
}

test('every file below a folder has its outcome, whatever it holds and is called; what is no file is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-files-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'deeper', 'still'), { recursive: true })
  const hello = 'From: ann@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nHello.\r\n'
  await writeFile(join(folder, 'a mail'), hello)
  await writeFile(join(folder, 'deeper', 'the same.txt'), hello)
  await writeFile(join(folder, 'deeper', 'still', '.hidden'), 'From: MAILER-DAEMON@x.example\r\nTo: a@b.example\r\n\r\nfailed')
  await writeFile(join(folder, 'nothing'), '')
  await writeFile(join(folder, 'picture.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0xff, 0xfe]))
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xfc, 0x0a])]), `X: ${'y'.repeat(300_000)}\n\nno`)
  await symlink(join(folder, 'a mail'), join(folder, 'link'))
  const { stdout, stderr } = await corpus(folder, '--json')
  const { slowestMs, peakRssMb, outcomes, ...counts } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Summary
  expect(counts).toEqual({ files: 6, thrown: 0 })
  expect(outcomes).toMatchObject({ duplicate: 1, quarantined: 1 })
  expect(Object.values(outcomes).reduce((sum, n) => sum + n, 0)).toBe(6)
  expect([slowestMs > 0, peakRssMb > 10]).toEqual([true, true])
  expect(stdout).toContain('quarantined: unreadable')
  expect(stderr).toBe('Passed over, because it is a link or no file: link\n')
})

test('a folder that is not there is told as one, and so is how the command is used', async () => {
  await expect(corpus('/nowhere/at all')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('/nowhere/at all') })
  await expect(corpus()).rejects.toMatchObject({ code: 2, stderr: 'npm run corpus -- DIR [--json]\n' })
})
