import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { revokeCredential, rotateCredential } from '../../src/accounts/credentials/manage.ts'
import { openDatabase } from '../../src/db/database.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { aMail, SmtpTalk, type Submission, submissionWorld } from './support.ts'

const KEY = { kind: 'key', id: 'key' as never, name: 'a key', scopes: ['full'] } as const
const idIn = (answer: string) => /^250 2\.0\.0 Taken as ([0-9a-f-]{36})$/.exec(answer)?.[1]

async function originOf({ database }: Submission): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ origin: Record<string, unknown> }>`select origin from message`.execute(database.db)
  return rows[0]?.origin ?? {}
}

test('a mail that is taken is there, is sent, and carries our trace', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const headers =
    'Bcc: secret@example.org\r\nX-Waybill-Tag: sign-in, urgent\r\nX-Waybill-Metadata-Order: 4711\r\nX-Waybill-Stream: bulk\r\n'
  const answer = await talk.send(aMail({ headers }), { to: ['ann@example.org', 'bob@example.org', 'ann@example.org'] })
  const story = await shop.story(idIn(answer) ?? '')
  expect(story).toMatchObject({ tags: ['sign-in', 'urgent'], metadata: { order: '4711' }, stream: 'bulk', subject: 'Hello' })

  await shop.dispatch()
  expect(await shop.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'sent' })
  const { content, sender } = shop.smtp.messages[0] ?? { content: '', sender: '' }
  expect(sender).toBe('shop@example.com')
  expect(content).toMatch(/^Received: by mail\.example\.com \(Waybill\) with ESMTPSA id [0-9a-f-]{36};\r\n\t\w{3}, /)
  expect(content).not.toMatch(/bcc|secret|x-waybill|127\.0\.0\.1/i)
  expect(content.endsWith('\r\n\r\nHello Ann\r\n')).toBe(true)
})

test('who handed it in, from where, and which reports were asked for is kept with the message', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  await talk.say('MAIL FROM:<shop@example.com> RET=HDRS ENVID=order-7')
  await talk.say('RCPT TO:<ann@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;Ann@example.org')
  await talk.say('RCPT TO:<bob@example.org>')
  await talk.say('DATA')
  talk.write(aMail())
  expect(await talk.say('.')).toMatch(/^250 /)
  expect(await originOf(shop)).toEqual({
    kind: 'smtp',
    by: 'Shop',
    credential: shop.credential.id,
    client: '127.0.0.1',
    hello: 'app.example.com',
    dsn: {
      ret: 'HDRS',
      envid: 'order-7',
      recipients: [{ recipient: 'ann@example.org', notify: 'FAILURE,DELAY', orcpt: 'rfc822;Ann@example.org' }],
    },
  })
})

test('a mail without Message-ID and Date is given both, and the empty sender stays empty', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const answer = await talk.send('From: shop@example.com\r\nTo: ann@example.org\r\nSubject: x\r\n\r\nHello\r\n', { from: '' })
  await shop.dispatch()
  const [message] = shop.smtp.messages
  expect(message?.sender).toBe('')
  expect(message?.content).toContain(`Message-ID: <${idIn(answer)}@example.com>`)
  expect(message?.content).toMatch(/^Date: /m)
})

test.each([
  ['X-Waybill-Strem: bulk\r\n', /^550 5\.6\.0 I do not know the header X-Waybill-Strem\. Known are X-Waybill-Stream/],
  ['X-Waybill-Stream: newsletter\r\n', /^550 5\.6\.0 X-Waybill-Stream is one of transactional, conversation, bulk\./],
  ['X-Waybill-Idempotency-Key: \r\n', /^550 5\.6\.0 X-Waybill-Idempotency-Key takes/],
  [`X-Waybill-Tag: ${Array.from({ length: 21 }, (_, i) => i).join(',')}\r\n`, /^550 5\.6\.0 X-Waybill-Tag may give 20 tags/],
  ['Received: by x; Sat, 21 Nov 2026 12:00:00 +0000\r\n'.repeat(31), /^554 5\.4\.6 .*31 servers/],
  ['From: other@example.com\r\n', /^550 5\.6\.0 .*two From headers/],
  ['not a header\r\n', /^550 5\.6\.0 .*line 6 is not a header/],
])('a mail with %j is refused with a sentence', async (headers, expected) => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  expect(await talk.send(aMail({ headers }))).toMatch(expected)
  expect(await shop.states()).toEqual({})
})

