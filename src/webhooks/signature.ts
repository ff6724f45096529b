/** The signature scheme of Standard Webhooks (standardwebhooks.com, v1): HMAC-SHA256 over id, time and body with the bytes of the secret. */
import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
export const SECRET_BYTES = 32

export function secretOf(random: Uint8Array): string {
  return `${PREFIX}${Buffer.from(random).toString('base64')}`
}

export interface SignedContent {
  readonly id: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly body: string
}

/** The value of `webhook-signature`: one signature a live secret, so that a receiver may hold either while they are exchanged. */
export function signatureHeader(secrets: readonly string[], content: SignedContent): string {
  return secrets.map((secret) => `v1,${sign(secret, content).toString('base64')}`).join(' ')
}

function sign(secret: string, { id, timestamp, body }: SignedContent): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
}
