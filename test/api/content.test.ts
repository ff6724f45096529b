import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { prepareAll } from '../../src/campaigns/jobs.ts'
import { MAX_TEMPLATES } from '../../src/templates/library/template-entry.ts'
import { createMjmlReader } from '../../src/templates/mjml/mjml.ts'
import { createOwn } from '../../src/tracking/personalise.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

const post = (path: string, body: object = {}) => ask(api, 'POST', path, { ...ann, body })
const get = (path: string) => ask(api, 'GET', path, ann)
const CONTENT = { format: 'html', subject: 'Hi {{ contact.first_name }}', body: '<p>x</p>', text: null, to_name: '', fields: [] }

async function aList(people: readonly { readonly first_name?: string; readonly data?: object }[]) {
  const list = (await post('/v1/lists', { name: `News ${crypto.randomUUID().slice(0, 8)}` })).body
  const ids: string[] = []
  for (const person of people) {
    const made = await post('/v1/contacts', { name: 'Somebody', ...person, addresses: [`${crypto.randomUUID()}@example.org`] })
    expect(made.status, made.text).toBe(201)
    ids.push(made.body.id)
    const on = { status: 'subscribed', reason: 'At the fair' }
    expect((await ask(api, 'PUT', `/v1/contacts/${made.body.id}/lists/${list.id}`, { ...ann, body: on })).status).toBe(200)
  }
  return { id: list.id as string, contacts: ids }
}

async function aDraft(content: object, lists: readonly string[] = []) {
  const body = { name: 'Spring', sender: 'Shop <news@example.com>', content, audience: { kind: 'lists', lists } }
  const made = await post('/v1/campaigns', body)
  expect(made.status, made.text).toBe(201)
  return made.body
}

