import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { createRoute } from '../../src/delivery/routes/manage.ts'
import { SesSettings } from '../../src/delivery/routes/route.ts'
import type { FetchObject } from '../../src/inbound/ses/fetch-object.ts'
import { watchSources } from '../../src/inbound/sources/watch-sources.ts'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { type EnvelopeWishes, envelopeOf, SES_TOPIC, type TopicServer, topicServer } from '../support/topic-server.ts'
import { anApi, ask, owner } from './support.ts'

let topics: TopicServer
const fetched: { url: string; headers: Readonly<Record<string, string>> }[] = []
let object: { status: number; bytes: Buffer | null } = { status: 404, bytes: null }
const fetchObject: FetchObject = async (url, headers) => {
  fetched.push({ url, headers })
  return object
}
const api = await anApi({ amazon: { fetchText: (url, options) => topics.fetchText(url, options), fetchObject } })
const ann = await owner(api)
const { database, secrets } = api.deps
const support = (await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name: 'Support', address: 'support@example.com' } }))
  .body.id
const made = await ask(api, 'POST', '/v1/sources', { ...ann, body: { name: 'SES', ses: { topic_arn: SES_TOPIC } } })
const { id, ses } = made.body
const path = new URL(ses.url).pathname

beforeEach(async () => {
  topics = await topicServer()
})

const MAIL = 'From: Carl <carl@customer.example>\r\nTo: support@example.com\r\nSubject: Hello\r\n\r\nIs anybody there?\r\n'

function received(messageId: string, over: object = {}) {
  return {
    notificationType: 'Received',
    mail: { messageId, source: 'bounce@customer.example', destination: ['support@example.com'] },
    receipt: { recipients: ['support@example.com'], action: { type: 'SNS', encoding: 'BASE64' } },
    content: Buffer.from(MAIL).toString('base64'),
    ...over,
  }
}

async function post(message: unknown, wishes: EnvelopeWishes = {}, to = path) {
  const raw = envelopeOf(message, { at: api.clock.now(), ...wishes }).toString()
  return await ask(api, 'POST', to, { raw, headers: { 'content-type': 'text/plain; charset=UTF-8' } })
}

async function source() {
  const listed = (await ask(api, 'GET', '/v1/sources', ann)).body.items
  return listed.find((one: { id: string }) => one.id === id)
}

async function mails() {
  const { rows } = await sql<{ uid: string; sender: string; recipients: string[]; bytes: string }>`
    select m.uid, m.envelope_sender as sender, m.envelope_recipients as recipients, coalesce(b.ascii, convert_from(b.bytes, 'LATIN1')) as bytes
      from inbound_mail as m join blob as b on b.workspace_id = m.workspace_id and b.hash = m.hash where m.channel = 'provider' order by m.id`.execute(
    database.db,
  )
  return rows
}

test('the address that a source of SES shows is confirmed for its topic, and mail that is told there is taken once', async () => {
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ kind: 'ses', state: 'untried', ses: { topic_arn: SES_TOPIC, route_id: null } })
  expect((await post('', { type: 'SubscriptionConfirmation', token: 'let-me-in' })).status).toBe(204)
  expect(topics.asked.at(-1)).toContain('Token=let-me-in')
  expect(await source()).toMatchObject({ state: 'working', last_mail_at: null, trouble: null })
  expect(await mails()).toEqual([])

  expect((await post(received('ses-1'))).status).toBe(204)
  expect((await post(received('ses-1'))).status).toBe(204)
  expect(await mails()).toEqual([
    { uid: 'ses-1', sender: 'bounce@customer.example', recipients: ['support@example.com'], bytes: MAIL },
  ])
  expect(await source()).toMatchObject({ state: 'working', taken: 1, last_mail_at: expect.any(String) })
  // A topic is tried out with a sentence, and tells of other things too.
  expect((await post('Hello from the console')).status).toBe(204)
  expect((await post({ notificationType: 'Bounce', mail: { messageId: 'x' } })).status).toBe(204)
  expect(await mails()).toHaveLength(1)
})

test.each([
  ['another topic', received('forged-1'), { topic: 'arn:aws:sns:eu-west-1:999999999999:mine' }, 'believes'],
  ['a signature of somebody else', received('forged-2'), { by: 'stranger' as const }, 'signature is wrong'],
  [
    'a certificate from elsewhere',
    received('forged-3'),
    { certificate: 'https://sns.eu-west-1.amazonaws.com.attacker.example/SimpleNotificationService-1.pem' },
    'not at a place of the service',
  ],
  ['long ago', received('forged-4'), { at: new Date(0) }, 'too far from'],
  [
    'another topic, that asks to be confirmed',
    '',
    { type: 'SubscriptionConfirmation' as const, topic: 'arn:aws:sns:eu-west-1:1:x' },
    'believes',
  ],
  ['no mail in it', received('empty', { content: null }), {}, 'without the mail itself'],
])(
  'what is not to be believed is refused, is shown, and nothing is asked of anybody for it: %s',
  async (_, message, wishes, why) => {
    const before = await mails()
    const answer = await post(message, wishes)
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request'])
    expect(answer.body.detail).toContain(why)
    expect(await mails()).toEqual(before)
    expect(topics.asked.filter((asked) => asked.includes('ConfirmSubscription'))).toEqual([])
    expect((await source()).problem.sentence).toContain(why)
  },
)

