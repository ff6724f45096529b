import { deflateRawSync } from 'node:zlib'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { changeConsent } from '../../../src/contacts/consent/change-consent.ts'
import { changeContact, createContact } from '../../../src/contacts/contacts.ts'
import { saveField } from '../../../src/contacts/fields.ts'
import { workOnImports } from '../../../src/contacts/imports/import-jobs.ts'
import { lookAgain, readImport, runImport } from '../../../src/contacts/imports/imports.ts'
import { runStep } from '../../../src/contacts/imports/run.ts'
import { createList } from '../../../src/contacts/lists.ts'
import { suppress } from '../../../src/delivery/suppression/suppress.ts'
import { namersOfList } from '../../../src/namers-of-list.ts'
import { importing } from './support.ts'

const person = (i: number) => [`p${i}@example.org`, `First${i}`, `Last${i}`]

test('a file of which 1,662 of 2,100 rows are glued is refused with the reason, and read whole when they are split', async () => {
  const w = await importing()
  const rows = Array.from({ length: 2_100 }, (_, i) => (i < 438 ? [...person(i), ''].join(',') : `${person(i).join(';')};`))
  const taken = await w.take(`Email,First name,Last name,Data\n${rows.join('\n')}\n`)
  // The first look sees what most rows are separated by; somebody says otherwise, as the header does.
  expect(taken.shape).toMatchObject({ delimiter: ';', headerDelimiter: ',' })
  const checked = await w.check(taken, { delimiter: ',' })
  expect(checked.counts).toMatchObject({ rows: 2_100, new: 438, refused: 1_662, glued: { ';': 1_662 } })
  await expect(w.run(taken.id, true)).rejects.toThrow(
    "1,662 rows hold ';' inside the address: this file is separated by semicolons.",
  )
  const told = await w.rows(taken.id)
  expect(told.filter(({ verdict }) => verdict === 'refused')).toHaveLength(1_662)
  expect(told[438]).toMatchObject({ line: 440, verdict: 'refused', raw: 'p438@example.org;First438;Last438;' })
  expect(await w.addresses()).toEqual([])
  const split = await w.check(taken, { delimiter: ',', splitGlued: true })
  expect(split.counts).toMatchObject({ new: 2_100, refused: 0, repaired: 1_662 })
  expect((await w.run(taken.id)).counts).toMatchObject({ added: 2_100 })
  const { rows: stored } =
    await sql`select first_name as first, last_name as last, name from contact where name like 'First2099%'`.execute(
      w.database.db,
    )
  expect(stored).toEqual([{ first: 'First2099', last: 'Last2099', name: 'First2099 Last2099' }])
})

test('the template of another tool saved by a European spreadsheet, a comma header over semicolon rows, and rows quoted as one cell', async () => {
  const w = await importing()
  const four = await w.take(
    `\ufeffEmail;First name;Last name;Data\r\n${[1, 2].map((i) => `${person(i).join(';')};`).join('\r\n')}\r\n`,
  )
  expect((await w.check(four)).counts).toMatchObject({ rows: 2, new: 2, refused: 0 })
  const mixed = await w.take(`Email,First name,Last name,Data\n${[1, 2].map((i) => person(i).join(';')).join('\n')}\n`)
  expect(mixed.shape).toMatchObject({ delimiter: ';', headerDelimiter: ',' })
  expect((await w.check(mixed)).counts).toMatchObject({ rows: 2, new: 2, refused: 0 })
  const quoted = await w.take(`Email,First name,Last name,Data\n${[1, 2].map((i) => `"${person(i).join(',')}"`).join('\n')}\n`)
  const checked = await w.check(quoted, { columns: ['address', 'first_name', 'last_name', 'ignore'], delimiter: ';' })
  expect(checked.counts).toMatchObject({ refused: 2, glued: { ',': 2 } })
  expect(
    (await w.check(quoted, { columns: ['address', 'first_name', 'last_name', 'ignore'], delimiter: ';', splitGlued: true }))
      .counts,
  ).toMatchObject({
    new: 2,
    repaired: 2,
  })
})

