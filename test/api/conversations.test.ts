import { expect, test } from 'vitest'
import { anApi, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const get = (url: string, by: object = ann) => ask(api, 'GET', url, by)
const post = (url: string, body: unknown, by: object = ann) => ask(api, 'POST', url, { ...by, body })
const put = (url: string, body: unknown, by: object = ann) => ask(api, 'PUT', url, { ...by, body })

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const inbox = (await post('/v1/inboxes', { name: 'Support', address: 'support@example.com' })).body

async function called(subject = 'A call', html = '<p>Where is it?</p>', files: string[] = []): Promise<number> {
  const body = { inbox_id: inbox.id, channel: 'phone', customer: 'Bob <bob@customer.example>', subject, html, files }
  return (await post('/v1/conversations', body)).body.number
}
async function upload(filename: string, contentType: string, content: string): Promise<string> {
  return (await post('/v1/uploads', { filename, content_type: contentType, content })).body.id
}
const CONTENT = {
  from: null,
  to: ['bob@customer.example'],
  cc: [],
  bcc: [],
  subject: null,
  html: '<p>Soon</p>',
  quote: 'none',
  files: [],
  items: null,
  inbox_id: null,
}

test('a conversation is read by its number and by its id, and in pages', async () => {
  const number = await called()
  for (let i = 0; i < 5; i += 1) await post(`/v1/conversations/${number}/notes`, { html: `<p>note ${i}</p>` })
  const whole = (await get(`/v1/conversations/${number}`)).body
  expect((await get(`/v1/conversations/${whole.id}`)).body).toEqual(whole)
  expect(whole).toMatchObject({
    number,
    requester: { name: 'Bob', address: 'bob@customer.example' },
    older: null,
    may_write: true,
  })
  const last = (await get(`/v1/conversations/${number}?limit=2`)).body
  expect(last.items.map(({ text }: { text: string }) => text)).toEqual(['note 3', 'note 4'])
  const before = (await get(`/v1/conversations/${number}?limit=2&before=${last.older}`)).body
  expect(before.items.map(({ text }: { text: string }) => text)).toEqual(['note 1', 'note 2'])
  expect((await get('/v1/conversations/4711')).status).toBe(404)
})

test('files are downloads with names of ours; only pictures are shown, and SVG is none', async () => {
  const svg = await upload('../evil.svg', 'image/svg+xml', Buffer.from('<svg onload="alert(1)"/>').toString('base64'))
  const png = await upload('map.png', 'image/png', PIXEL)
  const number = await called('Files', '<p>See</p>', [svg, png])
  const [item] = (await get(`/v1/conversations/${number}`)).body.items
  expect(item.files.map(({ is_picture }: { is_picture: boolean }) => is_picture)).toEqual([false, true])
  const file = (ordinal: number) => get(`/v1/conversations/${number}/items/${item.id}/files/${ordinal}?inline=1`)
  const [first, second] = [await file(0), await file(1)]
  expect(first.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' })
  expect(first.headers['content-disposition']).toMatch(/^attachment; filename="_evil\.svg"/)
  expect(second.headers['content-type']).toBe('image/png')
  expect(second.headers['content-disposition']).toBeUndefined()
  expect((await get(`/v1/uploads/${svg}/content`)).headers['content-disposition']).toMatch(/^attachment/)
})

test('foreign HTML is a page without script, with the pictures that came with it and no others', async () => {
  const png = await upload('map.png', 'image/png', PIXEL)
  const html = `<table><tr><td><img src="/v1/uploads/${png}/content"><img src="https://track.example/1.gif"><script>alert(1)</script></td></tr></table>`
  const number = await called('Rich', html)
  const [item] = (await get(`/v1/conversations/${number}`)).body.items
  expect(item).toMatchObject({ html: null, is_rich: true, has_remote_images: true })
  const page = await get(`/v1/conversations/${number}/items/${item.id}/html`)
  expect(page.headers['content-security-policy']).toMatch(/sandbox [^;]*;.*default-src 'none'/)
  expect(page.headers['content-security-policy']).not.toContain('allow-scripts')
  expect(page.text).toContain('data:image/png;base64,')
  expect(page.text).not.toMatch(/script|track\.example/)
  expect((await get(`/v1/conversations/${number}/items/${item.id}/html?images=1`)).text).toContain('track.example')
})

test('a draft is kept by version, and is seen but not read by others', async () => {
  const number = await called('Draft')
  const url = `/v1/conversations/${number}/drafts/reply`
  expect((await put(url, { version: 0, content: CONTENT })).body).toMatchObject({ version: 1, preview: 'Soon' })
  expect((await put(url, { version: 0, content: CONTENT })).body.code).toBe('draft_changed')
  expect((await put(url, { version: null, content: { ...CONTENT, html: '<p>Later</p>' } })).body.version).toBe(2)
  const eva = await memberOf(api, ann, 'Eva', 'agent')
  expect((await get(`/v1/conversations/${number}/drafts`, eva)).body.items).toEqual([])
  expect((await get(`/v1/conversations/${number}`, eva)).body.drafts).toMatchObject([{ mode: 'reply' }])
  await ask(api, 'DELETE', url, ann)
  expect((await get(`/v1/conversations/${number}/drafts`)).body.items).toEqual([])
  const key = await keyOf(api, ann)
  expect((await get(`/v1/conversations/${number}/drafts`, key)).body.code).toBe('person_needed')
})

test('a note is corrected with its history, and hidden without being lost; what a customer wrote is theirs', async () => {
  const number = await called('Edit')
  const note = (await post(`/v1/conversations/${number}/notes`, { html: '<p>He is <b>angry</b></p>' })).body.item_id
  const at = `/v1/conversations/${number}/items/${note}`
  expect((await ask(api, 'PATCH', at, { ...ann, body: { html: '<p>He is calm</p>' } })).status).toBe(204)
  expect((await get(`${at}/versions`)).body.items).toMatchObject([
    { version: 1, text: 'He is angry', html: '<p>He is <b>angry</b></p>' },
  ])
  await ask(api, 'PATCH', at, { ...ann, body: { hidden: true } })
  const shown = (await get(`/v1/conversations/${number}`)).body.items.find(({ id }: { id: string }) => id === note)
  expect(shown).toMatchObject({ text: 'He is calm', hidden_at: expect.any(String), edited_at: expect.any(String) })
  const sent = (await post(`/v1/conversations/${number}/replies`, { to: ['bob@customer.example'], html: '<p>Soon</p>' })).body
  expect(
    (await ask(api, 'PATCH', `/v1/conversations/${number}/items/${sent.item_id}`, { ...ann, body: { html: '' } })).body.code,
  ).toBe('nothing_written')
  const raw = await get(`/v1/conversations/${number}/items/${sent.item_id}/raw`)
  expect(raw.text).toContain('To: bob@customer.example')
  const original = (await get(`/v1/conversations/${number}/items/${sent.item_id}/original`)).body
  expect(original.headers.find(({ name }: { name: string }) => name === 'Message-ID').value).toMatch(
    /^<r\.[a-z2-7]{42}@example\.com>$/,
  )
})

test('correcting a note keeps its pictures', async () => {
  const number = await called('Picture')
  const png = await upload('map.png', 'image/png', PIXEL)
  const note = (await post(`/v1/conversations/${number}/notes`, { html: `<p>Here <img src="/v1/uploads/${png}/content"></p>` }))
    .body.item_id
  const shown = async () => (await get(`/v1/conversations/${number}`)).body.items.find(({ id }: { id: string }) => id === note)
  const before = (await shown()).html
  expect(before).toContain('/files/0?inline=1')
  await ask(api, 'PATCH', `/v1/conversations/${number}/items/${note}`, {
    ...ann,
    body: { html: before.replace('Here', 'There') },
  })
  expect((await shown()).html).toBe(before.replace('Here', 'There'))
})

test('an answer says which field is wrong, and who only reads cannot answer', async () => {
  const number = await called('Wrong')
  const reply = (body: object, by: object = ann) => post(`/v1/conversations/${number}/replies`, { html: '<p>x</p>', ...body }, by)
  expect((await reply({ to: ['bob@customer.example', 'not an address'] })).body).toMatchObject({
    code: 'invalid_address',
    pointer: '/to/1',
  })
  expect((await reply({ to: [] })).body.code).toBe('recipient_needed')
  expect((await reply({ to: ['bob@customer.example'], from: 'boss@example.com' })).body.code).toBe('sender_not_of_inbox')
  expect((await reply({ to: ['bob@customer.example'], html: '<p> </p>' })).body.code).toBe('nothing_written')
  const viewer = await memberOf(api, ann, 'Vera', 'viewer')
  expect((await get(`/v1/conversations/${number}`, viewer)).body.may_write).toBe(false)
  expect((await reply({ to: ['bob@customer.example'] }, viewer)).status).toBe(403)
})

test('saved replies lie in folders, and are filled in for whom they answer', async () => {
  const folder = (await post('/v1/saved-replies', { name: 'Parcels', is_folder: true })).body
  const saved = (
    await post('/v1/saved-replies', {
      name: 'Lost',
      parent_id: folder.id,
      html: '<p>Dear {{ contact.first_name | customer }} (#{{conversation.number}})</p>',
    })
  ).body
  expect((await post('/v1/saved-replies', { name: 'x', html: '{{ contact.shoe }}' })).body).toMatchObject({
    code: 'invalid_request',
    pointer: '/html',
  })
  expect((await ask(api, 'PATCH', `/v1/saved-replies/${folder.id}`, { ...ann, body: { parent_id: folder.id } })).body.code).toBe(
    'invalid_request',
  )
  const number = await called('Lost')
  const filled = (await get(`/v1/saved-replies/${saved.id}/filled?conversation=${number}`)).body
  const begun = `/v1/saved-replies/${saved.id}/filled?inbox=${inbox.id}&to=${encodeURIComponent('Carl Caller <carl@x.example>')}`
  expect((await get(begun)).body.html).toContain('Carl')
  expect(filled.html).toBe(`<p>Dear Bob (#${number})</p>`)
  await ask(api, 'DELETE', `/v1/saved-replies/${folder.id}`, ann)
  expect((await get('/v1/saved-replies')).body.items).toEqual([])
})

test('the page for paper holds what was said, and notes only when asked', async () => {
  const number = await called('Paper', '<p>Print <b>me</b></p>')
  await post(`/v1/conversations/${number}/notes`, { html: '<p>secret</p>' })
  const page = await get(`/v1/conversations/${number}/print`)
  expect(page.text).toContain('<p>Print <b>me</b></p>')
  expect(page.text).not.toContain('secret')
  expect((await get(`/v1/conversations/${number}/print?zone=Europe/Berlin`)).text).toContain('(Europe/Berlin)')
  expect((await get(`/v1/conversations/${number}/print?zone=Mars`)).status).toBe(422)
  expect((await get(`/v1/conversations/${number}/print?notes=1`)).text).toContain('secret')
})