test('whoever does not know the address is not let in, and what is no message of a topic is refused', async () => {
  expect((await post(received('x'), {}, path.replace(/.$/, 'a').replace(/..$/, 'bb'))).status).toBe(404)
  expect((await post(received('x'), {}, '/in/mail/x/y')).status).toBe(404)
  for (const raw of ['', '{', 'null', '{"Type":"Notification"}', MAIL])
    expect((await ask(api, 'POST', path, { raw, headers: { 'content-type': 'text/plain' } })).status).toBe(422)
  const large = await ask(api, 'POST', path, { raw: 'x'.repeat(600 * 1024), headers: { 'content-type': 'text/plain' } })
  expect(large.status).toBe(413)
})

test('mail that SES put into S3 is read with the access of a route; until one is named, it is told again, and is a trouble that ends', async () => {
  const inS3 = received('s3-1', {
    content: null,
    receipt: { recipients: ['support@example.com'], action: { type: 'S3', bucketName: 'my-mail', objectKey: 'in/abc123' } },
  })
  expect((await post(inS3)).status).toBe(503)
  expect(fetched).toEqual([])
  expect(await source()).toMatchObject({ state: 'failing', problem: { hint: expect.stringContaining('s3:GetObject') } })
  api.clock.advance(15 * MINUTE)
  await watchSources(database, api.clock.now())
  const incidents = () => listOpenIncidents(database.db, ann.workspaceId as WorkspaceId, 10)
  expect((await incidents()).map(({ kind, subject }) => [kind, subject])).toEqual([['source.failing', { kind: 'source', id }]])

  const settings = SesSettings.parse({ region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE' })
  const wanted = { name: 'SES', way: { kind: 'ses' as const, settings }, secret: 'a secret access key', isDefault: false }
  const route = await database.transaction(ENGINE, (tx) =>
    createRoute(tx, secrets, ann.workspaceId as WorkspaceId, wanted, null, api.clock.now()),
  )
  const changed = await ask(api, 'PATCH', `/v1/sources/${id}`, {
    ...ann,
    body: { ses: { route_id: route.id }, inbox_id: support },
  })
  expect(changed.body).toMatchObject({ inbox_id: support, ses: { route_id: route.id, topic_arn: SES_TOPIC } })
  object = { status: 403, bytes: null }
  expect((await post(inS3)).status).toBe(503)
  expect((await source()).problem.sentence).toContain('S3 answered 403')
  object = { status: 200, bytes: Buffer.from(MAIL) }
  expect((await post(inS3)).status).toBe(204)
  expect(fetched.at(-1)?.url).toBe('https://s3.eu-west-1.amazonaws.com/my-mail/in/abc123')
  expect(fetched.at(-1)?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/s3\/aws4_request/,
  )
  expect((await mails()).at(-1)).toMatchObject({ uid: 's3-1', bytes: MAIL })
  await watchSources(database, api.clock.now())
  expect(await incidents()).toEqual([])

  const odd = { type: 'S3', bucketName: '../../x', objectKey: 'a?b' }
  const asked = fetched.length
  expect((await post({ ...inS3, receipt: { action: odd } })).status).toBe(503)
  expect(fetched).toHaveLength(asked)
})

test('when Amazon cannot be asked, the mail is told again and nothing is lost; a source that is paused takes nothing meanwhile', async () => {
  topics.failWith = 500
  const certificate = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-fedcba9876543210.pem'
  expect((await post(received('late'), { certificate })).status).toBe(503)
  topics.failWith = null
  expect((await post(received('late'), { certificate })).status).toBe(204)
  expect((await mails()).at(-1)?.uid).toBe('late')
  await ask(api, 'PATCH', `/v1/sources/${id}`, { ...ann, body: { enabled: false } })
  expect((await post(received('paused'))).status).toBe(503)
  await ask(api, 'PATCH', `/v1/sources/${id}`, { ...ann, body: { enabled: true } })
  api.clock.advance(2 * HOUR)
  expect((await post(received('paused'))).status).toBe(204)
  const fetchedNow = await ask(api, 'POST', `/v1/sources/${id}/fetch`, { ...ann, body: {} })
  expect([fetchedNow.status, fetchedNow.body.code]).toEqual([409, 'wrong_state'])
})

test('a topic is believed by one source, and only what is a topic of SNS can be named', async () => {
  const again = await ask(api, 'POST', '/v1/sources', { ...ann, body: { name: 'Other', ses: { topic_arn: SES_TOPIC } } })
  expect([again.status, again.body.detail]).toEqual([422, expect.stringContaining('SES believes this topic')])
  for (const body of [
    { name: 'A', ses: { topic_arn: 'arn:aws:s3:::x' } },
    { name: 'B', ses: { topic_arn: SES_TOPIC }, path: 'x' },
    { name: 'C' },
  ])
    expect((await ask(api, 'POST', '/v1/sources', { ...ann, body })).status).toBe(422)
})
