import { deflateRawSync } from 'node:zlib'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { changeConsent, type ListId } from '../../../src/contacts/consent/change-consent.ts'
import { createContact } from '../../../src/contacts/contacts.ts'
import { saveField } from '../../../src/contacts/fields.ts'
import { changeList, createList, listLists } from '../../../src/contacts/lists.ts'
import { createSegment } from '../../../src/contacts/segments/segments.ts'
import { campaignsOf } from '../../support/campaign.ts'
import type { World } from '../../support/world.ts'
import { importing } from '../imports/support.ts'

const KEILA = [
  'Email,First name,Last name,Data,Status,External ID',
  'ann@example.org,Ann,Lee,"{""plan"":""pro"",""city"":""Leipzig""}",active,a-1',
  'gone@example.org,Gus,Ray,,unsubscribed,',
  'dead@example.org,Dora,Day,,unreachable,',
  'odd@example.org,Odd,One,,inactive,',
].join('\r\n')

const listmonkList = (id: number, name: string, optin: string, status: string, more: object = {}) => ({
  ...{ id, uuid: `00000000-0000-4000-8000-00000000000${id}`, name, type: id === 1 ? 'public' : 'private', optin, tags: [] },
  ...{
    subscription_status: status,
    subscription_created_at: '2024-02-01T09:00:00Z',
    subscription_updated_at: '2024-02-01T10:00:00Z',
  },
  ...more,
})
const subscriber = (n: number, email: string, status: string, lists: object[], attribs: object = {}) => ({
  ...{ id: n, uuid: `10000000-0000-4000-8000-00000000000${n}`, email, name: email.split('@')[0], status, attribs, lists },
  created_at: '2024-01-01T00:00:00Z',
})
const LISTMONK = {
  data: {
    results: [
      subscriber(1, 'ann@example.org', 'enabled', [
        listmonkList(1, 'News', 'double', 'confirmed', { subscription_meta: { optin_ip: '203.0.113.7' } }),
        listmonkList(2, 'Offers', 'single', 'unconfirmed'),
      ]),
      subscriber(2, 'bob@example.org', 'enabled', [listmonkList(1, 'News', 'double', 'unconfirmed')], { plan: 'free' }),
      subscriber(3, 'cat@example.org', 'enabled', [listmonkList(1, 'News', 'double', 'unsubscribed')]),
      subscriber(4, 'bad@example.org', 'blocklisted', [listmonkList(1, 'News', 'double', 'confirmed')]),
    ],
    ...{ total: 4, per_page: 50, page: 1 },
  },
}

async function standings(w: World): Promise<Record<string, string>> {
  const { rows } = await sql<{ key: string; status: string }>`
    select a.address || ' ' || l.name as key, m.status
      from list_member as m join contact_address as a using (workspace_id, contact_id) join contact_list as l on l.id = m.list_id
     where a.is_primary order by 1`.execute(w.database.db)
  return Object.fromEntries(rows.map(({ key, status }) => [key, status]))
}

async function barred(w: World): Promise<Record<string, string>> {
  const { rows } = await sql<{ address: string; said: string }>`
    select address, stream || ': ' || reason || ', ' || note as said from suppression where stream not like 'list:%' order by 1`.execute(
    w.database.db,
  )
  return Object.fromEntries(rows.map(({ address, said }) => [address, said]))
}

const planField = { key: 'plan', label: 'Plan', type: 'text' as const, options: [], isRequired: false, position: 0 }

test('a CSV of Keila is known by its header; whoever left or could not be reached there gets no newsletter here, and nobody is brought back', async () => {
  const w = await importing()
  await w.inWorkspace((tx) => saveField(tx, planField, w.actor, w.clock.now()))
  const news = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, w.actor, w.clock.now()))
  const taken = await w.take(KEILA)
  expect(taken.shape).toMatchObject({
    source: 'keila',
    guesses: ['address', 'first_name', 'last_name', 'data', 'status', 'external_id'],
  })
  const checked = await w.check(taken, { lists: [news.id] })
  expect(checked.counts).toMatchObject({ new: 4, statuses: { active: 1, unsubscribed: 1, unreachable: 1, inactive: 1 } })
  expect(await barred(w)).toEqual({})
  await w.run(taken.id)
  expect(await standings(w)).toEqual({
    'ann@example.org News': 'subscribed',
    'gone@example.org News': 'unsubscribed',
    'dead@example.org News': 'unsubscribed',
    'odd@example.org News': 'unsubscribed',
  })
  expect(await barred(w)).toEqual({
    'gone@example.org': 'bulk: unsubscribed, “unsubscribed” in Keila',
    'odd@example.org': 'bulk: unsubscribed, “inactive” in Keila',
    'dead@example.org': 'bulk: unknown_address, “unreachable” in Keila',
  })
  const { rows } = await sql`select data, external_id as id from contact where first_name = 'Ann'`.execute(w.database.db)
  expect(rows).toEqual([{ data: { plan: 'pro' }, id: 'a-1' }])
})

