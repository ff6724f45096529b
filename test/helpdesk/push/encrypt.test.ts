import { createDecipheriv, type createECDH, createHmac, createPublicKey, verify } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  base64url,
  encryptPush,
  ephemeralFrom,
  newEphemeral,
  newPushKeys,
  vapidHeader,
} from '../../../src/helpdesk/push/encrypt.ts'

const bytes = (text: string) => Buffer.from(text, 'base64url')

test('it writes what RFC 8291 appendix A writes', () => {
  const target = {
    p256dh: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
    auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
  }
  const ephemeral = ephemeralFrom(bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'))
  const salt = bytes('DGv6ra1nlYgDCS1FRnbzlw')
  expect(base64url(encryptPush('When I grow up, I want to be a watermelon', target, ephemeral, salt))).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  )
})

const hmac = (key: Uint8Array, ...data: Uint8Array[]) => createHmac('sha256', key).update(Buffer.concat(data)).digest()
const one = Buffer.of(1)

/** As a browser does it, from the other side. */
function decrypt(body: Buffer, browser: ReturnType<typeof createECDH>, auth: Uint8Array): string {
  const [salt, theirs] = [body.subarray(0, 16), body.subarray(21, 21 + (body[20] ?? 0))]
  const secret = browser.computeSecret(theirs)
  const material = hmac(hmac(auth, secret), Buffer.from('WebPush: info\0'), browser.getPublicKey(), theirs, one)
  const random = hmac(salt, material)
  const key = hmac(random, Buffer.from('Content-Encoding: aes128gcm\0'), one).subarray(0, 16)
  const nonce = hmac(random, Buffer.from('Content-Encoding: nonce\0'), one).subarray(0, 12)
  const sealed = body.subarray(21 + theirs.length)
  const decipher = createDecipheriv('aes-128-gcm', key, nonce)
  decipher.setAuthTag(sealed.subarray(-16))
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  expect(plain.at(-1)).toBe(2)
  return plain.subarray(0, -1).toString('utf8')
}

test('only the browser can read it, whatever is said', () => {
  const browser = newEphemeral()
  const auth = Buffer.alloc(16, 7)
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (text, salt) => {
        const body = encryptPush(text, { p256dh: browser.getPublicKey(), auth }, newEphemeral(), salt)
        expect(decrypt(body, browser, auth)).toBe(text)
        expect(() => decrypt(body, browser, Buffer.alloc(16, 8))).toThrow()
      },
    ),
    { numRuns: 50 },
  )
})

test('a push service can tell who we are, for half a day and for itself alone', () => {
  const keys = newPushKeys()
  const header = vapidHeader(
    'https://push.example.org:8443/some/where',
    'https://waybill.example.com',
    keys,
    new Date('2026-11-22T12:00:00Z'),
  )
  const [, head = '', claims = '', signature = ''] = /^vapid t=([^.]+)\.([^.]+)\.([^,]+), k=/.exec(header) ?? []
  const key = createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: base64url(keys.publicKey.subarray(1, 33)), y: base64url(keys.publicKey.subarray(33)) },
    format: 'jwk',
  })
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), { key, dsaEncoding: 'ieee-p1363' }, bytes(signature))).toBe(true)
  expect(JSON.parse(bytes(claims).toString())).toEqual({
    aud: 'https://push.example.org:8443',
    exp: Date.parse('2026-11-23T00:00:00Z') / 1000,
    sub: 'https://waybill.example.com',
  })
})
