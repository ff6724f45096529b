import { writeSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lastLinesSince, openServerLog, rotateServerLog } from '../../../src/db/embedded/server-log.ts'
import { temporaryFolder } from '../../support/embedded-postgres.ts'

test('a log over its limit becomes the one before, and the writer goes on in an empty file', async () => {
  const path = join(await temporaryFolder(), 'postgres.log')
  await writeFile(path, 'x'.repeat(100))
  const log = await openServerLog(path)
  await rotateServerLog(path, 101)
  expect((await readFile(path, 'utf8')).length).toBe(100)
  await rotateServerLog(path, 100)
  writeSync(log.fd, 'afterwards\n')
  await log.close()
  expect(await readFile(path, 'utf8')).toBe('afterwards\n')
  expect(await readFile(`${path}.1`, 'utf8')).toBe('x'.repeat(100))
})

test('the last lines are those written since a place, even when the file was emptied meanwhile', async () => {
  const path = join(await temporaryFolder(), 'postgres.log')
  await writeFile(path, 'old\none\ntwo\nthree\n')
  expect(await lastLinesSince(path, 4)).toBe('one\ntwo\nthree')
  expect(await lastLinesSince(path, 4, 2)).toBe('two\nthree')
  expect(await lastLinesSince(path, 1_000)).toBe('')
  expect(await lastLinesSince(`${path}.none`, 0)).toBe('')
})
