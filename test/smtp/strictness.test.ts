import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { createMemoryBudget } from '../../src/lib/memory-budget.ts'
import { good } from '../support/tls.ts'
import { aMail, SmtpTalk, submissionWorld } from './support.ts'

/** A second mail hidden in the body, behind each end that some server somewhere has taken for the end of DATA. */
const SMUGGLED = 'MAIL FROM:<boss@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nFrom: boss@example.com\r\n\r\nPay.\r\n'
const ENDS = ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\r\n.\r\r\n', '\r\n\0.\r\n']

test.each(ENDS)('a mail smuggled behind %j is refused together with its carrier', async (end) => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const answer = await talk.send(`${aMail()}end${end}${SMUGGLED}`)
  expect(answer).toMatch(/^550 5\.6\.0 /)
  expect(await shop.states()).toEqual({})
  // The connection goes on, in step: nothing of the body was taken for a command.
  expect(await talk.say('NOOP')).toMatch(/^250 /)
  expect(await talk.send(aMail())).toMatch(/^250 /)
  expect(await shop.states()).toEqual({ 'ann@example.org': 'queued' })
})

test.each(['\r', '\n', '\0', '\r\r\n', '\x0b'])('a command with %j in it is no command', async (byte) => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const answer = await talk.say(`MAIL FROM:<shop@example.com>${byte}RCPT TO:<ann@example.org>`)
  expect(answer).toMatch(/^50\d 5\.5\.\d /)
})

test('bytes behind STARTTLS are never obeyed, and end the connection', async () => {
  const shop = await submissionWorld()
  const talk = await SmtpTalk.open(shop.port)
  await talk.hello()
  talk.write('STARTTLS\r\nEHLO injected.example.com\r\nMAIL FROM:<shop@example.com>\r\n')
  expect(await talk.rest()).toMatch(/^421 4\.7\.0 [^\n]*\r\n$/)
})

test('what was said before the handshake counts for nothing after it', async () => {
  const shop = await submissionWorld()
  const talk = await SmtpTalk.open(shop.port)
  expect(await talk.hello()).toMatch(/STARTTLS/)
  await talk.startTls()
  expect(await talk.say('MAIL FROM:<shop@example.com>')).toMatch(/^503 5\.5\.1 Say EHLO/)
  const hello = await talk.hello()
  expect(hello).not.toMatch(/STARTTLS/)
  expect(hello).toMatch(/250.AUTH PLAIN LOGIN/)
})

test('nobody is asked for a password in plain text, and nobody sends without one', async () => {
  const shop = await submissionWorld()
  const talk = await SmtpTalk.open(shop.port)
  expect(await talk.hello()).not.toMatch(/AUTH/)
  expect(await talk.logIn(shop.credential)).toMatch(/^538 5\.7\.11 /)
  expect(await talk.say('MAIL FROM:<shop@example.com>')).toMatch(/^530 5\.7\.0 .*STARTTLS/)
  await talk.startTls()
  await talk.hello()
  expect(await talk.say('MAIL FROM:<shop@example.com>')).toMatch(/^530 5\.7\.0 Sign in/)
})

test('TLS from the first byte, and LOGIN', async () => {
  const shop = await submissionWorld({ server: { implicitTls: true, secureContext: () => createSecureContext(good) } })
  const talk = await SmtpTalk.open(shop.port, { implicitTls: true })
  await talk.hello()
  expect(await talk.say('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6')
  expect(await talk.say(Buffer.from(shop.credential.username).toString('base64'))).toBe('334 UGFzc3dvcmQ6')
  expect(await talk.say(Buffer.from(shop.credential.secret).toString('base64'))).toMatch(/^235 2\.7\.0 Welcome, Shop\./)
  expect(await talk.send(aMail())).toMatch(/^250 /)
})

test('a mail that is too large is refused at its announcement, and by its bytes', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  expect(await talk.say('MAIL FROM:<shop@example.com> SIZE=37748737')).toMatch(/^552 5\.3\.4 .*36 MB/)
  expect(await talk.say('MAIL FROM:<shop@example.com> SIZE=1000')).toMatch(/^250 /)
  await talk.say('RCPT TO:<ann@example.org>')
  await talk.say('DATA')
  const block = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(1_000))
  talk.write(aMail())
  for (let i = 0; i < 38; i += 1)
    if (!talk.socket.write(block)) await new Promise((resolve) => talk.socket.once('drain', resolve))
  expect(await talk.say('.')).toMatch(/^552 5\.3\.4 /)
  expect(await talk.send(aMail())).toMatch(/^250 /)
})

test('a large mail arrives byte for byte, through a file', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const body = Array.from({ length: 12_000 }, (_, i) => `${i} ${'.'.repeat(i % 70)}\r\n.${i}\r\n`).join('')
  expect(await talk.send(aMail({ body: body.replace(/^\./gm, '..') }))).toMatch(/^250 /)
  await shop.dispatch()
  expect(shop.smtp.messages[0]?.content.endsWith(`\r\n\r\n${body}`)).toBe(true)
})

test('a whole mail in one flight, and the next one behind it', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const one = (to: string) => `MAIL FROM:<shop@example.com>\r\nRCPT TO:<${to}>\r\nDATA\r\n${aMail()}.\r\n`
  talk.write(`${one('ann@example.org')}${one('bob@example.org')}QUIT\r\n`)
  const heard = await talk.rest()
  expect(heard.match(/^\d{3}/gm)).toEqual(['250', '250', '354', '250', '250', '250', '354', '250', '221'])
  expect(await shop.states()).toEqual({ 'ann@example.org': 'queued', 'bob@example.org': 'queued' })
})