test('a text is read as a chosen person reads it, saved or not; what is wrong is told with its line', async () => {
  const { contacts } = await aList([{ first_name: 'Zoë' }])
  const preview = await post('/v1/content/preview', {
    content: {
      ...CONTENT,
      preheader: 'See {{ contact.first_name }}',
      body: '<body><p>Dear {{ contact.first_name }} & {{ contact.city }}</p></body>',
      fields: [{ path: 'contact.city', fallback: 'you', required: false }],
    },
    contact_id: contacts[0],
  })
  expect(preview.body, preview.text).toMatchObject({
    problems: [],
    texts: { subject: 'Hi Zoë', html: expect.stringMatching(/^<body><div style="display:none[^>]+>See Zoë&#847;/) },
    paths: ['contact.city', 'contact.first_name'],
  })
  expect(preview.body.texts.html).toContain('Dear Zoë & you')
  expect(preview.body.texts.html).toContain('http://localhost:8025/u/test')
  const wrong = await post('/v1/content/preview', {
    content: { ...CONTENT, format: 'mjml', body: '<mjml>\n<mj-body>\n<mj-nothing/></mj-body></mjml>' },
  })
  expect(wrong.body).toMatchObject({ texts: null, problems: [{ where: 'body', line: 3 }] })
  const required = await post('/v1/content/preview', {
    content: { ...CONTENT, fields: [{ path: 'contact.shoe', fallback: '', required: true }] },
  })
  expect(required.body).toMatchObject({ texts: null, sentence: expect.stringContaining('contact.shoe') })
  expect((await ask(api, 'POST', '/v1/content/preview', { ...bob, body: { content: CONTENT } })).status).toBe(403)
  const frame = await get('/v1/content/frame')
  expect(frame.headers['content-security-policy']).toContain("default-src 'none'")
  expect(frame.headers['content-security-policy']).not.toContain('allow-scripts')
})

test('what is missing is counted on everybody who would get it, and for whom writing fails is found before', async () => {
  await post('/v1/contact-fields', { key: 'size', label: 'Size', type: 'number' })
  const { id } = await aList([
    { first_name: 'Zoë', data: { size: 3 } },
    { first_name: '', data: { size: 900_000_000 } },
    { first_name: '  ' },
    { first_name: 'Ida', data: { size: 1 } },
  ])
  const draft = await aDraft(
    {
      ...CONTENT,
      body: '<p>{% for n in (1..contact.size) %}{{ n }}{% endfor %} {{ contact.city }}</p><a href="http://shop.example">x</a><img src="https://shop.example/a.png">',
      fields: [
        { path: 'contact.first_name', fallback: 'friend', required: false },
        { path: 'contact.size', fallback: '', required: true },
      ],
    },
    [id],
  )
  const checks = await get(`/v1/campaigns/${draft.id}/checks`)
  expect(checks.body, checks.text).toMatchObject({
    people: 4,
    lacking: 1,
    fields: [
      { path: 'contact.first_name', declared: true, fallback: 'friend', empty: 2 },
      { path: 'contact.size', declared: true, required: true, empty: 1 },
      { path: 'contact.city', declared: false, empty: 4 },
    ],
    looked: 4,
    unrenderable: 1,
    examples: [{ sentence: expect.stringContaining('limit') }],
    html: { limit: 104_448 },
    text: { is_own: false },
    has_own_way_out: false,
    links: [{ url: 'http://shop.example', problem: 'not_encrypted' }, { url: 'http://localhost:8025/u/test' }],
    images: [{ problem: 'no_alt' }],
  })
  expect(checks.body.html.bytes).toBeGreaterThan(100)
  expect((await post(`/v1/campaigns/${draft.id}/checks/links`)).body.links).toMatchObject([
    { state: 'unreachable' },
    { state: 'not_asked' },
  ])
})

test('a test goes to mailboxes of one’s own, says so, counts nowhere, and its link to leave changes nothing', async () => {
  const { contacts } = await aList([{ first_name: 'Zoë' }])
  const draft = await aDraft({ ...CONTENT, body: '<p>Dear {{ contact.first_name }}</p>' })
  expect((await post(`/v1/campaigns/${draft.id}/test`)).body).toMatchObject({
    code: 'invalid_request',
    detail: expect.stringContaining('seed'),
  })
  const seeds = [
    { address: 'Ann@Example.org', name: 'Ann' },
    { address: 'ben@example.net', name: '' },
  ]
  expect((await ask(api, 'PUT', '/v1/seeds', { ...ann, body: { seeds } })).body.seeds[0].address).toBe('Ann@example.org')
  expect((await ask(api, 'PUT', '/v1/seeds', { ...ann, body: { seeds: [...seeds, seeds[0]] } })).status).toBe(422)
  const sent = await post(`/v1/campaigns/${draft.id}/test`, { contact_id: contacts[0] })
  expect(sent.status, sent.text).toBe(202)
  expect(sent.body.messages).toHaveLength(2)
  const raw = await get(`/v1/messages/${sent.body.messages[0].id}/raw`)
  expect(raw.text).toMatch(/^Subject: \[Test\] =\?utf-8|^Subject: \[Test\] Hi/im)
  expect(raw.text).toContain('List-Unsubscribe: <http://localhost:8025/u/test>')
  expect(raw.text).toMatch(/Dear Zo/)
  expect((await get(`/v1/campaigns/${draft.id}`)).body).toMatchObject({ candidates: 0, deliveries: {} })
  const page = await api.server.fastify.inject({ method: 'GET', url: '/u/test' })
  expect([page.statusCode, page.body]).toEqual([200, expect.stringContaining('This was a test')])
  const pressed = await api.server.fastify.inject({
    method: 'POST',
    url: '/u/test',
    payload: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(pressed.statusCode).toBe(200)
  expect((await post(`/v1/campaigns/${draft.id}/test`, { to: ['nobody'] })).body.code).toBe('invalid_address')
})

test('previews, checks and tests show what will really be sent: each version, marks on links, links that are counted, its place in the archive', async () => {
  const archive = { slug: 'seen-before', title: 'News', description: '', is_open: true }
  expect((await ask(api, 'PUT', '/v1/campaign-archive', { ...ann, body: archive })).status).toBe(200)
  const link = '<p><a href="https://shop.example/spring">Spring</a> {{ archive_url }}</p>'
  const body = {
    ...{ name: 'Spring', sender: 'Shop <news@example.com>', audience: { kind: 'lists', lists: [] }, is_public: true },
    content: { ...CONTENT, body: link },
    tracking: { opens: true, clicks: true },
    utm: { source: 'news', medium: 'email', campaign: '', content: '', term: '', domains: ['shop.example'] },
    ab: {
      variants: [{ subject: 'Other {{ contact.first_name }}', sender: null, content: null }],
      ...{ share: 20, measure: 'opened', after_minutes: 60, unclear: 'best' },
    },
  }
  const draft = await post('/v1/campaigns', body)
  expect(draft.status, draft.text).toBe(201)
  const path = `/v1/campaigns/${draft.body.id}`
  const address = `http://localhost:8025/a/seen-before/${draft.body.id}`
  const seen = await get(`${path}/preview?version=B`)
  expect(seen.body.texts, seen.text).toMatchObject({ subject: 'Other Ann', html: expect.stringContaining(address) })
  const unsaved = await post('/v1/content/preview', { content: { ...CONTENT, body: link }, campaign_id: draft.body.id })
  expect(unsaved.body.texts.html).toContain(address)
  expect((await get(`${path}/preview?version=C`)).body.code).toBe('not_found')

  const [plain, checks] = [await get(`${path}/checks`), await get(`${path}/checks?version=B`)]
  expect(checks.body, checks.text).toMatchObject({ subject: { text: 'Other Ann' }, counted_at: 'http://localhost:8025' })
  expect(checks.body.links[0].url).toMatch(/^https:\/\/shop\.example\/spring\?utm_source=news&utm_medium=email.*utm_content=b/)
  expect(plain.body.subject.text).toBe('Hi Ann')
  // With the letters of counted links, which no browser shows.
  expect(checks.body.html.bytes).toBeGreaterThan(seen.body.texts.html.length)

  const seeds = [{ address: 'ann@example.org', name: '' }]
  await ask(api, 'PUT', '/v1/seeds', { ...ann, body: { seeds } })
  const sent = await post(`${path}/test`)
  expect(sent.body.messages, sent.text).toHaveLength(2)
  const raws = await Promise.all(sent.body.messages.map(({ id }: { id: string }) => get(`/v1/messages/${id}/raw`)))
  expect(raws.map(({ text }) => /^Subject: (.*)$/im.exec(text)?.[1]?.trim())).toEqual(['[Test A] Hi Ann', '[Test B] Other Ann'])
  for (const { text } of raws) expect(text).not.toContain('href="https://shop.example/spring')
  expect((await get(path)).body).toMatchObject({ candidates: 0, deliveries: {} })
  expect((await post(`${path}/test`, { version: 'B' })).body.messages).toHaveLength(1)
})

test('lists that are replaced as a whole are one of those that were sent, also when several come at the same moment', async () => {
  const numbers = [0, 1, 2, 3, 4, 5]
  const said: readonly (readonly [string, readonly object[]])[] = [
    ['/v1/seeds', numbers.map((n) => ({ seeds: [{ address: `a${n % 2}@example.org`, name: `${n}` }] }))],
    ['/v1/campaign-caps', numbers.map((n) => ({ items: [{ list_id: null, mails: 3, days: 7 + n }] }))],
  ]
  for (const [path, bodies] of said) {
    const all = await Promise.all(bodies.map((body) => ask(api, 'PUT', path, { ...ann, body })))
    expect(all.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    expect(bodies).toContainEqual((await ask(api, 'GET', path, ann)).body)
  }
})

test('changes to one template at the same moment are all kept', async () => {
  const { id } = (await post('/v1/templates', { ready: 'letter' })).body
  const changes = [
    { name: 'Later' },
    { description: 'Said' },
    { fields: [{ path: 'contact.name', fallback: 'x', required: false }] },
  ]
  await Promise.all(changes.map((body) => ask(api, 'PATCH', `/v1/templates/${id}`, { ...ann, body })))
  expect((await get(`/v1/templates/${id}`)).body).toMatchObject({ version: 4, ...Object.assign({}, ...changes) })
})

test('of templates made at the same moment none is one too many', async () => {
  const { id } = (await post('/v1/templates', { ready: 'letter' })).body
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from template`.execute(api.deps.database.db)
  await sql`
    insert into template (workspace_id, id, name, description, format, body, blocks, fields, version, created_at, created_by, updated_at)
    select workspace_id, gen_random_uuid(), 'Filler ' || n, description, format, body, blocks, fields, 1, created_at, created_by, updated_at
      from template cross join generate_series(1, ${MAX_TEMPLATES - 2 - (rows[0]?.n ?? 0)}::int) as n where id = ${id}`.execute(
    api.deps.database.db,
  )
  const made = await Promise.all([1, 2, 3, 4, 5, 6].map(() => post('/v1/templates', { copy_of: id })))
  expect(made.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409, 409])
  expect(made.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'too_many_templates' })
  await sql`delete from template where name like 'Filler %'`.execute(api.deps.database.db)
})

test('templates are made, changed, doubled and removed; drafts follow them, what was started does not', async () => {
  const ready = await get('/v1/ready-templates')
  expect(ready.body.items.map(({ key }: { key: string }) => key)).toEqual(['letter', 'newsletter', 'announcement'])
  const body = '<p>{% slot content line %}nothing{% endslot %} v1</p>'
  const made = await post('/v1/templates', { name: 'Mine', format: 'html', body, fields: [] })
  expect(made.body, made.text).toMatchObject({ version: 1, blocks: null, slots: [{ name: 'content', kind: 'line' }] })
  const path = `/v1/templates/${made.body.id}`
  const { id } = await aList([{ first_name: 'Zoë' }])
  const draft = await aDraft(
    { ...CONTENT, body: '', template: { id: made.body.id, slots: { content: 'Hi {{ contact.first_name }}' } } },
    [id],
  )
  const seen = async () => (await get(`/v1/campaigns/${draft.id}/preview`)).body.texts?.html
  expect(await seen()).toMatch(/^<p>Hi Ann v1<\/p>/)
  expect((await ask(api, 'DELETE', path, ann)).body).toMatchObject({
    code: 'in_use',
    detail: expect.stringContaining('“Spring”'),
  })
  const change = (version: number) => ask(api, 'PATCH', path, { ...ann, body: { body: body.replace('v1', 'v2'), version } })
  expect((await change(1)).body).toMatchObject({ version: 2 })
  expect((await change(1)).body.code).toBe('changed_meanwhile')
  expect(await seen()).toMatch(/^<p>Hi Ann v2<\/p>/)

  expect((await post(`/v1/campaigns/${draft.id}/start`)).body).toMatchObject({ state: 'preparing' })
  expect((await ask(api, 'PATCH', path, { ...ann, body: { body: 'v3' } })).body).toMatchObject({ version: 3 })
  expect((await ask(api, 'DELETE', path, ann)).status).toBe(204)
  await prepare()
  expect((await get(`/v1/campaigns/${draft.id}`)).body).toMatchObject({
    campaign: { state: 'sending' },
    deliveries: { queued: 1 },
  })
  expect(await seen()).toMatch(/^<p>Hi Ann v2<\/p>/)

  const gone = await aDraft({ ...CONTENT, body: '', template: { id: made.body.id, slots: {} } }, [id])
  expect((await post(`/v1/campaigns/${gone.id}/start`)).body.detail).toContain('template that this uses is gone')
  const letter = await post('/v1/templates', { ready: 'letter' })
  expect((await post('/v1/templates', { copy_of: letter.body.id })).body.name).toBe('Plain letter (copy)')
  const shown = await post('/v1/templates/preview', { format: 'html', body, blocks: null, fields: [], slots: { content: '<b>' } })
  expect(shown.body.texts.html).toMatch(/^<p>&#60;b&#62; v1/)
})

test('MJML that cannot be read gives a started campaign back to whoever wrote it, with the reason, and nobody gets anything', async () => {
  const { id } = await aList([{ first_name: 'Zoë' }])
  const draft = await aDraft({ ...CONTENT, format: 'mjml', body: '<mjml><mj-body>\n<mj-oops /></mj-body></mjml>' }, [id])
  expect((await post(`/v1/campaigns/${draft.id}/start`)).body).toMatchObject({ state: 'preparing' })
  await prepare()
  expect((await get(`/v1/campaigns/${draft.id}`)).body).toMatchObject({
    campaign: { state: 'draft', reason: { code: 'not_written', sentence: expect.stringMatching(/Line 2: .*mj-oops/) } },
    candidates: 0,
  })
  const right = {
    ...CONTENT,
    format: 'mjml',
    body: '<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>',
  }
  await ask(api, 'PATCH', `/v1/campaigns/${draft.id}`, { ...ann, body: { content: right } })
  await post(`/v1/campaigns/${draft.id}/start`)
  await prepare()
  expect((await get(`/v1/campaigns/${draft.id}`)).body).toMatchObject({ campaign: { state: 'sending', reason: null } })
})

test('images are shown to anybody who has their address, as pictures and nothing else, until they are removed', async () => {
  const added = await post('/v1/images', { name: 'Häfen.svg', alt: 'A dot', content: GIF })
  expect(added.body, added.text).toMatchObject({ name: 'Hafen.gif', content_type: 'image/gif', width: 1, height: 1 })
  expect((await post('/v1/images', { name: 'again', content: GIF })).body.id).toBe(added.body.id)
  expect((await post('/v1/images', { name: 'x.png', content: btoa('<svg onload="alert(1)">') })).body.code).toBe('not_a_picture')
  const at = new URL(added.body.url).pathname
  const shown = await api.server.fastify.inject({ method: 'GET', url: at })
  expect(shown.statusCode).toBe(200)
  expect(shown.rawPayload.equals(Buffer.from(GIF, 'base64'))).toBe(true)
  expect(shown.headers).toMatchObject({
    'content-type': 'image/gif',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
  })
  const again = { 'if-none-match': String(shown.headers.etag) }
  expect((await api.server.fastify.inject({ method: 'GET', url: at, headers: again })).statusCode).toBe(304)
  expect((await api.server.fastify.inject({ method: 'HEAD', url: at })).headers['content-length']).toBe('42')
  expect(
    (await api.server.fastify.inject({ method: 'GET', url: at.replace(/\/i\/[^/]+/, `/i/${'A'.repeat(24)}`) })).statusCode,
  ).toBe(404)

  const path = `/v1/images/${added.body.id}`
  await aDraft({ ...CONTENT, body: `<img src="${added.body.url}" alt="">` })
  expect((await get(path)).body.campaigns).toMatchObject([{ name: 'Spring' }])
  expect((await ask(api, 'DELETE', path, ann)).body.code).toBe('in_use')
  expect((await ask(api, 'PATCH', path, { ...ann, body: { alt: 'A point' } })).body.alt).toBe('A point')
  expect((await ask(api, 'DELETE', `${path}?even_if_used=1`, ann)).status).toBe(204)
  expect((await api.server.fastify.inject({ method: 'GET', url: at })).statusCode).toBe(404)
})

async function prepare() {
  const { database, blobs, clock, secrets } = api.deps
  const url = 'https://waybill.example.com'
  const mjml = createMjmlReader()
  await prepareAll({
    database,
    blobs,
    mjml,
    tracking: { database, url },
    ownOf: createOwn({ secrets, url }),
    takesMail: async () => false,
    replyInbox: async () => null,
    wake: () => {},
    now: () => clock.now(),
  })
  await mjml.close()
}
