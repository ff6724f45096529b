import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createSecrets } from '../../src/lib/secrets.ts'
import { anApi, ask, owner } from './support.ts'

const examined: { readonly name: string; readonly askedBy: string | null }[] = []
const api = await anApi({
  examineDirect: async ({ name }, askedBy) => {
    examined.push({ name, askedBy })
    const check = {
      title: 'Way to own.example',
      status: 'fail',
      ms: 8_000,
      evidence: 'no answer',
      cause: 'Port 25 is closed.',
    } as const
    return { ok: false, summary: 'Port 25 is closed.', checks: [{ id: 'port.own.example', ...check, fixes: [] }] }
  },
  examineAccount: async () => ({
    checks: [{ id: 'login', status: 'fail', ms: 12, evidence: '403 UnrecognizedClientException', cause: 'The key is wrong.' }],
    quota: { used: 120, limit: 50_000, per: '24 hours', perSecond: 14 },
    domains: [{ domain: 'example.com', state: 'verified', detail: null }],
  }),
})
const ann = await owner(api)
const create = (body: object) => ask(api, 'POST', '/v1/routes', { ...ann, body })
const change = (id: string, body: object) => ask(api, 'PATCH', `/v1/routes/${id}`, { ...ann, body })

const PROJECT = '7b9a2c60-6c3d-4f6a-9a53-0f9a2a4b1e77'
const SES = { region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE', secret_access_key: 'a planted canary' }
const SCALEWAY = { project_id: PROJECT, secret_key: 'a planted canary' }

test('a route of each kind is made with what it needs, and its secret never comes back', async () => {
  const ses = await create({ kind: 'ses', name: 'SES', settings: SES })
  expect(ses.status, ses.text).toBe(201)
  expect(ses.body).toMatchObject({ kind: 'ses', is_default: false, circuit: { state: 'closed' } })
  expect(ses.body.settings).toEqual({
    region: 'eu-west-1',
    access_key_id: 'AKIDEXAMPLE',
    has_secret: true,
    configuration_set: null,
    topic_arn: null,
    endpoint: null,
    allow_private: false,
    max_connections: 10,
  })
  const scaleway = await create({ kind: 'scaleway', name: 'TEM', settings: SCALEWAY })
  expect(scaleway.body.settings).toEqual({
    region: 'fr-par',
    project_id: PROJECT,
    has_secret: true,
    topic_arn: null,
    endpoint: null,
    allow_private: false,
    max_connections: 10,
  })
  const direct = await create({ kind: 'mx', name: 'Direct' })
  expect(direct.body.settings).toEqual({ helo_name: null, source_addresses: [], port: 25, allow_private: false })
  expect(`${ses.text}${scaleway.text}${(await ask(api, 'GET', '/v1/routes', ann)).text}`).not.toContain('canary')
  const { rows } = await sql<{ dump: string }>`
    select string_agg(r::text, ' ') || (select string_agg(e::text, ' ') from event e) as dump from route r`.execute(
    api.deps.database.db,
  )
  expect(rows[0]?.dump).not.toContain('canary')
})

test.each([
  [
    'a key that is missing',
    { kind: 'ses', settings: { region: 'eu-west-1', access_key_id: 'A' } },
    '/settings/secret_access_key',
  ],
  ['a region that is none', { kind: 'ses', settings: { ...SES, region: 'Ireland' } }, '/settings/region'],
  ['a field of another kind', { kind: 'ses', settings: { ...SES, project_id: PROJECT } }, '/settings/project_id'],
  ['an address that is none', { kind: 'ses', settings: { ...SES, endpoint: 'ftp://example.com' } }, '/settings/endpoint'],
  ['a project that is missing', { kind: 'scaleway', settings: { secret_key: 'x' } }, '/settings/project_id'],
  ['a project that is none', { kind: 'scaleway', settings: { ...SCALEWAY, project_id: 'mine' } }, '/settings/project_id'],
  [
    'a topic of somebody else',
    { kind: 'scaleway', settings: { ...SCALEWAY, topic_arn: 'arn:aws:sns:eu-west-1:123456789012:x' } },
    '/settings/topic_arn',
  ],
  ['settings that are missing', { kind: 'scaleway' }, '/settings'],
  ['a kind that is none', { kind: 'pigeon', settings: {} }, '/kind'],
] as readonly (readonly [string, object, string])[])('%s is refused by its name', async (_, body, pointer) => {
  const refused = await create({ name: 'Wrong', ...body })
  expect(refused.status).toBe(422)
  expect(refused.body.errors).toMatchObject([{ pointer }])
})

test('what is left out of a change stays; a field of another kind is refused', async () => {
  const { id } = (await create({ kind: 'ses', name: 'To change', settings: SES })).body
  const changed = await change(id, { settings: { configuration_set: 'waybill', max_connections: 3 } })
  expect(changed.body.settings).toMatchObject({
    region: 'eu-west-1',
    has_secret: true,
    configuration_set: 'waybill',
    max_connections: 3,
  })
  const foreign = await change(id, { settings: { host: 'smtp.example.com' } })
  expect(foreign.status).toBe(422)
  expect(foreign.body.errors).toMatchObject([{ pointer: '/settings/host' }])
  expect((await change(id, { settings: { region: 'Ireland' } })).body.errors).toMatchObject([{ pointer: '/settings/region' }])
  expect((await change(id, { settings: { secret_access_key: null } })).body.settings.has_secret).toBe(false)
})

test('an endpoint on a private network is an explicit choice', async () => {
  const settings = { ...SES, endpoint: 'https://10.1.2.3' }
  const refused = await create({ kind: 'ses', name: 'Private', settings })
  expect(refused.body).toMatchObject({ code: 'private_address_refused', pointer: '/settings/endpoint' })
  expect((await create({ kind: 'ses', name: 'Private', settings: { ...settings, allow_private: true } })).status).toBe(201)
})

test('a check of the account is reported as one of a mail server is, and kept', async () => {
  const { id } = (await create({ kind: 'scaleway', name: 'To check', settings: SCALEWAY })).body
  const before = await ask(api, 'GET', `/v1/routes/${id}/account`, ann)
  expect(before.body).toEqual({ examined_at: null, report: null, quota: null, domains: [] })
  const checked = await ask(api, 'POST', `/v1/routes/${id}/check`, ann)
  expect(checked.body).toEqual({
    ok: false,
    summary: 'The key is wrong.',
    checks: [
      {
        id: 'login',
        title: 'Log-in',
        status: 'fail',
        ms: 12,
        evidence: '403 UnrecognizedClientException',
        cause: 'The key is wrong.',
        fixes: [],
      },
    ],
  })
  const after = await ask(api, 'GET', `/v1/routes/${id}/account`, ann)
  expect(after.body).toMatchObject({
    examined_at: api.clock.now().toISOString(),
    report: checked.body,
    quota: { used: 120, limit: 50_000, per: '24 hours', per_second: 14 },
    domains: [{ domain: 'example.com', state: 'verified', detail: null }],
  })
})

test('a check of a direct route is a report of the same shape, and knows the domain of the person who asks', async () => {
  const { id } = (await create({ kind: 'mx', name: 'Straight' })).body
  const checked = await ask(api, 'POST', `/v1/routes/${id}/check`, ann)
  expect(checked.status, checked.text).toBe(200)
  expect(checked.body).toMatchObject({ ok: false, checks: [{ id: 'port.own.example', status: 'fail' }] })
  expect(examined).toEqual([{ name: 'Straight', askedBy: 'example.com' }])
})

test('a sandbox has no way out to examine', async () => {
  const { items } = (await ask(api, 'GET', '/v1/routes', ann)).body
  const { id } = items.find(({ kind }: { kind: string }) => kind === 'sandbox')
  const checked = await ask(api, 'POST', `/v1/routes/${id}/check`, ann)
  expect(checked.status).toBe(422)
  expect(checked.body.detail).toContain('Mail of this route stays here')
})

test('a password that no longer opens is not a fault of the server: the check says to enter it again', async () => {
  const settings = { host: 'smtp.example.com', user: 'shop', password: 'secret' }
  const { id } = (await create({ name: 'Old secret', settings })).body
  const other = createSecrets('another secret, also long enough')
  const { rows } = await sql<{ id: string }>`
    update route set secret = ${other.seal('secret', `route:${id}`)} where id = ${id} returning id`.execute(api.deps.database.db)
  expect(rows.length).toBe(1)
  const checked = await ask(api, 'POST', `/v1/routes/${id}/check`, ann)
  expect(checked.status).toBe(200)
  expect(checked.body).toMatchObject({ ok: false, summary: expect.stringContaining('Enter the password again') })
})