test('every kind of row is named in the dry run, and the run does what it said', async () => {
  const w = await importing()
  const now = w.clock.now()
  const known = await w.inWorkspace((tx) =>
    createContact(tx, { addresses: ['known@example.org'], company: 'Old Ltd' }, w.actor, now),
  )
  const list = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, w.actor, now))
  const gone = { address: 'gone@example.org', stream: 'all', reason: 'unknown_address', deliveryId: null, note: '' } as const
  await w.inWorkspace((tx) => suppress(tx, w.workspaceId, [gone], null, now))
  await w.inWorkspace((tx) =>
    saveField(tx, { key: 'age', label: 'Age', type: 'number', options: [], isRequired: false, position: 0 }, w.actor, now),
  )
  const file = [
    'Mail;junk;First name;Company;Age;Status',
    'new@example.org;x;Nora;New Ltd;7;active',
    'KNOWN@example.org;x;Karl;New Ltd;;active',
    'new@example.org;x;Again;;;active',
    'gone@example.org;x;Gus;;;active',
    'left@example.org;x;Lea;;;inactive',
    '<mended@example.org>;x;Mia;;;active',
    'nobody;x;No;;;active',
    'old@example.org;x;Otto;;seven;active',
    ...Array.from({ length: 100 }, (_, i) => `p${i}@example.org;x;P;;;active`),
  ]
  const taken = await w.take(Buffer.from(file.join('\r\n'), 'utf16le'))
  expect(taken.shape).toMatchObject({ encoding: 'utf-16le', delimiter: ';' })
  const columns = ['address', 'ignore', 'first_name', 'company', 'field:age', 'status'] as const
  const checked = await w.check(taken, { columns, lists: [list.id], tags: ['fair'] })
  expect(checked.counts).toMatchObject({ rows: 108, new: 103, known: 1, repeated: 1, suppressed: 1, refused: 2, repaired: 1 })
  expect((await w.rows(taken.id)).filter(({ reason }) => reason !== '').map(({ line, reason }) => [line, reason])).toEqual([
    [4, 'The address is in line 2 already.'],
    [5, 'On the suppression list (unknown address): imported, and not mailed.'],
    [7, 'Read “<mended@example.org>” as mended@example.org.'],
    [8, expect.stringMatching(/^nobody is no address/)],
    [9, 'Age is a number, and “seven” is none.'],
  ])
  const done = await w.run(taken.id)
  expect(done).toMatchObject({ state: 'done', counts: { added: 104, changed: 1, subscribed: 103 } })
  const { rows: standing } = await sql<{
    status: string
    n: number
  }>`select status, count(*) as n from list_member group by 1 order by 1`.execute(w.database.db)
  expect(standing).toEqual([
    { status: 'subscribed', n: 103 },
    { status: 'unsubscribed', n: 1 },
  ])
  const { rows: proof } = await sql<{ wording: string; source: string }>`
    select distinct wording, source_id as source from consent_event`.execute(w.database.db)
  expect(proof).toEqual([{ wording: 'Asked at the fair', source: taken.id }])
  const { rows: karl } = await sql`select name, company, data from contact where id = ${known.id}`.execute(w.database.db)
  expect(karl).toEqual([{ name: 'Karl', company: 'Old Ltd', data: {} }])
})

test('an import is undone: whoever it added goes, what it changed is as before, and what somebody changed since stays and is counted', async () => {
  const w = await importing()
  const now = w.clock.now()
  const list = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, w.actor, now))
  const make = (address: string, change = {}) =>
    w.inWorkspace((tx) => createContact(tx, { addresses: [address], ...change }, w.actor, now))
  const ann = await make('ann@example.org', { company: 'Old Ltd', tags: ['vip'] })
  const bob = await make('bob@example.org', { company: 'Old Ltd' })
  const lea = await make('lea@example.org')
  await w.inWorkspace((tx) =>
    changeConsent(
      tx,
      w.workspaceId,
      [{ contactId: lea.id, listId: list.id, wants: 'unsubscribed' }],
      { source: 'recipient', actor: null },
      now,
    ),
  )
  const taken = await w.take(
    'mail,company\nann@example.org,New Ltd\nbob@example.org,New Ltd\nlea@example.org,\ncara@example.org,C\ndora@example.org,D\n',
  )
  await w.check(taken, { lists: [list.id], tags: ['vip', 'fair'], policy: 'overwrite' })
  const done = await w.run(taken.id)
  expect(done.counts).toMatchObject({ added: 2, changed: 2, kept: 1, subscribed: 4 })
  w.clock.advance(1_000)
  await w.inWorkspace((tx) => changeContact(tx, bob.id, { company: 'Newest Ltd' }, w.actor, w.clock.now()))
  const { rows: dora } = await sql<{
    id: typeof ann.id
  }>`select contact_id as id from contact_address where address = 'dora@example.org'`.execute(w.database.db)
  await w.inWorkspace((tx) => changeContact(tx, dora[0]?.id ?? ann.id, { note: 'Phoned' }, w.actor, w.clock.now()))
  const undone = await w.undo(taken.id)
  expect(undone).toMatchObject({ state: 'undone', counts: { undone: 3, stayed: 2 } })
  expect(await w.addresses()).toEqual(['ann@example.org', 'bob@example.org', 'dora@example.org', 'lea@example.org'])
  const { rows } = await sql<{ address: string; company: string; tags: string[]; status: string | null }>`
    select a.address, c.company, array(select tag from contact_tag t where t.contact_id = c.id order by 1) as tags,
           (select status from list_member m where m.contact_id = c.id) as status
      from contact c join contact_address a on a.contact_id = c.id order by 1`.execute(w.database.db)
  expect(rows).toEqual([
    { address: 'ann@example.org', company: 'Old Ltd', tags: ['vip'], status: null },
    { address: 'bob@example.org', company: 'Newest Ltd', tags: [], status: null },
    { address: 'dora@example.org', company: 'D', tags: ['fair', 'vip'], status: null },
    { address: 'lea@example.org', company: '', tags: [], status: 'unsubscribed' },
  ])
})