test('a credential sends from its domains only, whichever field names another', async () => {
  const shop = await submissionWorld({ fromDomains: ['example.com', '*.example.net'] })
  const talk = await shop.signedIn()
  expect(await talk.send(aMail(), { from: 'boss@example.org' })).toMatch(
    /^550 5\.7\.1 MAIL FROM names example\.org; .*"Shop".* example\.com/,
  )
  const stranger = 'Shop <shop@example.com>, boss@example.org'
  expect(await talk.send(aMail({ from: stranger }))).toMatch(/^550 5\.7\.1 The From header names example\.org/)
  expect(await talk.send(aMail({ headers: 'Sender: boss@example.org\r\n' }))).toMatch(/^550 5\.7\.1 The Sender header/)
  expect(await talk.send(aMail({ from: 'a@mail.example.net' }), { from: 'a@mail.example.net' })).toMatch(/^250 /)
})

test('a credential sends on its streams only, and on the first of them when a mail names none', async () => {
  const shop = await submissionWorld({ streams: ['bulk', 'conversation'] })
  const talk = await shop.signedIn()
  expect(await talk.send(aMail({ headers: 'X-Waybill-Stream: transactional\r\n' }))).toMatch(
    /^550 5\.7\.1 .*bulk, conversation only/,
  )
  const answer = await talk.send(aMail())
  expect((await shop.story(idIn(answer) ?? '')).stream).toBe('bulk')
})

test('a credential works from its networks only', async () => {
  const shop = await submissionWorld({ networks: ['10.0.0.0/8', '192.0.2.7'] })
  const talk = await SmtpTalk.open(shop.port)
  await talk.hello()
  await talk.startTls()
  await talk.hello()
  expect(await talk.logIn(shop.credential)).toMatch(
    /^535 5\.7\.8 .*"Shop" may not be used from 127\.0\.0\.1, but from 10\.0\.0\.0\/8, 192\.0\.2\.7/,
  )
})

test('a credential of the sandbox sends nothing', async () => {
  const shop = await submissionWorld({ sandbox: true })
  const talk = await shop.signedIn()
  expect(await talk.send(aMail())).toMatch(/^250 /)
  await shop.dispatch()
  expect(shop.smtp.received()).toEqual([])
  expect(await shop.states()).toEqual({ 'ann@example.org': 'sent' })
})

test('beyond its pace a credential is put off, and goes on when its time has come', async () => {
  const shop = await submissionWorld({ ratePerMinute: 2 })
  const talk = await shop.signedIn()
  expect(await talk.send(aMail(), { to: ['a@example.org', 'b@example.org', 'c@example.org'] })).toMatch(/^250 /)
  expect(await talk.send(aMail())).toMatch(/^450 4\.7\.1 .*2 recipients a minute\. Try again in 30 seconds/)
  shop.clock.advance(30_000)
  expect(await talk.send(aMail())).toMatch(/^250 /)
})

test('a credential that is revoked sends nothing more, on a connection that is open already', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const actor = { ...KEY, workspaceId: shop.workspaceId }
  await shop.inWorkspace((tx) => revokeCredential(tx, shop.credential.id, actor, shop.clock.now()))
  expect(await talk.send(aMail())).toMatch(/^550 5\.7\.1 .*"Shop" was revoked/)
})

test('an exchanged secret works beside the new one for its time, and then no more', async () => {
  const shop = await submissionWorld()
  const actor = { ...KEY, workspaceId: shop.workspaceId }
  const next = await shop.database.transaction({ as: 'engine' }, (tx) =>
    rotateCredential(tx, shop.credential.id, 24, actor, shop.clock.now()),
  )
  const tryWith = async (secret: string) => {
    const talk = await SmtpTalk.open(shop.port)
    await talk.hello()
    await talk.startTls()
    await talk.hello()
    return (await talk.logIn({ username: shop.credential.username, secret })).slice(0, 3)
  }
  expect([await tryWith(shop.credential.secret), await tryWith(next.secret)]).toEqual(['235', '235'])
  shop.clock.advance(25 * 3_600_000)
  expect([await tryWith(shop.credential.secret), await tryWith(next.secret)]).toEqual(['535', '235'])
})

