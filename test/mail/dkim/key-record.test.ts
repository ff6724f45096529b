import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateDkimKey, toSigningKey } from '../../../src/mail/dkim/key.ts'
import { formatKeyRecord, parseKeyRecord } from '../../../src/mail/dkim/key-record.ts'

const rsa = await generateDkimKey('rsa')
const ed25519 = await generateDkimKey('ed25519')

test.each([rsa, ed25519])('the record of a $algorithm key reads back as that key', ({ algorithm, publicKey }) => {
  const read = parseKeyRecord(formatKeyRecord(algorithm, publicKey))
  expect(read).toMatchObject({ kind: 'key', algorithm, data: publicKey, bits: algorithm === 'rsa' ? 2048 : 256, testing: false })
})

test('white space and the order of tags mean nothing', () => {
  const cut = rsa.publicKey.replace(/(.{60})/g, '$1 ')
  expect(parseKeyRecord(`p=${cut} ; k=rsa`)).toMatchObject({ kind: 'key', data: rsa.publicKey })
})

test.each([
  ['v=DKIM1; k=rsa; p=', 'revoked', ''],
  ['v=DKIM1; k=rsa', 'invalid', 'no p='],
  ['k=rsa; v=DKIM1; p=AAAA', 'invalid', 'must come first'],
  ['v=DKIM2; p=AAAA', 'invalid', 'v=DKIM2'],
  ['v=DKIM1; k=dsa; p=AAAA', 'invalid', 'k=dsa'],
  ['v=DKIM1; p=AAAA', 'invalid', 'cut off'],
  ['v=DKIM1; p=A"A', 'invalid', 'base64'],
  ['v=DKIM1; h=sha1; p=AAAA', 'invalid', 'sha256'],
  ['v=DKIM1; s=tlsrpt; p=AAAA', 'invalid', 'email'],
  ['v=DKIM1; p=A; p=B', 'invalid', 'twice'],
  ['hello', 'invalid', 'name=value'],
] as const)('%s is %s', (text, kind, why) => {
  const read = parseKeyRecord(text)
  expect(read.kind).toBe(kind)
  expect(read.kind === 'invalid' ? read.why : '').toContain(why)
})

test('t=y is told: receivers take such mail as unsigned', () => {
  expect(parseKeyRecord(`v=DKIM1; t=y:s; p=${rsa.publicKey}`)).toMatchObject({ kind: 'key', testing: true })
})

test('no text makes reading a record fail', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseKeyRecord(text)))
  fc.assert(fc.property(fc.string(), (text) => void parseKeyRecord(`v=DKIM1; k=ed25519; p=${text}`)))
})

test('a private key of another kind than said is refused', () => {
  expect(() => toSigningKey({ domain: 'example.org', selector: 'a' }, 'rsa', ed25519.privateKey)).toThrow('not an rsa key')
})
