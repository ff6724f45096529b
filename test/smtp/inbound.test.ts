import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { returnPathKey, returnPathOf } from '../../src/delivery/feedback/return-path.ts'
import { desk } from '../helpdesk/desk.ts'
import { aMessage } from '../support/world.ts'
import { inboundWorld, SmtpTalk } from './support.ts'

const DSN = 'From: MAILER-DAEMON@mx.example.org\r\nSubject: Undelivered\r\n\r\nNo such user.\r\n'

async function withReturnPath() {
  const shop = await inboundWorld()
  await shop.submit(aMessage({ to: ['ann@example.org'] }))
  const { id } = await shop.deliveryOf('ann@example.org')
  const talk = await SmtpTalk.open(shop.port)
  const hello = await talk.hello()
  const kept = async () => {
    const { rows } = await sql<{ source: string; headers: object; body: Buffer; size: number }>`
      select source, headers, body, size_bytes as size from feedback`.execute(shop.database.db)
    return rows
  }
  return { ...shop, talk, hello, kept, returnPath: returnPathOf(id, 'bounces.example.com', returnPathKey(shop.secrets)) }
}

test('a bounce for a return path of ours is kept, without a sign-in', async () => {
  const { talk, hello, kept, returnPath } = await withReturnPath()
  expect(hello).toMatch(/STARTTLS/)
  expect(hello).not.toMatch(/AUTH/)
  expect(await talk.send(DSN, { from: '', to: [returnPath] })).toMatch(/^250 2\.0\.0 /)
  expect(await kept()).toMatchObject([{ source: 'dsn', headers: { recipient: returnPath, sender: '' }, size: DSN.length }])
  expect((await kept())[0]?.body.toString()).toBe(DSN)
  // Delivered a second time it is the same one.
  expect(await talk.send(DSN, { from: '', to: [returnPath] })).toMatch(/^250 /)
  expect(await kept()).toHaveLength(1)
})

test('nobody else has an address here, so that nothing can be relayed', async () => {
  const { talk, kept, returnPath } = await withReturnPath()
  await talk.say('MAIL FROM:<spammer@example.com>')
  const forged = returnPath.replace(/^b\+./, (start) => `b+${start.endsWith('a') ? 'b' : 'a'}`)
  for (const to of ['ann@example.org', 'postmaster@bounces.example.com', forged, returnPath.replace('b+', 'f+')])
    expect(await talk.say(`RCPT TO:<${to}>`)).toMatch(/^550 5\.1\.1 /)
  expect(await talk.say('DATA')).toMatch(/^554 5\.5\.1 /)
  expect(await talk.say('AUTH PLAIN AGEAYg==')).toMatch(/^502 /)
  expect(await kept()).toEqual([])
})

test('who tries addresses is sent away', async () => {
  const { talk } = await withReturnPath()
  await talk.say('MAIL FROM:<spammer@example.com>')
  talk.write(Array.from({ length: 150 }, (_, i) => `RCPT TO:<u${i}@bounces.example.com>\r\n`).join(''))
  const heard = await talk.rest()
  expect(heard.match(/^550/gm)).toHaveLength(100)
  expect(heard).toMatch(/421 4\.7\.0 Too many recipients were refused\.\r\n$/)
})

test('of a bounce that sends a large mail back, the beginning is kept', async () => {
  const { talk, kept, returnPath } = await withReturnPath()
  const large = DSN + `${'x'.repeat(998)}\r\n`.repeat(2_000)
  expect(await talk.send(large, { from: '', to: [returnPath] })).toMatch(/^250 /)
  expect((await kept())[0]?.body.toString()).toBe(large.slice(0, 512 * 1024))
})

test('mail for an inbox is taken with one arrival for each, after its commit; for anybody else it is refused at RCPT', async () => {
  const shop = await inboundWorld()
  const d = await desk(shop)
  const sales = await d.addInbox('Sales')
  const talk = await SmtpTalk.open(shop.port)
  await talk.hello()
  expect(await talk.say('MAIL FROM:<ann@customer.example>')).toMatch(/^250/)
  expect(await talk.say('RCPT TO:<nobody@example.com>')).toMatch(/^550 5\.1\.1/)
  expect(await talk.say('RCPT TO:<Support+r.x@example.com>')).toMatch(/^250/)
  expect(await talk.say('RCPT TO:<sales@example.com>')).toMatch(/^250/)
  expect(await talk.say('DATA')).toMatch(/^354/)
  expect(await talk.say('From: ann@customer.example\r\nSubject: Hello\r\n\r\nIs anybody there?\r\n.')).toMatch(/^250/)
  const { rows } = await sql<{ inbox: string; helo: string }>`
    select inbox_id as inbox, helo from inbound_mail where state = 'received' order by id`.execute(shop.database.db)
  expect(rows.map(({ inbox }) => inbox).toSorted()).toEqual([d.inbox.id, sales.id].toSorted())
  expect(rows[0]?.helo).not.toBe(null)
})
