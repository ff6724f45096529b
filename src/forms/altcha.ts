/**
 * Proof of work after the protocol of ALTCHA (version 1): the asker finds the number whose SHA-256, behind the salt, is the challenge. Costs a visitor a
 * second, and whoever sends ten thousand forms three hours. Nothing is stored until a proof is used: the HMAC says that the challenge is ours.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface Challenge {
  readonly algorithm: 'SHA-256'
  readonly challenge: string
  readonly maxnumber: number
  readonly salt: string
  readonly signature: string
}

export interface ChallengeParts {
  /** Of this form alone: a proof for one form is none for another. */
  readonly key: Uint8Array
  /** In hexadecimal. */
  readonly random: string
  /** The answer, from 0 to `effort`. */
  readonly number: number
  readonly effort: number
  readonly expiresAt: Date
}

/** The `&` at the end of the salt keeps its last digits from being moved into the number, which would put off its end. */
export function newChallenge({ key, random, number, effort, expiresAt }: ChallengeParts): Challenge {
  const salt = `${random}?expires=${Math.floor(expiresAt.getTime() / 1_000)}&`
  const challenge = hashOf(salt, number)
  return { algorithm: 'SHA-256', challenge, maxnumber: effort, salt, signature: sign(challenge, key) }
}

export type Proof =
  | { readonly ok: true /** By which it is known when it comes again. */; readonly used: Buffer; readonly expiresAt: Date }
  | { readonly ok: false; readonly why: 'missing' | 'malformed' | 'expired' | 'wrong' }

const MAX_PAYLOAD = 2_000
const SALT = /^[0-9a-f]{8,64}\?expires=(\d{1,12})&$/

/** `payload` is base64 of JSON, as widgets send it. */
export function checkProof(payload: string, key: Uint8Array, now: Date): Proof {
  if (payload === '') return { ok: false, why: 'missing' }
  const said = payload.length > MAX_PAYLOAD ? null : read(payload)
  if (!said) return { ok: false, why: 'malformed' }
  const { algorithm, challenge, number, salt, signature } = said
  const expires = typeof salt === 'string' ? SALT.exec(salt)?.[1] : undefined
  if (algorithm !== 'SHA-256' || typeof challenge !== 'string' || typeof signature !== 'string' || expires === undefined)
    return { ok: false, why: 'malformed' }
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return { ok: false, why: 'malformed' }
  const isRight = isSame(challenge, hashOf(salt as string, number)) && isSame(signature, sign(challenge, key))
  if (!isRight) return { ok: false, why: 'wrong' }
  const expiresAt = new Date(Number(expires) * 1_000)
  if (expiresAt <= now) return { ok: false, why: 'expired' }
  return { ok: true, used: createHash('sha256').update(challenge).digest(), expiresAt }
}

function read(payload: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function hashOf(salt: string, number: number): string {
  return createHash('sha256').update(`${salt}${number}`).digest('hex')
}

function sign(challenge: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(challenge).digest('hex')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
