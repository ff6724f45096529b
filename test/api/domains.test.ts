import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Resolver } from '../../src/dns/resolver.ts'
import { fixedResolver } from '../support/dns.ts'
import { domainWatch } from '../support/domain-watch.ts'
import { anApi, ask, owner } from './support.ts'

const api = await anApi()
let cookie = ''
beforeAll(async () => {
  cookie = (await owner(api)).cookie
})

const records = (body: { records: { subject: string; name: string; value: string }[] }) =>
  Object.fromEntries(body.records.map(({ subject, name, value }) => [subject.replace(/:.*/, ''), { name, value }]))

test('a domain is added with exactly the records to publish', async () => {
  const { status, body } = await ask(api, 'POST', '/v1/domains', { cookie, body: { name: 'Shop.Example.com' } })
  expect(status).toBe(201)
  expect(body).toMatchObject({ name: 'shop.example.com', state: 'pending', can_rotate: false, history: [] })
  expect(body.keys.map(({ algorithm, state }: { algorithm: string; state: string }) => [algorithm, state]).toSorted()).toEqual([
    ['ed25519', 'new'],
    ['rsa', 'new'],
  ])
  expect(records(body)).toMatchObject({
    spf: { name: 'shop.example.com', value: 'v=spf1 mx ~all' },
    dmarc: { name: '_dmarc.shop.example.com', value: 'v=DMARC1; p=none; rua=mailto:postmaster@shop.example.com' },
    return_path: { name: 'bounces.shop.example.com', value: '10 mail.waybill.example' },
    tracking: { name: 'links.shop.example.com', value: 'web.waybill.example' },
    mta_sts: { name: '_mta-sts.shop.example.com', value: 'v=STSv1; id=20261121' },
  })
  const { body: list } = await ask(api, 'GET', '/v1/domains', { cookie })
  expect(list.items.map(({ name }: { name: string }) => name)).toEqual(['shop.example.com'])
})

