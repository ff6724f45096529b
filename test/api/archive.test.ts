import Fastify from 'fastify'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { serveArchive } from '../../src/api/archive.ts'
import { prepareAll } from '../../src/campaigns/jobs.ts'
import { newId } from '../../src/lib/ids.ts'
import { createMjmlReader } from '../../src/templates/mjml/mjml.ts'
import { createOwn } from '../../src/tracking/personalise.ts'
import { anApi, ask, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const post = (path: string, body: object = {}) => ask(api, 'POST', path, { ...ann, body })
const put = (path: string, body: object) => ask(api, 'PUT', path, { ...ann, body })
const look = (path: string, headers: Record<string, string> = {}) => ask(api, 'GET', path, { headers })

async function prepare(): Promise<void> {
  const { database, blobs, clock, url, secrets } = api.deps
  const mjml = createMjmlReader()
  const ownOf = createOwn({ secrets, url })
  const deps = {
    database,
    blobs,
    tracking: { database, url },
    mjml,
    ownOf,
    takesMail: async () => false,
    replyInbox: async () => null,
  }
  await prepareAll({ ...deps, wake: () => {}, now: () => clock.now() })
  await mjml.close()
}

test('a campaign can be read by everybody once it is sent, by nobody in particular; what is taken back is gone at once', async () => {
  const list = (await post('/v1/lists', { name: 'News' })).body
  const content = {
    format: 'html',
    subject: 'News for {{ contact.first_name }}',
    body: '<html><head></head><body><p>Dear {{ contact.first_name }}, <a href="{{ archive_url }}">read it on the web</a></p><script>alert(1)</script><a href="https://example.com/">Shop</a><p><a class="off" href="{{ unsubscribe_url }}">Off <b>the list</b></a></p></body></html>',
    text: null,
    to_name: '',
    fields: [{ path: 'contact.first_name', fallback: 'friend', required: true }],
  }
  const said = {
    name: 'Spring',
    sender: 'Shop <news@example.com>',
    audience: { kind: 'lists', lists: [list.id] },
    content,
    is_public: true,
  }
  const tracking = { opens: true, clicks: true }
  const utm = { source: 'mail', medium: '', campaign: '', content: '', term: '', domains: null }
  const { body: campaign } = await post('/v1/campaigns', { ...said, tracking, utm })
  expect((await look('/a/shop/')).status).toBe(404)
  const refused = await put('/v1/campaign-archive', { slug: 'Shop!', title: 'News', description: '', is_open: true })
  expect(refused.body).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining('small letters') })
  const archive = (await put('/v1/campaign-archive', { slug: 'shop', title: 'News & more', description: '', is_open: true })).body
    .archive
  expect(archive.url).toBe(`${api.deps.url}/a/shop/`)
  expect((await look('/a/shop')).headers.location).toBe('/a/shop/')
  // A draft is nobody's to read.
  expect((await look('/a/shop/')).text).toContain('Nothing has been published here yet.')
  expect((await look(`/a/shop/${campaign.id}`)).status).toBe(404)
  await post(`/v1/campaigns/${campaign.id}/start`)
  await prepare()
  await sql`update campaign set started_at = now() where id = ${campaign.id}`.execute(api.deps.database.db)

  const shown = await look('/a/shop/')
  expect(shown.text).toContain(`<a href="/a/shop/${campaign.id}">News for friend</a>`)
  expect(shown.headers['content-security-policy']).toContain("default-src 'none'")
  const read = await look(`/a/shop/${campaign.id}`)
  expect(read.status).toBe(200)
  expect(read.text).toContain('Dear friend')
  expect(read.text).toContain('<title>News for friend</title>')
  expect(read.text).toContain(`<a href="${api.deps.url}/a/shop/${campaign.id}">read it on the web</a>`)
  expect(read.text).toContain('<a href="https://example.com/">Shop</a>')
  expect(read.text).not.toMatch(/\/t\/[co]\/|Off <b>|nobody\.invalid|\/u\/|utm_/)
  expect(read.headers['content-security-policy']).toMatch(
    /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/,
  )
  expect(read.headers['set-cookie']).toBeUndefined()
  const etag = String(read.headers.etag)
  expect(read.headers['cache-control']).toBe('public, no-cache')
  expect((await look(`/a/shop/${campaign.id}`, { 'if-none-match': etag })).status).toBe(304)
  const feed = await look('/a/shop/feed.xml')
  expect(feed.headers['content-type']).toBe('application/atom+xml; charset=utf-8')
  expect(feed.text).toMatch(/<title>News &#38; more<\/title>[\s\S]*<entry>[\s\S]*<title>News for friend<\/title>/)

  // An address of another day still leads there.
  await put('/v1/campaign-archive', { slug: 'shop-news', title: 'News', description: '', is_open: true })
  expect((await look(`/a/shop/${campaign.id}`)).headers.location).toBe(`/a/shop-news/${campaign.id}`)
  expect((await put(`/v1/campaigns/${campaign.id}/public`, { is_public: false })).body.is_public).toBe(false)
  expect((await look(`/a/shop-news/${campaign.id}`, { 'if-none-match': etag })).status).toBe(404)
  expect((await look('/a/shop-news/')).text).not.toContain(campaign.id)
  await put(`/v1/campaigns/${campaign.id}/public`, { is_public: true })
  await put('/v1/campaign-archive', { slug: 'shop-news', title: 'News', description: '', is_open: false })
  for (const path of ['/a/shop-news/', '/a/shop-news/feed.xml', `/a/shop-news/${campaign.id}`, '/a/shop-news/none'])
    expect((await look(path)).status).toBe(404)
})

