import { createHmac } from 'node:crypto'
import type { SignedContent } from '../../src/webhooks/signature.ts'

/** As a receiver checks a webhook, from the Standard Webhooks specification alone: any of the signatures may be by this secret. */
export function isSignedBy(secret: string, header: string, { id, timestamp, body }: SignedContent): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return header.split(' ').includes(`v1,${expected}`)
}