test('nobody reads a private key through the API', async () => {
  const { body: list } = await ask(api, 'GET', '/v1/domains', { cookie })
  const { text } = await ask(api, 'GET', `/v1/domains/${list.items[0].id}`, { cookie })
  expect(text).not.toMatch(/PRIVATE|private_key|"MII[A-Za-z0-9+/]{1200}/)
})

test('a look shows what is there, joined with what is needed, and a second time what changed', async () => {
  const { body: made } = await ask(api, 'POST', '/v1/domains', { cookie, body: { name: 'example.org' } })
  const zone: Record<string, string[]> = { 'example.org': ['v=spf1 mx -all'] }
  answerWith(fixedResolver({}, { txt: zone, mx: { 'example.org': [{ host: 'mx.example.org', preference: 10 }] } }))
  const first = await ask(api, 'POST', `/v1/domains/${made.id}/check`, { cookie })
  expect(first.status).toBe(200)
  expect(first.body.report.checks[0]).toMatchObject({ id: 'spf', status: 'ok' })
  const spf = first.body.domain.records.find(({ subject }: { subject: string }) => subject === 'spf')
  expect(spf).toMatchObject({ status: 'correct', found: ['v=spf1 mx -all'] })

  for (const { subject, name, value } of made.records) if (subject.startsWith('dkim:')) zone[name] = [value]
  const second = await ask(api, 'POST', `/v1/domains/${made.id}/check`, { cookie })
  expect(second.body.domain.state).toBe('verified')
  expect(second.body.domain.can_rotate).toBe(true)
  expect(second.body.domain.history[0]).toMatchObject({ was: 'missing', status: 'correct' })
})

test('keys rotate once they are in use, and not twice at a time', async () => {
  const { body: list } = await ask(api, 'GET', '/v1/domains', { cookie })
  const id = list.items.find(({ name }: { name: string }) => name === 'example.org').id
  const rotated = await ask(api, 'POST', `/v1/domains/${id}/rotate`, { cookie })
  expect(rotated.status).toBe(200)
  expect(rotated.body.keys).toHaveLength(4)
  expect(await ask(api, 'POST', `/v1/domains/${id}/rotate`, { cookie })).toMatchObject({
    status: 409,
    body: { code: 'rotation_under_way' },
  })
})

test('hosts are changed only to hosts below the domain; a removed domain is gone', async () => {
  const { body: made } = await ask(api, 'POST', '/v1/domains', { cookie, body: { name: 'example.net' } })
  const change = (host: string) => ask(api, 'PATCH', `/v1/domains/${made.id}`, { cookie, body: { return_path_host: host } })
  expect((await change('rp.example.net')).body.return_path_host).toBe('rp.example.net')
  expect(await change('rp.example.com')).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
  expect((await ask(api, 'DELETE', `/v1/domains/${made.id}`, { cookie })).status).toBe(204)
  expect((await ask(api, 'GET', `/v1/domains/${made.id}`, { cookie })).status).toBe(404)
})

test('a domain with a fault names the campaigns that are to leave from it, and each of them says so', async () => {
  const domain = (await ask(api, 'POST', '/v1/domains', { cookie, body: { name: 'news.example' } })).body
  const list = (await ask(api, 'POST', '/v1/lists', { cookie, body: { name: 'Readers' } })).body
  const content = { format: 'markdown', subject: 'News', body: 'Spring.', text: null, to_name: '', fields: [] }
  const said = { sender: 'Shop <Hello@News.example>', audience: { kind: 'lists', lists: [list.id] }, content }
  const made = async (name: string, more: object = {}) =>
    (await ask(api, 'POST', '/v1/campaigns', { cookie, body: { ...said, ...more, name } })).body.id as string
  const schedule = (id: string) =>
    ask(api, 'POST', `/v1/campaigns/${id}/schedule`, {
      cookie,
      body: { at: new Date(api.deps.clock.now().getTime() + 86_400_000).toISOString(), time_zone: 'UTC' },
    })
  const [spring, draft, other] = [await made('Spring'), await made('Draft'), await made('Other', { sender: 'a@example.com' })]
  for (const id of [spring, other]) expect((await schedule(id)).body).toMatchObject({ state: 'scheduled' })
  const campaigns = async () => (await ask(api, 'GET', `/v1/domains/${domain.id}`, { cookie })).body.campaigns
  const fault = async (id: string) => (await ask(api, 'GET', `/v1/campaigns/${id}`, { cookie })).body.domain_fault
  expect(await campaigns()).toEqual([{ id: spring, name: 'Spring', state: 'scheduled' }])
  expect(await fault(spring)).toMatchObject({ sentence: 'Mail from news.example is not signed: the DNS does not show its key.' })
  expect([await fault(draft), await fault(other)]).toEqual([null, null])
  const { db } = api.deps.database
  await sql`update domain set state = 'warning', verified_at = now() where id = ${domain.id}`.execute(db)
  expect(await fault(spring)).toMatchObject({ sentence: 'The DNS does not show the key of news.example any more.' })
  await sql`update domain set state = 'verified' where id = ${domain.id}`.execute(db)
  expect(await fault(spring)).toBeNull()
})

test('what is no domain is refused with a reason, what is there already as taken', async () => {
  const add = (name: string) => ask(api, 'POST', '/v1/domains', { cookie, body: { name } })
  expect(await add('no domain')).toMatchObject({ status: 422 })
  expect(await add('example.org')).toMatchObject({ status: 409, body: { code: 'domain_taken' } })
})

test('any domain can be examined without adding it', async () => {
  const { body } = await ask(api, 'POST', '/v1/doctor/domain', { cookie, body: { domain: 'Example.EDU.' } })
  expect(body).toMatchObject({ domain: 'example.edu', ok: true })
  expect(await ask(api, 'POST', '/v1/doctor/domain', { cookie, body: { domain: 'a b' } })).toMatchObject({ status: 422 })
})

function answerWith(resolver: Resolver): void {
  Object.assign(api.deps.domains, domainWatch(api.deps, resolver))
}
