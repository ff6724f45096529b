import { type Database, isDatabaseUnavailable } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { Log } from '../../log.ts'
import { createBodyHash } from '../../mail/dkim/body-hash.ts'
import { dkimSignatures } from '../../mail/dkim/sign.ts'
import { type FindKey, verifyDkim } from '../../mail/dkim/verify.ts'
import { toSevenBit } from '../../mail/downgrade.ts'
import type { Reason } from '../delivery.ts'
import type { Departure, Finished, Finishing } from '../dispatch/finishing.ts'
import { returnPathKey, returnPathOf } from '../feedback/return-path.ts'
import type { RouteKind } from '../routes/route.ts'
import { createSigningDomains, type SigningDomain } from './signing-domains.ts'

export interface FinishingDeps {
  readonly database: Database
  readonly secrets: Secrets
  readonly clock: Clock
  readonly log: Log
}

export interface DomainFinishing extends Finishing {
  /** Reads the domains for the first time, and then every few seconds. */
  start(): Promise<void>
  /** Reads what changed at once. */
  refresh(): Promise<void>
  stop(): void
}

const REFRESH_MS = 3_000
/** A signature is made once for the same bytes within this time: the recipients of a message, one after the other. */
const REUSED_FOR_MS = 60_000
const MAX_REUSED = 64
const MAX_REUSED_BYTES = 8 * 1024 * 1024

/**
 * Signs the mail of managed domains and gives each delivery a return path of its own. Works from a copy of the domains' rows that is a few
 * seconds old at most. What cannot be signed, or does not verify when it is looked at again, does not leave.
 */
export function createFinishing({ database, secrets, clock, log }: FinishingDeps): DomainFinishing {
  const domains = createSigningDomains(database.db, secrets)
  const verpKey = returnPathKey(secrets)
  const signatures = createSignatures(clock)
  let timer: NodeJS.Timeout | null = null
  let refreshing: Promise<void> | null = null

  function refresh(): Promise<void> {
    refreshing ??= domains.refresh().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  function hasOwnReturnPath(workspaceId: WorkspaceId, fromDomain: string, routeKind: RouteKind): boolean {
    return takesReturnPath(routeKind) && (domains.of(workspaceId, fromDomain)?.returnPathHost ?? null) !== null
  }

  async function finish(departure: Departure): Promise<Finished> {
    const { workspaceId, deliveryIds, routeKind, fromDomain } = departure
    const content = asItTravels(departure)
    const domain = domains.of(workspaceId, fromDomain)
    const [deliveryId] = deliveryIds
    const isOwn = deliveryIds.length === 1 && deliveryId !== undefined && takesReturnPath(routeKind)
    const host = isOwn ? (domain?.returnPathHost ?? null) : null
    const envelopeSender =
      host !== null && deliveryId !== undefined ? returnPathOf(deliveryId, host, verpKey) : departure.envelopeSender
    if (!domain || !takesSignature(routeKind)) return { kind: 'ready', envelopeSender, content }
    if (domain.trouble) return refused(fromDomain, domain.trouble, clock.now())
    if (domain.keys.length === 0) return { kind: 'ready', envelopeSender, content }
    try {
      return { kind: 'ready', envelopeSender, content: `${await signatures(domain, routeKind, content)}${content}` }
    } catch (error) {
      log.error({ err: error, domain: fromDomain }, 'a mail could not be signed, and is held')
      return refused(fromDomain, error instanceof SignatureBroken ? error.message : 'its key could not be used', clock.now())
    }
  }

  return {
    hasOwnReturnPath,
    finish,
    refresh,
    async start() {
      await refresh()
      timer = setInterval(() => {
        refresh().catch((error: unknown) => {
          if (!isDatabaseUnavailable(error)) log.error({ err: error }, 'the domains could not be read; mail is signed as before')
        })
      }, REFRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer) clearInterval(timer)
    },
  }
}

/** Amazon SES takes seven bits only. What is encoded after it was signed has no signature any more, so it is encoded here. */
function asItTravels({ routeKind, content }: Departure): string {
  return routeKind === 'ses' ? (toSevenBit(content) ?? content) : content
}

/** Providers put a return path of their own on what they send. */
function takesReturnPath(kind: RouteKind): boolean {
  return kind === 'smtp' || kind === 'mx'
}

/** Scaleway composes and signs by itself; the sandbox keeps mail as it was given. */
function takesSignature(kind: RouteKind): boolean {
  return kind === 'smtp' || kind === 'mx' || kind === 'ses'
}

class SignatureBroken extends Error {
  override readonly name = 'SignatureBroken'
}

type Signatures = (domain: SigningDomain, kind: RouteKind, content: string) => Promise<string>

/** Makes signatures and looks at them as a receiver would. The same bytes are signed once for all their recipients. */
function createSignatures(clock: Clock): Signatures {
  const bodyHash = createBodyHash()
  const known = new Map<
    string,
    { readonly domain: SigningDomain; readonly kind: RouteKind; readonly madeAtMs: number; readonly made: Promise<string> }
  >()
  let bytes = 0

  function forget(content: string): void {
    if (known.delete(content)) bytes -= content.length
  }

  async function make(domain: SigningDomain, kind: RouteKind, content: string): Promise<string> {
    const onward = kind === 'ses' ? 'ses' : 'unchanged'
    const headers = await dkimSignatures(content, domain.keys, clock.now(), { onward, bodyHash })
    const find: FindKey = (name, selector) => {
      const key = domain.keys.find((each) => each.domain === name && each.selector === selector)
      return key ? { algorithm: key.algorithm, key: key.publicKey } : null
    }
    // A mail may bring signatures of others; those that were made here stand first.
    const verdicts = (await verifyDkim(`${headers}${content}`, find)).slice(0, domain.keys.length)
    const broken = verdicts.find(({ pass }) => !pass)
    if (broken || verdicts.length < domain.keys.length)
      throw new SignatureBroken(`its own signature did not verify (${broken?.why ?? 'it is missing'})`)
    return headers
  }

  return (domain, kind, content) => {
    const nowMs = clock.monotonicMs()
    const found = known.get(content)
    if (found && found.domain === domain && found.kind === kind && nowMs - found.madeAtMs < REUSED_FOR_MS) return found.made
    forget(content)
    const made = make(domain, kind, content)
    if (content.length > MAX_REUSED_BYTES / 4) return made
    for (const oldest of known.keys()) {
      if (known.size < MAX_REUSED && bytes + content.length <= MAX_REUSED_BYTES) break
      forget(oldest)
    }
    known.set(content, { domain, kind, madeAtMs: nowMs, made })
    bytes += content.length
    made.catch(() => forget(content))
    return made
  }
}

function refused(domain: string, why: string, now: Date): Finished {
  const reason: Reason = {
    code: 'signing_failed',
    sentence: `Mail from ${domain} is to be signed, and could not be: ${why}. Nothing was sent. This is on our side.`,
    hint: `Look at the page of the domain ${domain}: rotate its keys, or remove the domain if its mail is to leave unsigned. Then release the message.`,
    failure: null,
    at: now,
  }
  return { kind: 'refused', reason }
}
