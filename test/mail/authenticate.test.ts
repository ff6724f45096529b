import { beforeAll, expect, test } from 'vitest'
import { authenticate, type ReceivedMail } from '../../src/mail/authenticate.ts'
import type { SmtpClient } from '../../src/mail/authentication.ts'
import { generateDkimKey, type SigningKey, toKeyData, toSigningKey } from '../../src/mail/dkim/key.ts'
import { formatKeyRecord } from '../../src/mail/dkim/key-record.ts'
import { dkimSignatures } from '../../src/mail/dkim/sign.ts'
import { parseMail } from '../../src/mail/parse.ts'
import { fixedResolver } from '../support/dns.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const MAIL =
  'From: Ann <ann@example.org>\r\nTo: help@example.com\r\nSubject: Hello\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n'
const CLIENT: SmtpClient = { ip: '192.0.2.1', helo: 'mx.example.org', envelopeSender: 'bounce@example.org' }
let key: SigningKey
let signed: string

beforeAll(async () => {
  const { privateKey } = await generateDkimKey('ed25519')
  key = toSigningKey({ domain: 'example.org', selector: 'k' }, 'ed25519', privateKey)
  signed = (await dkimSignatures(MAIL, [key], NOW)) + MAIL
})

function dns(records: Record<string, string[] | 'timeout' | 'nxdomain'> = {}) {
  const known = {
    'k._domainkey.example.org': [formatKeyRecord(key.algorithm, toKeyData(key.publicKey))],
    'example.org': ['v=spf1 ip4:192.0.2.1 -all'],
    '_dmarc.example.org': ['v=DMARC1; p=reject'],
  }
  return fixedResolver({}, { txt: { ...known, ...records } })
}

async function received(
  content: string,
  client: SmtpClient | null = CLIENT,
  receivers: readonly string[] = [],
): Promise<ReceivedMail> {
  const raw = Buffer.from(content)
  const result = await parseMail(raw)
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return { raw, mail: result.mail, client, receivers }
}

test('a signed mail from where its domain sends is whose it says', async () => {
  const found = await authenticate(await received(signed), dns())
  expect(found).toMatchObject({
    spf: [{ result: 'pass', domain: 'example.org' }],
    dkim: [{ result: 'pass', domain: 'example.org' }],
    dmarc: [{ result: 'pass', domain: 'example.org' }],
    arc: [],
    source: 'checked',
    aligned: true,
  })
})

test('a mail that was changed, or comes from elsewhere, is not', async () => {
  const elsewhere = { ...CLIENT, ip: '198.51.100.9' }
  const changed = await authenticate(await received(signed.replace('\r\n\r\nHello', '\r\n\r\nPay'), elsewhere), dns())
  expect(changed).toMatchObject({ spf: [{ result: 'fail' }], dmarc: [{ result: 'fail' }], aligned: false })
  expect(changed.dkim[0]?.result).not.toBe('pass')
  const forwarded = await authenticate(await received(signed, elsewhere), dns())
  expect(forwarded).toMatchObject({
    spf: [{ result: 'fail' }],
    dkim: [{ result: 'pass' }],
    dmarc: [{ result: 'pass' }],
    aligned: true,
  })
})

test('another domain that passes speaks for itself only', async () => {
  const spoofed = await received(MAIL, { ...CLIENT, envelopeSender: 'x@attacker.example' })
  const found = await authenticate(spoofed, dns({ 'attacker.example': ['v=spf1 ip4:192.0.2.1 -all'] }))
  expect(found).toMatchObject({
    spf: [{ result: 'pass', domain: 'attacker.example' }],
    dmarc: [{ result: 'fail' }],
    aligned: false,
  })
})

test('without a policy of the domain, a check that passes for it is enough', async () => {
  expect(await authenticate(await received(signed), dns({ '_dmarc.example.org': 'nxdomain' }))).toMatchObject({ aligned: true })
  expect(await authenticate(await received(MAIL, null), dns({ '_dmarc.example.org': 'nxdomain' }))).toMatchObject({
    dkim: [],
    aligned: false,
  })
})

test('signatures of a fetched mail of which nothing is told are checked, the connection cannot be', async () => {
  expect(await authenticate(await received(signed, null), dns())).toMatchObject({
    spf: [],
    dkim: [{ result: 'pass' }],
    source: 'checked',
    aligned: true,
  })
})

test('two From headers, a null return path, and bytes that are no mail at all have an answer', async () => {
  const two = await authenticate(await received(`From: eve@attacker.example\r\n${signed}`), dns())
  expect(two).toMatchObject({ aligned: false })
  const bounce = await authenticate(
    await received(MAIL, { ...CLIENT, envelopeSender: '' }),
    dns({ 'mx.example.org': ['v=spf1 ip4:192.0.2.1 -all'] }),
  )
  expect(bounce.spf[0]).toMatchObject({ result: 'pass', domain: 'mx.example.org' })
  for (const raw of [
    '',
    '\0\xff\n\n',
    'DKIM-Signature: v=1; d=\r\n\r\n',
    'ARC-Seal: i=99\r\nFrom: @\r\n\r\n',
    `${'DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=b; h=from; bh=x; b=y\r\n'.repeat(500)}From: a@b.example\r\n\r\n`,
  ]) {
    const found = await authenticate(await received(raw), dns())
    expect(found.aligned).toBe(false)
    expect(found.dkim.length).toBeLessThanOrEqual(10)
  }
})

