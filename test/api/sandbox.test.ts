import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { attachmentNamed } from '../../src/api/route.ts'
import { newId } from '../../src/lib/ids.ts'
import { anApi, ask, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const get = (url: string) => ask(api, 'GET', url, ann)
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** As the sandbox route keeps it. */
async function keep(given: object): Promise<string> {
  const body = { from: 'shop@example.com', to: ['ann@example.org'], subject: 'Hi', ...given }
  const sent = await ask(api, 'POST', '/v1/messages', { ...ann, body })
  return await keepMessage(sent.body)
}

async function keepMessage({ id: messageId, deliveries }: { id: string; deliveries: { id: string }[] }): Promise<string> {
  const id = newId()
  await sql`
    insert into sandbox_mail (workspace_id, id, delivery_id, message_id, sender, recipient, content_hash, received_at)
    select workspace_id, ${id}, ${deliveries[0]?.id}, id, 'shop@example.com', 'ann@example.org', content_hash, created_at
      from message where id = ${messageId}`.execute(api.deps.database.db)
  return id
}

test('the links of a kept mail are those that its recipient would have got', async () => {
  const html = '<a href="https://shop.example/november">Look</a>'
  const id = await keep({ html, tracking: { clicks: true } })
  const raw = (await get(`/v1/sandbox/mails/${id}/raw`)).text.replaceAll('=\r\n', '')
  const [link] = /\/t\/c\/[a-z2-7]{42}\/1/.exec(raw) ?? []
  const answer = await api.server.fastify.inject({ method: 'GET', url: link ?? '' })
  expect([answer.statusCode, answer.headers.location]).toEqual([302, 'https://shop.example/november'])
})

test('a kept mail is shown with its parts', async () => {
  const id = await keep({
    subject: 'Grüße',
    text: 'Plain',
    html: '<h1>Rich</h1><script>alert(1)</script><img src="https://track.example/1.gif"><img src="cid:logo">',
    attachments: [
      { filename: 'logo.png', content_type: 'image/png', content: PIXEL, content_id: 'logo' },
      { filename: 'Übersicht.pdf', content_type: 'application/pdf', content: Buffer.from('%PDF').toString('base64') },
    ],
  })
  const { items } = (await get('/v1/sandbox/mails')).body
  expect(items[0]).toMatchObject({ id, subject: 'Grüße', recipient: 'ann@example.org' })
  const mail = (await get(`/v1/sandbox/mails/${id}`)).body
  expect(mail).toMatchObject({ text: expect.stringContaining('Plain'), remote_images: 1 })
  expect(mail.html).toContain('<h1>Rich</h1>')
  expect(mail.html).toContain('data:image/png;base64,')
  expect(mail.html).not.toMatch(/script|src="https/)
  expect(mail.headers.find(({ name }: { name: string }) => name === 'Subject').value).toBe('Grüße')
  const pdf = mail.attachments.find(({ content_type: type }: { content_type: string }) => type === 'application/pdf')
  expect(pdf).toMatchObject({ filename: 'Übersicht.pdf', size_bytes: 4 })

  const download = await get(`/v1/sandbox/mails/${id}/attachments/${pdf.index}`)
  expect(download.text).toBe('%PDF')
  expect(download.headers['content-type']).toBe('application/octet-stream')
  expect(download.headers['content-disposition']).toContain("filename*=UTF-8''%C3%9Cbersicht.pdf")
  expect((await get(`/v1/sandbox/mails/${id}/attachments/99`)).body.code).toBe('not_found')
  expect((await get(`/v1/sandbox/mails/${id}/raw`)).text).toContain('MIME-Version: 1.0')
})

test('the HTML comes as a document of its own that can do nothing, and loads images only when asked', async () => {
  const id = await keep({ html: '<h1 style="color: red">Rich</h1><img src="https://track.example/1.gif">' })
  const page = await get(`/v1/sandbox/mails/${id}/html`)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toMatch(/^sandbox allow-popups[^;]*; default-src 'none'/)
  expect(policy).toContain("frame-ancestors 'self'")
  expect(policy).toContain('img-src data:;')
  expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src/)
  expect(page.headers['x-frame-options']).toBe('SAMEORIGIN')
  expect(page.text).toMatch(/<h1 style="color: ?red;?">Rich/)
  expect(page.text).not.toContain('src="https')
  const shown = await get(`/v1/sandbox/mails/${id}/html?images=1`)
  expect(shown.text).toContain('src="https://track.example/1.gif"')
  expect(shown.headers['content-security-policy']).toContain('img-src data: https: http:')
})

test('a mail without HTML shows its text, as text', async () => {
  const id = await keep({ text: '<b>not bold</b> & "so"' })
  expect((await get(`/v1/sandbox/mails/${id}/html`)).text).toContain('&#60;b&#62;not bold&#60;/b&#62; &#38; &#34;so&#34;')
})

test('a mail nested beyond reason cannot be shown, its source can', async () => {
  let mail = 'Content-Type: text/plain\r\n\r\nx\r\n'
  for (let i = 0; i < 60; i++) mail = `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n${mail}\r\n--b${i}--\r\n`
  const raw = Buffer.from(
    `From: shop@example.com\r\nTo: ann@example.org\r\nSubject: Deep\r\nMIME-Version: 1.0\r\n${mail}`,
  ).toString('base64')
  const sent = await ask(api, 'POST', '/v1/messages/raw', { ...ann, body: { raw } })
  expect(sent.status, sent.text).toBe(202)
  const id = await keepMessage(sent.body)
  expect((await get(`/v1/sandbox/mails/${id}`)).body.code).toBe('mail_unreadable')
  expect((await get(`/v1/sandbox/mails/${id}/raw`)).text).toContain('Subject: Deep')
  expect((await get(`/v1/sandbox/mails/${await keep({ text: 'after' })}`)).status).toBe(200)
})

test('reading a large mail does not keep the server from anything else', async () => {
  const content = Buffer.alloc(12 * 1024 * 1024, 'x').toString('base64')
  const id = await keep({ text: 'Large', attachments: [{ filename: 'large.bin', content }] })
  let done = false
  const reading = get(`/v1/sandbox/mails/${id}`).finally(() => {
    done = true
  })
  let answered = 0
  while (!done) {
    expect((await ask(api, 'GET', '/healthz')).status).toBe(200)
    answered++
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await reading).body.attachments).toMatchObject([{ filename: 'large.bin', size_bytes: 12 * 1024 * 1024 }])
  expect(answered).toBeGreaterThan(20)
})

test('the sandbox can be emptied', async () => {
  expect((await ask(api, 'DELETE', '/v1/sandbox/mails', ann)).status).toBe(204)
  expect((await get('/v1/sandbox/mails')).body).toEqual({ items: [], next: null })
})

test.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\Windows\\x.exe', 'C__Windows_x.exe'],
  ['.htaccess', 'htaccess'],
  ['\u200b.htaccess', 'htaccess'],
  ['a\r\nSet-Cookie: x=y', 'aSet-Cookie_ x=y'],
  ['a"b;c\'d', "a_b;c'd"],
  ['exe.\u202efdp', 'exe.fdp'],
  ['', 'unnamed'],
])('an attachment named %s is downloaded under a name that does no harm', (name, safe) => {
  const header = attachmentNamed(name)
  expect(header).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9!~*_.%-]*$/)
  expect(header).toContain(`filename="${safe}"`)
})