test('a mail in the archive is shown so often and then not for a moment, and others are shown all the same', async () => {
  const { database, clock, url } = api.deps
  const server = Fastify({ logger: false })
  const mjml = createMjmlReader()
  serveArchive(server, { database, clock, url, mjml }, { perSecond: 1, burst: 3, keys: 10 })
  const ids = [newId(), newId()]
  const statuses = async (id = '') => {
    const answers = []
    for (let n = 0; n < 4; n++) answers.push(await server.inject({ method: 'GET', url: `/a/shop/${id}` }))
    return answers.map(({ statusCode, headers }) => [statusCode, headers['retry-after']])
  }
  const nothing = [404, undefined]
  expect(await statuses(ids[0])).toEqual([nothing, nothing, nothing, [429, '1']])
  expect(await statuses(ids[1])).toEqual([nothing, nothing, nothing, [429, '1']])
  // What is no id costs no look into the database.
  expect(await statuses('no-id')).toEqual([nothing, nothing, nothing, nothing])
  await server.close()
  await mjml.close()
})

test('a mail that could not be read for a moment is there the next time', async () => {
  const list = (await post('/v1/lists', { name: 'Later' })).body
  const body = '<mjml><mj-body><mj-section><mj-column><mj-text>Spring</mj-text></mj-column></mj-section></mj-body></mjml>'
  const content = { format: 'mjml', subject: 'News', body, text: null, to_name: '', fields: [] }
  const said = { name: 'Spring', sender: 'Shop <news@example.com>', audience: { kind: 'lists', lists: [list.id] }, content }
  const { id } = (await post('/v1/campaigns', { ...said, is_public: true })).body
  await put('/v1/campaign-archive', { slug: 'busy', title: 'News', description: '', is_open: true })
  await post(`/v1/campaigns/${id}/start`)
  await prepare()
  await sql`update campaign set started_at = now() where id = ${id}`.execute(api.deps.database.db)
  const mjml = createMjmlReader()
  let asked = 0
  const busy = { ok: false as const, problems: [{ line: null, sentence: 'Too many texts wait to be read.' }] }
  const fastify = Fastify()
  serveArchive(fastify, { ...api.deps, mjml: { read: async (source) => (asked++ === 0 ? busy : mjml.read(source)) } })
  const read = async () => (await fastify.inject({ url: `/a/busy/${id}` })).payload
  expect(await read()).not.toContain('Spring')
  expect(await read()).toContain('Spring')
  await fastify.close()
  await mjml.close()
})
