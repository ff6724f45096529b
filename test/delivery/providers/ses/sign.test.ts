import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, type SignableRequest, signed } from '../../../../src/delivery/providers/ses/sign.ts'

const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
}
const NOW = new Date('2015-08-30T12:36:00Z')
const HOST = { host: 'example.amazonaws.com' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const request = (changes: Partial<SignableRequest>): SignableRequest => ({
  method: 'GET',
  path: '/',
  query: '',
  headers: HOST,
  body: '',
  ...changes,
})
const signatureOf = (changes: Partial<SignableRequest>) =>
  /Signature=(\w+)$/.exec(signed(request(changes), KEY, NOW).authorization ?? '')?.[1]

// From the test suite that AWS published for Signature Version 4.
test.each([
  ['get-vanilla', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    { query: 'Param2=value2&Param1=value1' },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  ['post-vanilla', { method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-x-www-form-urlencoded',
    { method: 'POST', headers: { ...HOST, ...FORM }, body: 'Param1=value1' },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
] as readonly (readonly [string, Partial<SignableRequest>, string])[])(
  '%s is signed as AWS signs it',
  (_, changes, signature) => {
    expect(signatureOf(changes)).toBe(signature)
  },
)

test('the worked example of the AWS documentation comes out', () => {
  const example = signed(
    {
      method: 'GET',
      path: '/',
      query: 'Action=ListUsers&Version=2010-05-08',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', host: 'iam.amazonaws.com' },
      body: '',
    },
    { ...KEY, service: 'iam' },
    NOW,
  )
  expect(example.authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

test('the order of parameters and the case of names change nothing', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.string({ maxLength: 8 })), { selector: ([name]) => name }),
      (pairs) => {
        const written = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
        const [query, reversed] = [written.join('&'), written.toReversed().join('&')]
        expect(canonical(request({ query }))).toBe(canonical(request({ query: reversed })))
      },
    ),
  )
})

test('a changed body, header, path or time changes the signature', () => {
  const same = signatureOf({})
  expect(signatureOf({})).toBe(same)
  for (const changes of [{ body: 'x' }, { path: '/x' }, { headers: { host: 'elsewhere.amazonaws.com' } }, { method: 'PUT' }])
    expect(signatureOf(changes)).not.toBe(same)
})
