import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEncryptedHop, parseAuthenticationResults, verdictOf } from '../../src/mail/authentication-results.ts'

test('what the standard shows is read as it says', () => {
  // RFC 8601 appendix B, abridged.
  const parsed = parseAuthenticationResults(
    `example.com 1;
       spf=pass smtp.mailfrom=example.net;
       dkim/1=fail reason="bad signature" header.i=@mail-router.example.net (a comment; with = and "quotes" (nested))`,
  )
  expect(parsed).toEqual({
    server: 'example.com',
    results: [
      { method: 'spf', result: 'pass', reason: null, properties: { 'smtp.mailfrom': 'example.net' } },
      { method: 'dkim', result: 'fail', reason: 'bad signature', properties: { 'header.i': '@mail-router.example.net' } },
    ],
  })
  expect(parseAuthenticationResults('example.org 1; none')).toEqual({ server: 'example.org', results: [] })
})

const GMAIL = `mx.google.com;
       dkim=pass header.i=@shop.example header.s=s1 header.b=Zm9v;
       spf=pass (google.com: domain of b+x@rp.shop.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=b+x@rp.shop.example;
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=shop.example`
const OUTLOOK = `spf=pass (sender IP is 192.0.2.1)
 smtp.mailfrom=shop.example; dkim=none (message not signed)
 header.d=none;dmarc=bestguesspass action=none header.from=shop.example;compauth=pass reason=109`
const FASTMAIL = `mx5.messagingengine.com;
    arc=none (no signatures found);
    dkim=pass (2048-bit rsa key sha256) header.d=shop.example header.i=@shop.example header.b=ab+cd= header.a=rsa-sha256 header.s=s1 x-bits=2048;
    dkim=fail header.b=abcd== header.d=third.example;
    dkim=invalid (public key: not available, unknown key sha256) header.d=other.example;
    dmarc=pass policy.published-domain-policy=reject (p=reject) header.from=shop.example;
    spf=pass smtp.mailfrom="b x"@rp.shop.example smtp.helo=mail.shop.example`

test.each([
  ['Gmail', GMAIL, { spf: 'pass', dkim: 'pass', dmarc: 'pass' }],
  ['Fastmail', FASTMAIL, { spf: 'pass', dkim: 'pass', dmarc: 'pass' }],
])('%s is understood', (_, header, expected) => {
  const parsed = parseAuthenticationResults(header)
  const verdicts = Object.fromEntries(['spf', 'dkim', 'dmarc'].map((method) => [method, parsed && verdictOf(parsed, method)]))
  expect(verdicts).toEqual(expected)
})

test('quoted local parts stay whole, and one good signature is enough', () => {
  const parsed = parseAuthenticationResults(FASTMAIL)
  expect(parsed?.results.at(-1)?.properties['smtp.mailfrom']).toBe('b x@rp.shop.example')
  expect(parsed && verdictOf(parsed, 'dkim')).toBe('pass')
  expect(parsed && verdictOf(parsed, 'bimi')).toBe(null)
})

test('a header that names no server is read all the same when its first word is a result', () => {
  expect(parseAuthenticationResults(OUTLOOK)).toMatchObject({
    server: '',
    results: [
      { method: 'spf', result: 'pass' },
      { method: 'dkim', result: 'none' },
      { method: 'dmarc', result: 'bestguesspass', properties: { action: 'none', 'header.from': 'shop.example' } },
      { method: 'compauth', result: 'pass', reason: '109' },
    ],
  })
})

test.each(['', ' ', ';', '=pass', '(only a comment)', '()(', '"'])('%j is nothing', (text) => {
  expect(parseAuthenticationResults(text)?.results ?? []).toEqual([])
})

test('whatever comes in is read in bounds, without a fault, and with plain keys', () => {
  const piece = fc.constantFrom(
    'spf',
    'dkim',
    '=',
    ';',
    ' ',
    '(',
    ')',
    '"',
    '\\',
    'pass',
    '__proto__',
    'constructor',
    '.',
    '\r\n ',
    'a@b',
    'é',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 300 }).map((all) => all.join('')),
      ),
      (text) => {
        const parsed = parseAuthenticationResults(text)
        for (const { method, result } of parsed?.results ?? []) {
          expect(method).toMatch(/^[a-z][a-z0-9_-]*$/)
          expect(result).toMatch(/^[a-z][a-z0-9_-]*$/)
        }
        expect(parsed?.results.length ?? 0).toBeLessThanOrEqual(64)
      },
    ),
    { numRuns: 1_000 },
  )
  const endless = parseAuthenticationResults(`mx.example; ${'dkim=pass header.d=x; '.repeat(100_000)}`)
  expect(endless?.results).toHaveLength(64)
})

test.each([
  [
    'from mail.shop.example (mail.shop.example. [192.0.2.1]) by mx.google.com with ESMTPS id x (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); Sun',
    true,
  ],
  ['from relay.example (relay.example [192.0.2.2]) by mx.example.org (Postfix) with ESMTP id 4Xy; Sun', false],
  [
    'from relay.example (relay.example [192.0.2.2]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384) by mx.example.org (Postfix) with ESMTPS id 4Xy',
    true,
  ],
  ['from a (b) by c with LMTP id 1', null],
  ['from AM0.eurprd01.prod.outlook.com by X with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE)', true],
  ['by 2002:a05:6a10 with SMTP id abc; Sun, 22 Nov 2026', null],
])('whether a hop was encrypted: %s', (received, expected) => {
  expect(isEncryptedHop(received)).toBe(expected)
})

test('a signature’s own signs of equality belong to it, and an empty value is one', () => {
  const parsed = parseAuthenticationResults(
    'mx.example; dkim=fail header.b=abcd== header.d=third.example; spf=none smtp.mailfrom= smtp.helo=x',
  )
  expect(parsed?.results.map(({ properties }) => properties)).toEqual([
    { 'header.b': 'abcd==', 'header.d': 'third.example' },
    { 'smtp.mailfrom': '', 'smtp.helo': 'x' },
  ])
})