test('undoing an import lifts what it kept from newsletters, unless another import or somebody since says so too', async () => {
  const w = await importing()
  await w.inWorkspace((tx) => saveField(tx, planField, w.actor, w.clock.now()))
  const news = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, w.actor, w.clock.now()))
  const [first, second] = [await w.take(KEILA), await w.take(KEILA, 'again.csv')]
  await w.check(first, { lists: [news.id] })
  await w.run(first.id)
  // Somebody here takes one off the list, and puts them there again for a reason of their own.
  await sql`update suppression set created_at = created_at + interval '1 minute', source = 'person' where address = 'odd@example.org'`.execute(
    w.database.db,
  )
  await w.check(second, { lists: [news.id] })
  await w.run(second.id)
  expect((await w.undo(first.id)).counts).toMatchObject({ lifted: 0, stillSuppressed: 3 })
  expect(Object.keys(await barred(w))).toHaveLength(3)
  expect((await w.undo(second.id)).counts).toMatchObject({ lifted: 2, stillSuppressed: 1 })
  expect(Object.keys(await barred(w))).toEqual(['odd@example.org'])
})

test('what listmonk answers brings its lists along: each person stands with them as there, with the proof; whoever is blocked leaves all', async () => {
  const w = await importing()
  const taken = await w.take(JSON.stringify(LISTMONK, null, 2), 'subscribers.json')
  expect(taken.shape).toMatchObject({
    source: 'listmonk',
    lists: [
      { name: 'News', isPublic: true, optIn: 'double' },
      { name: 'Offers', isPublic: false, optIn: 'single' },
    ],
  })
  expect((await w.check(taken)).counts).toMatchObject({ new: 4, refused: 0, statuses: { enabled: 3, blocklisted: 1 } })
  expect(await listLists(w.database.db, w.workspaceId)).toEqual([])
  await w.run(taken.id)
  expect(await standings(w)).toEqual({
    'ann@example.org News': 'subscribed',
    'ann@example.org Offers': 'subscribed',
    'bob@example.org News': 'pending',
    'cat@example.org News': 'unsubscribed',
    'bad@example.org News': 'unsubscribed',
  })
  expect(await barred(w)).toEqual({ 'bad@example.org': 'bulk: manual, “blocklisted” in listmonk' })
  const { rows } = await sql`
    select wording, host(ip) as ip, is_override as confirmed from consent_event as e join contact_list as l on l.id = e.list_id
     where e.address = 'ann@example.org' and l.name = 'News'`.execute(w.database.db)
  expect(rows).toEqual([
    {
      wording: 'Asked at the fair (confirmed in listmonk on 2024-02-01T10:00:00Z from 203.0.113.7)',
      ip: '203.0.113.7',
      confirmed: true,
    },
  ])
  // The same file again changes nobody, and an undo of it leaves what the first one did.
  const again = await w.take(JSON.stringify(LISTMONK), 'again.json')
  await w.check(again)
  expect((await w.run(again.id)).counts).toMatchObject({ added: 0, subscribed: 0 })
  expect((await w.undo(again.id)).counts.madeLists).toBeUndefined()
  expect(Object.keys(await standings(w))).toHaveLength(5)
  expect((await w.undo(taken.id)).counts.madeLists).toEqual([
    { name: 'News', why: null },
    { name: 'Offers', why: null },
  ])
  expect(await w.addresses()).toEqual([])
  expect(await listLists(w.database.db, w.workspaceId)).toEqual([])
})

