import type { Database } from '../../../db/database.ts'
import type { Resolver } from '../../../dns/resolver.ts'
import { inChunks } from '../../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../../jobs/periodic.ts'
import { type Clock, HOUR, MINUTE } from '../../../lib/clock.ts'
import { mtaStsId, mtaStsTexts } from '../../../mail/records/transport.ts'
import { type MtaStsPolicy, parsePolicy, RENEW_BEFORE_MS } from './mta-sts.ts'
import { deleteOldPolicies, type StoredPolicy, selectPolicy, upsertPolicy } from './queries.ts'

/** The MTA-STS policies of recipients' domains. */
export interface Policies {
  /** The policy that holds now, or null. Never rejects: what cannot be found out leaves what was known before. */
  policyOf(domain: string): Promise<MtaStsPolicy | null>
}

export interface PoliciesDeps {
  readonly database: Pick<Database, 'db'>
  readonly resolver: Resolver
  readonly clock: Clock
  /** The text of a domain's policy over HTTPS, or null. */
  fetchText(domain: string): Promise<string | null>
}

/** How long an answer is used before the DNS is asked again whether the policy has changed. */
const LOOK_AGAIN_MS = 5 * MINUTE
const MAX_DOMAINS = 10_000
const CHUNK = 500

export function createPolicies({ database, resolver, clock, fetchText }: PoliciesDeps): Policies {
  const looked = new Map<string, { readonly policy: Promise<MtaStsPolicy | null>; readonly untilMs: number }>()

  function policyOf(domain: string): Promise<MtaStsPolicy | null> {
    const known = looked.get(domain)
    if (known && known.untilMs > clock.monotonicMs()) return known.policy
    const oldest = looked.size >= MAX_DOMAINS ? looked.keys().next().value : undefined
    if (oldest !== undefined) looked.delete(oldest)
    const policy = find(domain).catch(() => null)
    looked.delete(domain)
    looked.set(domain, { policy, untilMs: clock.monotonicMs() + LOOK_AGAIN_MS })
    return policy
  }

  /**
   * RFC 8461 §3.1: the record's id says whether what is kept is still the latest. Without a record, or a fetch that succeeds, a policy holds
   * until its life is over: whoever can suppress an answer must not be able to switch it off.
   */
  async function find(domain: string): Promise<MtaStsPolicy | null> {
    const now = clock.now()
    const [texts, stored] = await Promise.all([
      resolver.txt(`_mta-sts.${domain}`),
      selectPolicy(database.db, domain).catch(() => null),
    ])
    const kept = stored && stored.expiresAt > now ? stored : null
    const records = texts.ok ? mtaStsTexts(texts.found) : []
    const id = records.length === 1 ? mtaStsId(records[0] ?? '') : null
    if (id === null) return kept
    if (kept?.id === id && kept.expiresAt.getTime() - now.getTime() > RENEW_BEFORE_MS) return kept
    return (await renew(domain, id, now)) ?? kept
  }

  async function renew(domain: string, id: string, now: Date): Promise<StoredPolicy | null> {
    const text = await fetchText(domain)
    const parsed = text === null ? null : parsePolicy(text)
    if (parsed === null) return null
    const { mode, mx, maxAgeMs } = parsed
    const policy = { id, mode, mx, expiresAt: new Date(now.getTime() + maxAgeMs) }
    await upsertPolicy(database.db, domain, policy, now).catch(() => {})
    return policy
  }

  return { policyOf }
}

export function policyJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'delivery.forget_tls_policies',
      everyMs: 6 * HOUR,
      run: (now) => inChunks(database, CHUNK, (tx) => deleteOldPolicies(tx, now, CHUNK)),
    },
  ]
}
