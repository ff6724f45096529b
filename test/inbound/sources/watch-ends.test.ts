import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { watchEnds } from '../../../src/inbound/sources/watch-ends.ts'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import { DAY } from '../../../src/lib/clock.ts'
import type { WorkspaceId } from '../../../src/lib/ids.ts'
import { anApi, ask, cookieOf, owner, PASSWORD } from '../../api/support.ts'
import { oauthServer } from '../../support/oauth-server.ts'

const oauth = await oauthServer()
const api = await anApi({ oauth: oauth.world })
const ann = await owner(api)
/** Time passes by days here, and nobody stays signed in for so long. */
const later = async (days: number) => {
  api.clock.advance(days * DAY)
  ann.cookie = cookieOf(await ask(api, 'POST', '/v1/sign-in', { body: { email: 'ann@example.com', password: PASSWORD } }))
}
afterAll(() => oauth[Symbol.asyncDispose]())

const open = async () => {
  await watchEnds(api.deps.database, api.clock.now())
  return (await listOpenIncidents(api.deps.database.db, ann.workspaceId as WorkspaceId, 10))
    .map(({ severity, title }) => `${severity}: ${title}`)
    .sort()
}
const dayIn = (days: number) => new Date(api.clock.now().getTime() + days * DAY).toISOString().slice(0, 10)
const setApp = (provider: string, body: object) =>
  ask(api, 'PUT', `/v1/oauth/apps/${provider}`, { ...ann, body: { client_id: 'client', ...body } })

async function aSource(provider: 'microsoft' | 'google', name: string) {
  const mailbox = { protocol: 'imap', provider, address: `${name}@example.com`, username: `${name}@example.com` }
  const made = await ask(api, 'POST', '/v1/sources', { ...ann, body: { name, mailbox } })
  const begun = (await ask(api, 'POST', `/v1/sources/${made.body.id}/connect`, ann)).body
  const granted = await ask(api, 'POST', '/v1/oauth/grants', { ...ann, body: oauth.agree(begun.url) })
  expect(granted.body, granted.text).toEqual({ source_id: made.body.id })
  return made.body.id as string
}
const shown = async (id: string) =>
  (await ask(api, 'GET', '/v1/sources', ann)).body.items.find((source: { id: string }) => source.id === id).mailbox

test('the end of a client secret is shown with its date, warned of two weeks and three days before, and over with a new one', async () => {
  await setApp('microsoft', { client_secret: 'first', client_secret_ends_on: dayIn(15) })
  // Where nothing is read through it, nothing ends with it.
  expect(await open()).toEqual([])
  const id = await aSource('microsoft', 'support')
  expect(await open()).toEqual([])
  expect((await shown(id)).client_secret_end).toEqual({ on: dayIn(15), nearness: 'far' })
  const day = dayIn(14)
  await setApp('microsoft', { client_secret_ends_on: day })
  expect(await open()).toEqual([`warning: The client secret at Microsoft ends on ${day}`])
  expect((await shown(id)).client_secret_end).toEqual({ on: day, nearness: 'near' })
  await later(11)
  expect(await open()).toEqual([`critical: The client secret at Microsoft ends on ${day}`])
  await later(4)
  expect(await open()).toEqual([`critical: The client secret at Microsoft has ended on ${day}`])
  await setApp('microsoft', { client_secret: 'second' })
  expect(await open()).toEqual([])
  expect((await shown(id)).client_secret_end).toBeNull()
  expect((await setApp('microsoft', { client_secret_ends_on: 'in spring' })).status).toBe(422)
})

test('an access that nobody uses, or of an application in testing, is warned of before it ends', async () => {
  await setApp('google', { client_secret: 'first', in_testing: true })
  const id = await aSource('google', 'sales')
  expect((await shown(id)).connection.end).toMatchObject({ because: 'testing', nearness: 'far' })
  expect(await open()).toEqual([])
  await later(4)
  const end = dayIn(3)
  expect(await open()).toEqual([`critical: The access to sales ends on ${end}`])
  expect((await shown(id)).connection.end).toMatchObject({ because: 'testing', nearness: 'close' })
  // Published meanwhile: it lasts as long as it is used, and nobody does while it is switched off.
  await setApp('google', { in_testing: false })
  expect(await open()).toEqual([])
  await ask(api, 'PATCH', `/v1/sources/${id}`, { ...ann, body: { enabled: false } })
  await sql`update mailbox_token set refreshed_at = ${new Date(api.clock.now().getTime() - 178 * DAY)}`.execute(
    api.deps.database.db,
  )
  await sql`update mailbox_token set problem = 'withdrawn', failing_since = now()
     where mailbox_id in (select id from mailbox where oauth_provider = 'microsoft')`.execute(api.deps.database.db)
  // What is refused already is the source's own trouble; what was switched off on purpose is no emergency.
  expect(await open()).toEqual([`warning: The access to sales ends on ${dayIn(2)}`])
})
