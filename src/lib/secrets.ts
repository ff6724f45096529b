import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** What WAYBILL_SECRET protects. Each purpose has a key of its own, so that nothing made for one can be used for another. */
export interface Secrets {
  /** Encrypts and authenticates. `context` names the place it is kept in (`route:<id>`): a sealed value opens nowhere else. */
  seal(text: string, context: string): Buffer
  /** Throws when the value was changed, belongs elsewhere, or was sealed with another secret: there is no way to go on without it. */
  open(sealed: Uint8Array, context: string): string
  hmac(purpose: string, data: string): Buffer
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16
const MIN_SECRET_CHARACTERS = 16

export function createSecrets(secret: string): Secrets {
  if (secret.length < MIN_SECRET_CHARACTERS)
    throw new TypeError(`WAYBILL_SECRET must have at least ${MIN_SECRET_CHARACTERS} characters`)
  const sealingKey = derive(secret, 'seal')
  const hmacKey = derive(secret, 'hmac')
  return {
    seal: (text, context) => seal(sealingKey, text, context),
    open: (sealed, context) => open(sealingKey, sealed, context),
    hmac: (purpose, data) => createHmac('sha256', hmacKey).update(`${purpose}\0${data}`).digest(),
  }
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'waybill', purpose, 32))
}

/** AES-256-GCM: version, initialisation vector, tag, ciphertext. A random vector is safe far beyond the credentials one server keeps. */
function seal(key: Buffer, text: string, context: string): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(context))
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), ciphertext])
}

function open(key: Buffer, sealed: Uint8Array, context: string): string {
  const bytes = Buffer.from(sealed)
  if (bytes.length < 1 + IV_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw new SealBroken('this is not a sealed value')
  const iv = bytes.subarray(1, 1 + IV_BYTES)
  const tag = bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    throw new SealBroken(
      'a sealed value cannot be opened: WAYBILL_SECRET is not the one it was sealed with, or the value was changed',
    )
  }
}

/** 256 random bits for a URL or a cookie. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}

/** How tokens and keys are stored: they are random, so a fast hash is enough. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Compares in a time that depends on neither text; of different lengths too. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected)) && given.length > 0
}
