/**
 * Where the provider of a route tells its news to: `/in/<kind>/<route>/<secret>`. The secret is made from WAYBILL_SECRET, the route and a
 * generation, so nothing of it is stored, a forged one is known without asking the database, and a new generation makes the old address void.
 */
import { encodeBase32 } from '../../lib/base32.ts'
import type { RouteId } from '../../lib/ids.ts'
import { isSameSecret, type Secrets } from '../../lib/secrets.ts'

/** Kinds of route whose providers tell news by requests. */
export const TELLING_KINDS = ['ses', 'scaleway'] as const
export type TellingKind = (typeof TELLING_KINDS)[number]

const SECRET_BYTES = 20

export function inletPath(secrets: Pick<Secrets, 'hmac'>, kind: TellingKind, routeId: RouteId, generation: number): string {
  return `/in/${kind}/${routeId}/${inletSecret(secrets, kind, routeId, generation)}`
}

/** The generation that this secret is of, or null when we did not make it. Whether it is still the present one, the database knows. */
export function readInletSecret(
  secrets: Pick<Secrets, 'hmac'>,
  kind: TellingKind,
  routeId: RouteId,
  secret: string,
): number | null {
  const [, digits = ''] = /^([1-9]\d{0,8})-[a-z2-7]{32}$/.exec(secret) ?? []
  if (digits === '') return null
  const generation = Number(digits)
  return isSameSecret(secret, inletSecret(secrets, kind, routeId, generation)) ? generation : null
}

function inletSecret(secrets: Pick<Secrets, 'hmac'>, kind: TellingKind, routeId: RouteId, generation: number): string {
  const mac = secrets.hmac('feedback-in', `${kind}\0${routeId}\0${generation}`).subarray(0, SECRET_BYTES)
  return `${generation}-${encodeBase32(mac)}`
}
