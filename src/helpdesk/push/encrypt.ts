/**
 * What a browser is told travels through the push service of its maker, which must not read it: RFC 8291, in the form of RFC 8188 (aes128gcm), one
 * record. And the service is told who we are: RFC 8292.
 */
import { createCipheriv, createECDH, createHmac, type ECDH, sign as signWith } from 'node:crypto'

/** Where a browser is told, and the keys that it made for it. */
export interface PushTarget {
  readonly endpoint: string
  readonly p256dh: Uint8Array
  readonly auth: Uint8Array
}

export interface PushKeys {
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly privateKey: Uint8Array
}

const CURVE = 'prime256v1'
const RECORD_BYTES = 4096
/** RFC 8030 §7.2 lets services refuse more than 4096 bytes: header, tag and delimiter are of them. */
export const PUSH_BYTES_MAX = 3_000

export function newPushKeys(): PushKeys {
  const pair = createECDH(CURVE)
  pair.generateKeys()
  return keysOf(pair)
}

export function newEphemeral(): ECDH {
  const pair = createECDH(CURVE)
  pair.generateKeys()
  return pair
}

export function ephemeralFrom(privateKey: Uint8Array): ECDH {
  const pair = createECDH(CURVE)
  pair.setPrivateKey(privateKey)
  return pair
}

/** `ephemeral` is made for this message alone, as is `salt` (16 bytes). Throws when the browser's key is no point of the curve. */
export function encryptPush(text: string, target: Omit<PushTarget, 'endpoint'>, ephemeral: ECDH, salt: Uint8Array): Buffer {
  const ours = ephemeral.getPublicKey()
  const secret = ephemeral.computeSecret(target.p256dh)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), target.p256dh, ours])
  const keyMaterial = expand(hmac(target.auth, secret), info, 32)
  const random = hmac(salt, keyMaterial)
  const key = expand(random, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = expand(random, Buffer.from('Content-Encoding: nonce\0'), 12)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  // RFC 8188 §2: 2 ends the last record.
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()])
  const head = Buffer.alloc(21)
  head.set(salt, 0)
  head.writeUInt32BE(RECORD_BYTES, 16)
  head.writeUInt8(ours.length, 20)
  return Buffer.concat([head, ours, body])
}

/** RFC 5869 with one block: nothing here is longer than a hash. */
function expand(key: Uint8Array, info: Uint8Array, length: number): Buffer {
  return hmac(key, Buffer.concat([info, Buffer.of(1)])).subarray(0, length)
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

const TOKEN_SECONDS = 12 * 60 * 60

/** `Authorization` of RFC 8292 §3: a short-lived token for this service alone, and whom it may complain to. */
export function vapidHeader(endpoint: string, subject: string, { publicKey, privateKey }: PushKeys, now: Date): string {
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map(base64url) as [string, string]
  const key = {
    key: { kty: 'EC', crv: 'P-256', x, y, d: base64url(privateKey) },
    format: 'jwk',
    dsaEncoding: 'ieee-p1363',
  } as const
  const expires = Math.floor(now.getTime() / 1000) + TOKEN_SECONDS
  const claims = { aud: new URL(endpoint).origin, exp: expires, sub: subject }
  const signed = [{ typ: 'JWT', alg: 'ES256' }, claims].map((part) => base64url(Buffer.from(JSON.stringify(part)))).join('.')
  const signature = signWith('sha256', Buffer.from(signed), key)
  return `vapid t=${signed}.${base64url(signature)}, k=${base64url(publicKey)}`
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function keysOf(pair: ECDH): PushKeys {
  // A private key that begins with a zero byte is given out without it.
  const short = pair.getPrivateKey()
  return { publicKey: pair.getPublicKey(), privateKey: Buffer.concat([Buffer.alloc(32 - short.length), short]) }
}
