import type { HeldDomain } from '../../delivery/suppression/evidence/held.ts'
import { EVERYTHING, type SuppressionFilter } from '../../delivery/suppression/suppress.ts'
import type { Suppression } from '../../delivery/suppression/suppression.ts'
import type { DeliveryId } from '../../lib/ids.ts'
import type * as endpoints from '../endpoints/suppressions.ts'

export function toSuppression({
  address,
  stream,
  reason,
  source,
  note,
  reply,
  deliveryId,
  createdAt,
  expiresAt,
}: Suppression): endpoints.Suppression {
  const delivery_id = deliveryId as DeliveryId | null
  return { address, stream, reason, source, note, reply, delivery_id, created_at: createdAt, expires_at: expiresAt }
}

export function toHeldEvidence({
  domain,
  addresses,
  unknown,
  verdicts,
  since,
  lastAt,
  samples,
  reply,
}: HeldDomain): endpoints.HeldEvidence {
  return { domain, addresses, unknown, verdicts, since, last_at: lastAt, samples: [...samples], reply }
}

type Given<Filter> = { readonly [Name in keyof Filter]?: Filter[Name] | undefined }

/** What a client left out does not matter. */
export function fromCriteria(given: Given<SuppressionFilter>): SuppressionFilter {
  const { reason = null, stream = null, source = null, domain = null, from = null, to = null, text = null, search = null } = given
  return { ...EVERYTHING, reason, stream, source, domain, from, to, text, search }
}