test('guesses are slowed down by where they come from, and never keep the right secret out', async () => {
  const shop = await submissionWorld()
  const answers: string[] = []
  for (let connection = 0; connection < 12; connection += 1) {
    const talk = await SmtpTalk.open(shop.port)
    await talk.hello()
    await talk.startTls()
    await talk.hello()
    for (let i = 0; i < 3; i += 1) answers.push(await talk.logIn({ username: shop.credential.username, secret: `guess ${i}` }))
    expect(await talk.reply()).toMatch(/^421 4\.7\.0 Too many failed tries/)
  }
  expect(answers[0]).toMatch(/^535 5\.7\.8 /)
  expect(answers.at(-1)).toMatch(/^454 4\.7\.0 Too many failed tries from 127\.0\.0\.1\. Try again in \d+ seconds/)
  expect(await (await shop.signedIn()).send(aMail())).toMatch(/^250 /)
})

test('a client that did not hear its 250 and sends the same mail again is told the same, once', async () => {
  const shop = await submissionWorld()
  const mail = aMail()
  const first = await (await shop.signedIn()).send(mail)
  expect(await (await shop.signedIn()).send(mail)).toBe(first)
  // To others, from another credential, or after its time it is meant.
  expect(await (await shop.signedIn()).send(mail, { to: ['bob@example.org'] })).not.toBe(first)
  expect(await (await shop.signedIn(await shop.newCredential())).send(mail)).not.toBe(first)
  shop.clock.advance(11 * 60_000)
  expect(await (await shop.signedIn()).send(mail)).not.toBe(first)
  expect(await shop.events('message.submitted')).toHaveLength(4)
})

test('two equal mails without a Message-ID are two mails', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const mail = 'From: cron@example.com\r\nTo: ann@example.org\r\nSubject: disk full\r\n\r\nAgain.\r\n'
  expect(await talk.send(mail)).not.toBe(await talk.send(mail))
})

test('under its own key a mail that is written anew is still the same one', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const mail = (subject = 'Your order') => aMail({ subject, headers: 'X-Waybill-Idempotency-Key: order-4711\r\n' })
  const first = await talk.send(mail())
  expect(await talk.send(mail())).toBe(first)
  expect(await talk.send(mail('Another order'))).toMatch(/^550 5\.5\.4 This X-Waybill-Idempotency-Key came with another/)
  expect(await shop.events('message.submitted')).toHaveLength(1)
})

test('mails of many connections share commits, and each is answered with its own id', async () => {
  const shop = await submissionWorld()
  const talks = await Promise.all(Array.from({ length: 20 }, () => shop.signedIn()))
  const same = aMail({ headers: 'X-Waybill-Idempotency-Key: one\r\n' })
  const answers = await Promise.all(
    talks.map((talk, i) =>
      talk.send(i % 4 === 0 ? same : aMail(), { to: [i % 4 === 0 ? 'one@example.org' : `r${i}@example.org`] }),
    ),
  )
  expect(new Set(answers.map(idIn)).size).toBe(16)
  expect(Object.keys(await shop.states())).toHaveLength(16)
  const { rows } = await sql<{ n: number }>`select count(distinct txid) as n from event where type = 'message.submitted'`.execute(
    shop.database.db,
  )
  expect(rows[0]?.n).toBeLessThan(16)
})

async function throughProxy() {
  const shop = await submissionWorld()
  const proxy = await databaseProxy(shop.connection)
  const through = openDatabase({ connection: { ...proxy.connection }, maxConnections: 4, applicationName: 'test' })
  onTestFinished(async () => {
    await through.close()
    await proxy[Symbol.asyncDispose]()
  })
  return { shop, proxy, through }
}

test('while the database is away nothing is promised, and nobody loses their password', async () => {
  const { shop, proxy, through } = await throughProxy()
  const port = await shop.serveThrough(through)
  const talk = await shop.signedIn(shop.credential, port)
  proxy.takeAway()
  expect(await talk.send(aMail())).toMatch(/^451 4\.3\.0 /)
  const other = await SmtpTalk.open(port)
  await other.hello()
  await other.startTls()
  await other.hello()
  expect(await other.logIn(shop.credential)).toMatch(/^454 4\.7\.0 /)
  proxy.heal()
  expect(await talk.send(aMail())).toMatch(/^250 /)
  expect(await shop.events('message.submitted')).toHaveLength(1)
})

test('a commit whose answer was lost is not promised, and the repetition finds it', async () => {
  const { shop, proxy, through } = await throughProxy()
  const port = await shop.serveThrough(through)
  const talk = await shop.signedIn(shop.credential, port)
  const mail = aMail()
  proxy.loseCommit(1)
  expect(await talk.send(mail)).toMatch(/^451 4\.3\.0 /)
  expect(await talk.send(mail)).toMatch(/^250 /)
  expect(await shop.events('message.submitted')).toHaveLength(1)
})
