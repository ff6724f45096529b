import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptSecret, makeDataFolder } from '../../src/db/data-folder.ts'
import { temporaryFolder } from '../support/embedded-postgres.ts'

test('the secret is made once, for its owner alone, and stays the same', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const secret = await keptSecret(dataDir)
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect((await stat(join(dataDir, 'secret'))).mode & 0o777).toBe(0o600)
  expect(await keptSecret(dataDir)).toBe(secret)
  expect(await keptSecret(join(await temporaryFolder(), 'data'))).not.toBe(secret)
})

test('a damaged secret is refused, never replaced: what it sealed would be lost', async () => {
  const dataDir = await temporaryFolder()
  await writeFile(join(dataDir, 'secret'), 'short\n')
  await expect(keptSecret(dataDir)).rejects.toThrow(
    /The secret in .* is damaged\. Restore it from a backup, or set WAYBILL_SECRET/,
  )
  expect(await readFile(join(dataDir, 'secret'), 'utf8')).toBe('short\n')
})

test('the data folder cannot be listed by others', async () => {
  const dataDir = await makeDataFolder(join(await temporaryFolder(), 'a', 'data'))
  expect((await stat(dataDir)).mode & 0o066).toBe(0)
})