test('a mail in chunks, cut anywhere, with dots at the beginning of lines', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const mail = aMail({ body: '.\r\n.hidden\r\n..\r\nend' })
  const [first, second, third] = [mail.slice(0, 31), mail.slice(31, 200), mail.slice(200)]
  talk.write(
    `MAIL FROM:<shop@example.com> BODY=8BITMIME\r\nRCPT TO:<ann@example.org>\r\nBDAT ${first.length}\r\n${first}BDAT ${second.length}\r\n${second}BDAT ${third.length}\r\n${third}BDAT 0 LAST\r\n`,
  )
  for (let i = 0; i < 5; i += 1) expect(await talk.reply()).toMatch(/^250 /)
  expect(await talk.reply()).toMatch(/^250 2\.0\.0 Taken as /)
  await shop.dispatch()
  expect(shop.smtp.messages[0]?.content.endsWith('\r\n\r\n.\r\n.hidden\r\n..\r\nend\r\n')).toBe(true)
})

test('chunks that nobody asked for are read over, and DATA and BDAT are not mixed', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  talk.write('BDAT 7 LAST\r\nQUIT\r\nx')
  expect(await talk.reply()).toMatch(/^503 5\.5\.1 /)
  await talk.say('MAIL FROM:<shop@example.com>')
  await talk.say('RCPT TO:<ann@example.org>')
  talk.write('BDAT 3\r\nabc')
  expect(await talk.reply()).toMatch(/^250 2\.0\.0 3 bytes/)
  expect(await talk.say('DATA')).toMatch(/^503 5\.5\.1 /)
  expect(await talk.say('RSET')).toMatch(/^250 /)
  expect(await talk.send(aMail())).toMatch(/^250 /)
})

test('an address outside ASCII needs SMTPUTF8, and arrives with it', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  const to = Buffer.from('jörg@example.org').toString('latin1')
  expect(await talk.send(aMail(), { to: [to] })).toMatch(/^553 5\.6\.7 /)
  await talk.say('RSET')
  const mail = Buffer.from(aMail({ to: 'jörg@example.org', subject: 'Grüße', body: 'Grüße\r\n' }))
  expect(await talk.send(mail, { to: [to], mail: ' SMTPUTF8 BODY=8BITMIME' })).toMatch(/^250 /)
  await shop.dispatch()
  expect(await shop.states()).toEqual({ 'jörg@example.org': 'sent' })
  expect(Buffer.from(shop.smtp.messages[0]?.content ?? '', 'latin1').toString()).toMatch(/\r\n\r\nGrüße\r\n$/)
})

test('more than a thousand recipients are for the next mail', async () => {
  const shop = await submissionWorld()
  const talk = await shop.signedIn()
  await talk.say('MAIL FROM:<shop@example.com>')
  talk.write(Array.from({ length: 1_001 }, (_, i) => `RCPT TO:<r${i}@example.org>\r\n`).join(''))
  for (let i = 0; i < 1_000; i += 1) expect(await talk.reply()).toMatch(/^250 /)
  expect(await talk.reply()).toMatch(/^452 4\.5\.3 .*1000 recipients/)
  expect(await talk.say('DATA')).toMatch(/^354 /)
  talk.write(aMail())
  expect(await talk.say('.')).toMatch(/^250 /)
  expect(Object.keys(await shop.states())).toHaveLength(1_000)
})

test('who only makes mistakes is sent away', async () => {
  const shop = await submissionWorld()
  const talk = await SmtpTalk.open(shop.port)
  talk.write('NONSENSE\r\n'.repeat(20))
  expect((await talk.rest()).match(/^\d{3}/gm)).toEqual([...Array.from({ length: 11 }, () => '500'), '421'])
})

test('a line without an end is not waited for', async () => {
  const shop = await submissionWorld()
  const talk = await SmtpTalk.open(shop.port)
  talk.write('x'.repeat(5_000))
  expect(await talk.rest()).toMatch(/^500 5\.5\.2 .*\r\n421 /)
})

test('who drips a command byte by byte has a minute to say who they are, and no more', async () => {
  let nowMs = 0
  const shop = await submissionWorld({ server: { monotonicMs: () => nowMs } })
  const talk = await SmtpTalk.open(shop.port)
  talk.write('EHL')
  nowMs = 59_000
  talk.write('O a')
  nowMs = 61_000
  expect(await talk.rest()).toBe('421 4.4.2 You took too long.\r\n')
})

test('a known client may be silent for five minutes, however it drips', async () => {
  let nowMs = 0
  const shop = await submissionWorld({ server: { monotonicMs: () => nowMs } })
  const talk = await shop.signedIn()
  nowMs = 200_000
  expect(await talk.say('NOOP')).toMatch(/^250 /)
  talk.write('NO')
  nowMs = 501_000
  expect(await talk.rest()).toMatch(/^421 4\.4\.2 /)
})

test('beyond the connections that one address may have, the next is turned away', async () => {
  const shop = await submissionWorld({ server: { limits: { connectionsAnAddress: 2 } } })
  const first = await SmtpTalk.open(shop.port)
  await SmtpTalk.open(shop.port)
  const third = await SmtpTalk.open(shop.port)
  expect(await third.rest()).toBe('')
  expect(await first.say('QUIT')).toMatch(/^221 /)
  await first.rest()
  expect(await (await SmtpTalk.open(shop.port)).hello()).toMatch(/^250/)
})

test('without memory to hold it, a mail is put off before it is sent', async () => {
  const budget = createMemoryBudget({ totalBytes: 100_000, waiting: 0, waitMs: 10 })
  const shop = await submissionWorld({ budget })
  const talk = await shop.signedIn()
  expect(await talk.send(aMail())).toMatch(/^452 4\.3\.1 /)
  expect(await talk.send(aMail(), { mail: ' SIZE=1000' })).toMatch(/^250 /)
  expect(budget.used).toBe(0)
})
