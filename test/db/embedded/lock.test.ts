import { existsSync } from 'node:fs'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AlreadyRunning, lockFolder, lockOwner } from '../../../src/db/embedded/lock.ts'
import { temporaryFolder } from '../../support/embedded-postgres.ts'

const connection = { host: '/socket', port: 5432, user: 'waybill', database: 'waybill' }

test('the owner is named, says how its database is reached, and is gone after release', async () => {
  const folder = await temporaryFolder()
  const lock = await lockFolder(folder)
  expect(await lockOwner(folder)).toMatchObject({ pid: process.pid, connection: null })
  await lock.publish(connection)
  expect(await lockOwner(folder)).toMatchObject({ pid: process.pid, connection })
  await expect(lockFolder(folder)).rejects.toBeInstanceOf(AlreadyRunning)
  await lock.release()
  expect(await lockOwner(folder)).toBeNull()
  expect(await readdir(folder)).toEqual([])
})

test.each([
  ['a process that is gone', { pid: 4_194_303, since: 'long ago' }],
  ['a process whose number another one has now', { pid: process.pid, since: 'long ago' }],
  ['nobody, because it is damaged', 'not json'],
])('a lock held by %s is broken', async (_, left) => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'waybill.lock'), JSON.stringify(left))
  const lock = await lockFolder(folder)
  expect(await lockOwner(folder)).toMatchObject({ pid: process.pid })
  await lock.release()
})

test('of many that find the same dead lock one gets the folder', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'waybill.lock'), JSON.stringify({ pid: 4_194_303, since: 'long ago' }))
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
  expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
})

test('a lock that was being broken by one that died meanwhile is broken all the same', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'waybill.lock'), JSON.stringify({ pid: 4_194_303, since: 'long ago' }))
  await writeFile(join(folder, 'waybill.lock.breaking'), '4194303')
  await utimes(join(folder, 'waybill.lock.breaking'), new Date(0), new Date(0))
  await (await lockFolder(folder)).release()
  expect(existsSync(join(folder, 'waybill.lock.breaking'))).toBe(false)
})