test('more than 2 % that cannot be read are imported past only when somebody says so', async () => {
  const w = await importing()
  const taken = await w.take(
    `mail\n${Array.from({ length: 40 }, (_, i) => (i < 2 ? `nobody ${i}` : `p${i}@example.org`)).join('\n')}`,
  )
  await w.check(taken)
  await expect(w.run(taken.id)).rejects.toThrow('2 of 40 rows cannot be read: more than 2 %.')
  expect((await w.run(taken.id, true)).counts.added).toBe(38)
})

test('whoever is killed in the middle leaves the rest to the next one, and nobody is added twice', async () => {
  const w = await importing()
  const taken = await w.take(`mail\n${Array.from({ length: 12_000 }, (_, i) => `p${i}@example.org`).join('\n')}`)
  await w.check(taken)
  await w.inWorkspace((tx) => runImport(tx, taken.id, { acceptInvalid: false }, w.actor, w.clock.now()))
  // A worker takes three stretches, and is gone while it holds the import.
  for (let step = 0; step < 3; step++) await w.database.transaction({ as: 'engine' }, (tx) => runStep(tx, taken, w.clock.now()))
  const half = await readImport(w.database.db, w.workspaceId, taken.id)
  expect([half.state, half.counts.added]).toEqual(['running', 6_000])
  expect(await workOnImports({ ...w, namersOfList })).toBe(0)
  w.clock.advance(31_000)
  expect(await workOnImports({ ...w, namersOfList })).toBe(1)
  const done = await readImport(w.database.db, w.workspaceId, taken.id)
  expect([done.state, done.counts.added, (await w.addresses()).length]).toEqual(['done', 12_000, 12_000])
})

test('nobody is imported without a word on how they agreed', async () => {
  const w = await importing()
  const taken = await w.take('mail\nann@example.org\n')
  await expect(w.check(taken, { consent: ' ' })).rejects.toThrow('Say how these people agreed')
  await expect(w.check(taken, { columns: ['ignore'] })).rejects.toThrow('One column holds the address.')
})

test('archives are unpacked, and a spreadsheet file is told how to become a list', async () => {
  const w = await importing()
  const taken = await w.take(
    zip({ 'a/one.csv': 'mail\nann@example.org\n', 'two.tsv': 'mail\nbob@example.org\n', 'readme.md': 'no' }),
    'people.zip',
  )
  expect((await w.check(taken)).counts).toMatchObject({ rows: 2, new: 2 })
  expect((await w.rows(taken.id)).map(({ file, line }) => [file, line])).toEqual([
    ['a/one.csv', 2],
    ['two.tsv', 2],
  ])
  await expect(w.take(zip({ 'xl/workbook.xml': '<x/>' }), 'people.xlsx')).rejects.toThrow(
    'This is a spreadsheet file, which is not read.',
  )
  await expect(w.take(Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'people.xls')).rejects.toThrow('spreadsheet file')
  await expect(w.take('')).rejects.toThrow('The file is empty.')
  const german = await w.take(Buffer.from('E-Mail;Vorname\nzoe@example.org;Zo\xeb\n', 'latin1'))
  expect(german.shape).toMatchObject({ encoding: 'windows-1252', guesses: ['address', 'first_name'] })
  expect(german.shape?.sample[1]).toEqual(['zoe@example.org', 'Zoë'])
  const again = await w.inWorkspace((tx) =>
    lookAgain(tx, german.id, { delimiter: ',', encoding: 'utf-8' }, w.actor, w.clock.now()),
  )
  expect(again.shape?.sample[1]).toHaveLength(1)
})

/** A small archive, as any tool writes it. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = deflateRawSync(text)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(content.length, 20)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), content)
    central.push(entry, Buffer.from(name))
    offset += 30 + name.length + content.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...central, end])
}