test('a list that an import made stays after its undo where anybody else uses it, and says why', async () => {
  const w = await importing()
  const lists = ['On it', 'Sent to', 'Asked about', 'Answered', 'Renamed', 'Untouched']
  const people = [
    subscriber(
      1,
      'ann@example.org',
      'enabled',
      lists.map((name, i) => listmonkList(i + 1, name, 'single', 'confirmed')),
    ),
  ]
  const taken = await w.take(JSON.stringify({ data: { ...LISTMONK.data, results: people } }), 'subscribers.json')
  await w.check(taken)
  await w.run(taken.id)
  const made = new Map((await listLists(w.database.db, w.workspaceId)).map(({ name, id }) => [name, id]))
  const idOf = (name: string) => made.get(name) as ListId
  const c = campaignsOf(w)
  w.clock.advance(1_000)
  const now = w.clock.now()
  const other = await c.engine((tx) => createContact(tx, { addresses: ['other@example.org'] }, c.actor, now))
  const put = (list: string, wants: 'subscribed' | 'unsubscribed') =>
    c.engine((tx) =>
      changeConsent(
        tx,
        w.workspaceId,
        [{ contactId: other.id, listId: idOf(list), wants }],
        { source: 'recipient', actor: null },
        now,
      ),
    )
  await put('On it', 'subscribed')
  await put('Answered', 'subscribed')
  await c.draft([idOf('Sent to')], { name: 'Spring' })
  const tree = { kind: 'list' as const, list: idOf('Asked about'), status: 'subscribed' as const }
  await c.engine((tx) => createSegment(tx, { name: 'Readers', tree }, c.actor, now))
  await c.engine((tx) => changeList(tx, idOf('Renamed'), { name: 'Renamed since' }, c.actor, now))
  await sql`delete from list_member where list_id = ${idOf('Answered')} and contact_id = ${other.id}`.execute(w.database.db)
  const { counts } = await w.undo(taken.id)
  expect(Object.fromEntries((counts.madeLists ?? []).map(({ name, why }) => [name, why]))).toEqual({
    'On it': 'One person is on it.',
    'Sent to': 'It is named by the campaign “Spring”.',
    'Asked about': 'It is named by the segment “Readers”.',
    Answered: 'What people said about it otherwise than by this import is kept as the proof.',
    'Renamed since': 'Somebody changed it since.',
    Untouched: null,
  })
  expect((await listLists(w.database.db, w.workspaceId)).map(({ name }) => name)).not.toContain('Untouched')
})

test('pages of Keila’s interface in one archive are one import; who confirmed there is on a list that wants it, others are to confirm', async () => {
  const w = await importing()
  const list = await w.inWorkspace((tx) => createList(tx, { name: 'News', optIn: 'double' }, w.actor, w.clock.now()))
  const contact = (email: string, at: string | null) => ({
    id: 'c',
    email,
    first_name: 'A',
    last_name: 'B',
    status: 'active',
    data: null,
    double_opt_in_at: at,
  })
  const page = (n: number, contacts: object[]) => ({ data: contacts, meta: { page: n, page_count: 2, count: 2 } })
  const zip = zipOf({
    'page-0.json': JSON.stringify(page(0, [contact('ann@example.org', '2023-05-06T07:08:09Z')])),
    'page-1.json': JSON.stringify(page(1, [contact('bob@example.org', null)])),
  })
  const taken = await w.take(zip, 'contacts.zip')
  expect(taken.shape?.source).toBe('keila')
  await w.check(taken, { lists: [list.id] })
  await w.run(taken.id)
  expect(await standings(w)).toEqual({ 'ann@example.org News': 'subscribed', 'bob@example.org News': 'pending' })
  const { rows } = await sql<{ wording: string }>`select wording from consent_event where became = 'subscribed'`.execute(
    w.database.db,
  )
  expect(rows[0]?.wording).toBe('Asked at the fair (confirmed in Keila on 2023-05-06T07:08:09.000Z)')
})

test('other JSON is refused in words, and a text that begins with a bracket is a text', async () => {
  const w = await importing()
  await expect(w.take('{"hello": "world"}', 'x.json')).rejects.toThrow(
    /no list of contacts of Keila .* or subscribers of listmonk/,
  )
  const taken = await w.take('[Mail],[Name]\nann@example.org,Ann\n')
  expect(taken.shape?.guesses[0]).toBe('address')
})

function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const packed = deflateRawSync(Buffer.from(text))
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(8, 8)
    local.writeUInt32LE(packed.length, 18)
    local.writeUInt32LE(text.length, 22)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(text.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    locals.push(local, Buffer.from(name), packed)
    central.push(entry, Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const size = central.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, ...central, end])
}
