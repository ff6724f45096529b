import type { Database } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { inTime } from '../../lib/wait.ts'
import { type Looked, lookUpReceiver } from './look-up.ts'
import { createMemory } from './memory.ts'
import { deleteOldDomains, type KnownDomain, selectDomains, upsertDomains } from './queries.ts'
import { laneReceiver, receiverOfOwnDomain } from './receiver.ts'
import { OTHER } from './receiver-seeds.ts'

/** Says who receives for a recipient's domain. */
export interface Receivers {
  /** A seed's name or the registrable domain of the mail servers; null when it has not been looked up yet. */
  known(domain: string): string | null
  /** Looks up what is not known, by DNS and outside any transaction. Never rejects, and answers within a moment. */
  resolve(domains: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export interface ReceiversDeps {
  readonly database: Pick<Database, 'db'>
  readonly resolver: Resolver
  readonly clock: Clock
}

/** What is not answered by then is `other` for a while: a domain whose DNS has trouble must not make mail wait. */
const ANSWER_WITHIN_MS = 1_500
const ASKED_AT_ONCE = 64
const MAX_WAITING = 20_000
const CHUNK = 500
const GOOD_FOR_MS = DAY
/** Of a domain that does not exist, or has trouble: soon it may be otherwise. */
const ABSENT_FOR_MS = HOUR
const TROUBLE_FOR_MS = 5 * MINUTE
/** So many domains in a row without any answer are not the domains' fault. */
const SILENCES = 8
const RESOLVER_DOWN_MS = MINUTE
const KEPT_FOR_MS = 90 * DAY

export function createReceivers({ database, resolver, clock }: ReceiversDeps): Receivers {
  const memory = createMemory(() => clock.monotonicMs())
  const limiter = createLimiter({ concurrency: ASKED_AT_ONCE, waiting: MAX_WAITING })
  const asking = new Set<string>()
  let silences = 0
  let downUntilMs = 0

  const isDown = (): boolean => clock.monotonicMs() < downUntilMs
  const known = (domain: string): string | null => receiverOfOwnDomain(domain) ?? memory.get(domain)

  async function resolve(domains: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const wanted = [...new Set(domains)]
    const unknown = wanted.filter((domain) => memory.get(domain) === null)
    const chunks = Array.from({ length: Math.ceil(unknown.length / CHUNK) }, (_, i) => unknown.slice(i * CHUNK, (i + 1) * CHUNK))
    // Whatever is late goes on unseen, and is known the next time.
    await inTime(Promise.all(chunks.map((chunk) => learn(chunk).catch(() => {}))), ANSWER_WITHIN_MS)
    return new Map(wanted.map((domain) => [domain, known(domain) ?? putOff(domain)]))
  }

  async function learn(domains: readonly string[]): Promise<void> {
    const now = clock.now()
    const stored = await selectDomains(database.db, domains).catch(() => [])
    for (const { domain, receiver, expiresAt } of stored) {
      if (expiresAt > now) memory.set(domain, receiver, expiresAt.getTime() - now.getTime())
    }
    const old = new Map(stored.map(({ domain, receiver }) => [domain, receiver]))
    const open = domains.filter((domain) => memory.get(domain) === null)
    const learned = await Promise.all(open.map((domain) => ask(domain, old.get(domain) ?? null)))
    const rows = learned.filter((row) => row !== null)
    if (rows.length > 0) await upsertDomains(database.db, rows)
  }

  /** Null when somebody asks already, or when asking leads nowhere. */
  async function ask(domain: string, before: string | null): Promise<KnownDomain | null> {
    const own = receiverOfOwnDomain(domain)
    if (own !== null) return remember(domain, { receiver: own, mxHosts: [], nullMx: false, trouble: null })
    if (asking.has(domain) || isDown()) return null
    asking.add(domain)
    try {
      const looked = await limiter.run(async () => (isDown() ? null : lookUpReceiver(resolver, domain)))
      if (!looked) return null
      silences = looked.trouble === 'timeout' ? silences + 1 : 0
      if (silences >= SILENCES) downUntilMs = clock.monotonicMs() + RESOLVER_DOWN_MS
      // Who received yesterday most probably does today.
      return remember(domain, looked.trouble === null ? looked : { ...looked, receiver: before ?? OTHER })
    } finally {
      asking.delete(domain)
    }
  }

  function remember(domain: string, looked: Looked): KnownDomain {
    const resolvedAt = clock.now()
    const forMs = looked.trouble === null ? GOOD_FOR_MS : looked.trouble === 'nxdomain' ? ABSENT_FOR_MS : TROUBLE_FOR_MS
    memory.set(domain, looked.receiver, forMs)
    const expiresAt = new Date(resolvedAt.getTime() + forMs)
    return { domain, ...looked, laneReceiver: laneReceiver(looked.receiver), resolvedAt, expiresAt }
  }

  function putOff(domain: string): string {
    memory.set(domain, OTHER, isDown() ? RESOLVER_DOWN_MS : TROUBLE_FOR_MS)
    return OTHER
  }

  return { known, resolve }
}

export function receiverJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'delivery.forget_domains',
      everyMs: 6 * HOUR,
      run: (now) => inChunks(database, CHUNK, (tx) => deleteOldDomains(tx, new Date(now.getTime() - KEPT_FOR_MS), CHUNK)),
    },
  ]
}
