import fc from 'fast-check'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { beforeAll, expect, test } from 'vitest'
import { createBodyHash, hashBody } from '../../../src/mail/dkim/body-hash.ts'
import { relaxedBody, relaxedHeader } from '../../../src/mail/dkim/canonical.ts'
import { generateDkimKey, readKeyData, type SigningKey, toKeyData, toSigningKey } from '../../../src/mail/dkim/key.ts'
import { formatKeyRecord } from '../../../src/mail/dkim/key-record.ts'
import { dkimSignatures, type SignOptions } from '../../../src/mail/dkim/sign.ts'
import { type FindKey, verifyDkim } from '../../../src/mail/dkim/verify.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
let rsa: SigningKey
let ed: SigningKey

beforeAll(async () => {
  rsa = await aKey('rsa', 'wb1r')
  ed = await aKey('ed25519', 'wb1e')
})

async function aKey(algorithm: 'rsa' | 'ed25519', selector: string): Promise<SigningKey> {
  const { privateKey } = await generateDkimKey(algorithm)
  return toSigningKey({ domain: 'example.org', selector }, algorithm, privateKey)
}

const ours: FindKey = (domain, selector) => {
  const key = [rsa, ed].find((each) => each.domain === domain && each.selector === selector)
  return key ? { algorithm: key.algorithm, key: key.publicKey } : null
}

/** What a receiver of the world makes of it, with keys read from the DNS. */
async function elsewhere(mail: string): Promise<string[]> {
  const resolver = async (name: string) => {
    const key = [rsa, ed].find((each) => name === `${each.selector}._domainkey.${each.domain}`)
    if (!key) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
    return [[formatKeyRecord(key.algorithm, toKeyData(key.publicKey))]]
  }
  const { results } = await dkimVerify(Buffer.from(mail, 'latin1'), { resolver })
  return results.map(({ status, info }) => (status.result === 'pass' ? 'pass' : `${status.result}: ${info}`))
}

async function signed(mail: string, options?: SignOptions): Promise<string> {
  return `${await dkimSignatures(mail, [rsa, ed], NOW, options)}${mail}`
}

const MAIL = [
  'From: Shop <shop@example.org>',
  'To: ann@example.com',
  'Subject: Your  order',
  ' number 7',
  'Date: Sun, 22 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@example.org>',
  'List-Unsubscribe: <https://example.org/u/1>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  '',
  'Hello \t Ann  ',
  '',
  'Bye',
  '',
  '',
  '',
].join('\r\n')

test('an independent verifier passes both signatures of a mail', async () => {
  expect(await elsewhere(await signed(MAIL))).toEqual(['pass', 'pass'])
})

test('any mail that we can send is signed so that we and an independent verifier pass it', async () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab: ;=\t .<>\xe9'), maxLength: 20 }).map((text) => `x${text.trim()}`)
  const line = fc.string({ unit: fc.constantFrom(...'ab \t.=\xff'), maxLength: 12 })
  const mail = fc
    .record({
      subject: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('\r\n ')),
      unsubscribe: fc.boolean(),
      to: fc.constantFrom('', 'To: a@example.com\r\n', 'To: a@example.com\r\nTo: b@example.com\r\n'),
      lines: fc.array(line, { maxLength: 8 }),
      ending: fc.constantFrom('', '\r\n', '\r\n\r\n', ' ', '\t\r\n \r\n'),
    })
    .map(({ subject, unsubscribe, to, lines, ending }) => {
      const list = unsubscribe ? 'List-Unsubscribe: <https://example.org/u>\r\n' : ''
      return `From: shop@example.org\r\n${to}Subject: ${subject}\r\n${list}\r\n${lines.join('\r\n')}${ending}`
    })
  await fc.assert(
    fc.asyncProperty(mail, async (text) => {
      const whole = await signed(text)
      expect((await verifyDkim(whole, ours)).map(({ why }) => why)).toEqual([null, null])
      expect(await elsewhere(whole)).toEqual(['pass', 'pass'])
    }),
    { numRuns: 60 },
  )
})

test('folding lines anew and white space at their ends, as relays do it, leave a signature whole', async () => {
  const whole = await signed(MAIL)
  const relayed = whole
    .replace('Subject: Your  order\r\n number 7', 'SUBJECT:Your order number\r\n\t7')
    .replace('Bye\r\n', 'Bye \t\r\n')
  expect((await verifyDkim(relayed, ours)).every(({ pass }) => pass)).toBe(true)
  expect(await elsewhere(relayed)).toEqual(['pass', 'pass'])
})

test.each([
  ['a word of the body', (mail: string) => mail.replace('Hello', 'Hallo')],
  ['something appended to the body', (mail: string) => `${mail}more\r\n`],
  ['the subject', (mail: string) => mail.replace('number 7', 'number 8')],
  ['a second Subject on top', (mail: string) => `Subject: Free money\r\n${mail}`],
  ['a second From on top', (mail: string) => `From: other@example.net\r\n${mail}`],
  ['a Reply-To that was not there', (mail: string) => `Reply-To: other@example.net\r\n${mail}`],
  ['another way to unsubscribe', (mail: string) => mail.replace('example.org/u/1', 'example.org/u/2')],
  ['a second List-Unsubscribe-Post', (mail: string) => `List-Unsubscribe-Post: x\r\n${mail}`],
  ['a missing Cc made up', (mail: string) => `Cc: eve@example.net\r\n${mail}`],
])('whoever changes %s breaks both signatures', async (_, change) => {
  const changed = change(await signed(MAIL))
  const verdicts = await verifyDkim(changed, ours)
  expect(verdicts.map(({ pass }) => pass)).toEqual([false, false])
  expect((await elsewhere(changed)).filter((result) => result === 'pass')).toEqual([])
})