test('name servers that fail, or never answer, are told as such in time', async () => {
  const failing = await authenticate(
    await received(signed),
    dns({ 'k._domainkey.example.org': 'timeout', '_dmarc.example.org': 'timeout' }),
  )
  expect(failing).toMatchObject({ dkim: [{ result: 'temperror' }], aligned: false })
  const silent = { ...dns(), txt: () => new Promise<never>(() => {}) }
  expect(await authenticate(await received(signed), silent, 20)).toMatchObject({
    source: 'none',
    dmarc: [{ result: 'temperror' }],
    aligned: false,
  })
})

const GMAIL = (results: string) =>
  `Delivered-To: help@example.com\r\nReceived: by 2002:a05:6a10:1 with SMTP id x\r\nReturn-Path: <ann@example.org>\r\nReceived: from mx.example.org by mx.google.com with ESMTPS id y\r\nAuthentication-Results: ${results}\r\nReceived: from laptop by mx.example.org with ESMTPSA\r\nAuthentication-Results: mx.google.com; dmarc=pass header.from=example.org\r\n${MAIL}`

test('of a fetched mail the receiving server is believed, and nobody else', async () => {
  const said =
    'mx.google.com; dkim=pass header.i=@example.org header.s=k; spf=pass smtp.mailfrom=ann@example.org; dmarc=fail (p=NONE) header.from=example.org'
  const told = await authenticate(await received(GMAIL(said), null, ['imap.gmail.com']), dns())
  expect(told).toEqual({
    spf: [{ result: 'pass', domain: 'example.org', detail: null }],
    dkim: [{ result: 'pass', domain: 'example.org', detail: null }],
    dmarc: [{ result: 'fail', domain: 'example.org', detail: null }],
    arc: [],
    source: 'told',
    aligned: false,
  })
  const microsoft = `Received: from a.outlook.com by b.outlook.com with HTTPS\r\n`
  const unnamed = 'Authentication-Results: spf=pass smtp.mailfrom=example.org; dmarc=pass header.from=example.org\r\n'
  expect(await authenticate(await received(unnamed + microsoft + MAIL, null, ['outlook.office365.com']), dns())).toMatchObject({
    source: 'told',
    aligned: true,
  })
  expect(await authenticate(await received(microsoft + unnamed + MAIL, null, ['outlook.office365.com']), dns())).toMatchObject({
    source: 'none',
    aligned: false,
  })
})

test('a mail without a connection and a signature is not asked for', async () => {
  const nobody = new Proxy(dns(), { get: () => () => Promise.reject(new Error('asked')) })
  expect(await authenticate(await received(MAIL, null), nobody)).toEqual({
    spf: [],
    dkim: [],
    dmarc: [],
    arc: [],
    source: 'none',
    aligned: false,
  })
})

test.each([
  ['written by the sender, below his own trace', GMAIL('other.example; dmarc=pass'), ['imap.gmail.com']],
  [
    'in the name of another server',
    `Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org\r\n${MAIL}`,
    ['imap.gmail.com'],
  ],
  ['where no receiving server is known', GMAIL('mx.google.com; dmarc=pass header.from=example.org'), []],
  [
    'in the name of a server with a like name',
    GMAIL('mx.google.com.evil.example; dmarc=pass header.from=example.org'),
    ['imap.gmail.com'],
  ],
])('a result is not believed %s', async (_, content, receivers) => {
  expect(await authenticate(await received(content, null, receivers), dns())).toMatchObject({ source: 'none', aligned: false })
})

test('what a signature says is plain text wherever it goes: no NUL and no half of a letter is left in it', async () => {
  const odd = 'DKIM-Signature: v=1; a=rsa-sha256; d=example.org\0; s=k\u{1f600}; h=from; bh=AAAA; b=AAAA\r\n'
  const long = `DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=${'\u{1f600}'.repeat(600)}; h=from; bh=AAAA; b=AAAA\r\n`
  const found = await authenticate(await received(odd + long + MAIL, null), dns())
  expect(found.dkim.map(({ domain }) => domain)).toEqual(['example.org\ufffd', 'example.org'])
  const texts = found.dkim.flatMap(({ domain, detail }) => [domain ?? '', detail ?? ''])
  for (const text of texts) expect([text.isWellFormed(), /[\x00-\x1f\x7f-\x9f]/.test(text)]).toEqual([true, false])
})

test('a signature of nothing but white space is not looked at: it would hold up everything else for seconds', async () => {
  const blank = `DKIM-Signature: v=1; d=example.org; s=k; h=From;${' '.repeat(100_000)}b=x\r\n${MAIL}`
  const { dmarc } = await authenticate(await received(blank), dns())
  expect(dmarc).toMatchObject([{ result: 'temperror', detail: 'its headers hold more white space than they may' }])
})

test('nor is a signature over a line that no program writes', async () => {
  const { dmarc } = await authenticate(await received(`${signed}${'x'.repeat(1_100_000)}\r\n`), dns())
  expect(dmarc).toMatchObject([{ result: 'temperror', detail: 'one of its lines is longer than any program writes' }])
})
