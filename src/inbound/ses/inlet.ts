/**
 * Where Amazon SES has mail handed to: `/in/mail/<source>/<secret>`. The secret is made from WAYBILL_SECRET and the source, so nothing of it is stored,
 * and a forged one is known without asking the database.
 */
import { encodeBase32 } from '../../lib/base32.ts'
import type { SourceId } from '../../lib/ids.ts'
import { isSameSecret, type Secrets } from '../../lib/secrets.ts'

const SECRET_BYTES = 20

export function mailInletPath(secrets: Pick<Secrets, 'hmac'>, id: SourceId): string {
  return `/in/mail/${id}/${inletSecret(secrets, id)}`
}

export function isInletSecret(secrets: Pick<Secrets, 'hmac'>, id: SourceId, secret: string): boolean {
  return isSameSecret(secret, inletSecret(secrets, id))
}

function inletSecret(secrets: Pick<Secrets, 'hmac'>, id: SourceId): string {
  return encodeBase32(secrets.hmac('mail-in', id).subarray(0, SECRET_BYTES))
}