test('both headers that unsubscribe are covered when present, and the body always as a whole', async () => {
  const header = await dkimSignatures(MAIL, [rsa], NOW)
  const names = / h=([^;]*);/.exec(header)?.[1]?.replace(/\s/g, '').split(':') ?? []
  expect(names.filter((name) => name === 'List-Unsubscribe')).toHaveLength(2)
  expect(names.filter((name) => name === 'List-Unsubscribe-Post')).toHaveLength(2)
  expect(names.filter((name) => name === 'From')).toHaveLength(2)
  expect(names.filter((name) => name === 'Cc')).toHaveLength(1)
  expect(header).not.toMatch(/\bl=/)
  expect(header.split('\r\n').every((line) => line.length <= 78)).toBe(true)
})

test('a mail for Amazon SES still verifies when it got another Date and Message-ID there', async () => {
  const whole = await signed(MAIL, { onward: 'ses' })
  const rewritten = whole
    .replace(/^Date: .*$/m, 'Date: Mon, 23 Nov 2026 11:11:11 +0000')
    .replace(/^Message-ID: .*$/m, 'Message-ID: <0100@eu-west-1.amazonses.com>')
  expect(await elsewhere(`Feedback-ID: 1.eu-west-1.x:AmazonSES\r\n${rewritten}`)).toEqual(['pass', 'pass'])
})

test('a signature for one key does not pass for another', async () => {
  const other = await aKey('rsa', 'wb1r')
  const whole = `${await dkimSignatures(MAIL, [other], NOW)}${MAIL}`
  expect((await verifyDkim(whole, ours)).map(({ pass }) => pass)).toEqual([false])
})

test('signatures that cover a part, or leave out From, or name no key of ours never pass', async () => {
  const whole = await signed(MAIL)
  const verdictOf = async (mail: string) => (await verifyDkim(mail, ours))[0]?.why
  expect(await verdictOf(whole.replace('; s=wb1r;', '; l=3; s=wb1r;'))).toContain('part of the body')
  expect(await verdictOf(whole.replace(/h=From:From:/, 'h='))).toContain('From')
  expect(await verdictOf(whole.replace('s=wb1r', 's=none'))).toContain('no key')
  expect(await verdictOf(whole.replace('relaxed/relaxed', 'simple/simple'))).toContain('not read here')
  expect(await verdictOf(whole.replace('v=1', 'v=2'))).toContain('version')
  expect(await verdictOf(whole.replace('rsa-sha256', 'rsa-sha1'))).toContain('made with')
  expect(await verifyDkim(MAIL, ours)).toEqual([])
})

// RFC 6376 §3.4.5
test('the examples of RFC 6376 come out as it says', () => {
  expect(relaxedHeader('A: X')).toBe('a:X')
  expect(relaxedHeader('B : Y\t\r\n\tZ  ')).toBe('b:Y Z')
  expect(relaxedBody(' C \r\nD \t E\r\n\r\n\r\n')).toBe(' C\r\nD E\r\n')
  expect(hashBody('')).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
})

// RFC 8463 Appendix A
test('the mail of RFC 8463 verifies with both its keys', async () => {
  const keys = {
    brisbane: { algorithm: 'ed25519', data: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' },
    test: {
      algorithm: 'rsa',
      data: 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
    },
  } as const
  const find: FindKey = (_, selector) => {
    const found = keys[selector as keyof typeof keys]
    const key = readKeyData(found.algorithm, found.data)
    return key && { algorithm: found.algorithm, key }
  }
  const mail = [
    'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
    ' subject : date : message-id : from : subject : date;',
    ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
    ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
    ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
    ' date : message-id : from : subject : date;',
    ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
    ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
    ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
    ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
    'From: Joe SixPack <joe@football.example.com>',
    'To: Suzie Q <suzie@shopping.example.net>',
    'Subject: Is dinner ready?',
    'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
    'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
    '',
    'Hi.',
    '',
    'We lost the game.  Are you hungry yet?',
    '',
    'Joe.',
    '',
  ].join('\r\n')
  expect((await verifyDkim(mail, find)).map(({ why }) => why)).toEqual([null, null])
})

test('canonicalising twice changes nothing more', () => {
  const text = fc
    .array(fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\r\n'), maxLength: 20 }))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (body) => {
      const once = relaxedBody(body)
      expect(relaxedBody(once)).toBe(once)
      expect(once).not.toMatch(/[ \t]\r\n|\t| {2}/)
    }),
  )
})

test('a long run of blanks costs no more than its length', () => {
  const body = `${`${' '.repeat(200_000)}x`.repeat(20)}\r\n`
  expect(relaxedBody(body)).toBe(`${' x'.repeat(20)}\r\n`)
})

test('remembered body hashes are the same as fresh ones, however many bodies come by', () => {
  const remembered = createBodyHash()
  const bodies = Array.from({ length: 100 }, (_, n) => `body ${n}\r\n`)
  for (const body of [...bodies, ...bodies, ...bodies.slice(-3)]) expect(remembered(body)).toBe(hashBody(body))
})
