import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, ENGINE } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { type Clock, MINUTE } from '../../lib/clock.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { inTime } from '../../lib/wait.ts'
import type { Log } from '../../log.ts'
import { secretPlace } from '../manage.ts'
import { signatureHeader } from '../signature.ts'
import { type Answer, post } from './post.ts'
import { type Claimed, claimDue, requeueLost, settleDelivery } from './queries.ts'
import { settle } from './settle.ts'

export interface WebhookSenderDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly secrets: Secrets
  readonly resolver: Resolver
  readonly failpoints: Failpoints
  readonly random: () => number
  /** WAYBILL_ALLOW_PRIVATE_NETWORKS. */
  readonly allowPrivateNetworks: boolean
  readonly version: string
}

export interface WebhookSender {
  start(): void
  stop(graceMs: number): Promise<void>
  /** Sends what is due now, once; how many it was. */
  sendDue(): Promise<number>
}

/** Requests under way at a time: in all, to one endpoint, and to all those together that take nothing at present. */
const AT_ONCE = 100
const AT_ONCE_EACH = 8
const AT_ONCE_FAILING = 30
/** Twice the longest that a request may take, and some room for a slow database. */
const LEASE_MS = MINUTE
const LOOK_EVERY_MS = 500
const REST_MS = 20
const AFTER_TROUBLE_MS = 2_000

/**
 * Sends what the follower queued. Any number of processes may: each row is leased by one of them, and a row whose lease ended is sent again, under the
 * same event id. A request that was made and whose answer could not be written is therefore made twice: at least once, never less.
 */
export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  const { database, clock, log } = deps
  const healthy = new Set<Promise<void>>()
  const failing = new Set<Promise<void>>()
  const stopping = new AbortController()
  let wake = () => {}
  let loop: Promise<void> | null = null

  async function claim(): Promise<void> {
    await carryAll(false, healthy, AT_ONCE - healthy.size, AT_ONCE_EACH)
    await carryAll(true, failing, AT_ONCE_FAILING - failing.size, 1)
  }

  async function carryAll(isFailing: boolean, inFlight: Set<Promise<void>>, limit: number, atOnce: number): Promise<void> {
    if (limit <= 0) return
    const now = clock.now()
    const leaseExpiresAt = new Date(now.getTime() + LEASE_MS)
    for (const claimed of await claimDue(database.db, { limit, atOnce, failing: isFailing }, leaseExpiresAt, now)) {
      const carrying = carry(deps, claimed, stopping.signal)
        .catch((error: unknown) =>
          log.warn({ err: error, webhook: claimed.endpointId }, 'what came of a webhook could not be written; it is sent again'),
        )
        .then(() => {
          inFlight.delete(carrying)
          wake()
        })
      inFlight.add(carrying)
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await requeueLost(database.db, clock.now())
        await claim()
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        await inTime(woken, LOOK_EVERY_MS)
        await sleep(REST_MS)
      } catch (error) {
        log.warn({ err: error }, 'webhooks cannot be sent at present; trying again')
        await sleep(AFTER_TROUBLE_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  return {
    start() {
      loop ??= run()
    },
    async stop(graceMs) {
      const all = () => Promise.all([...healthy, ...failing])
      await inTime(all(), graceMs)
      stopping.abort()
      wake()
      await loop
      await all()
    },
    async sendDue() {
      await requeueLost(database.db, clock.now())
      await claim()
      const all = [...healthy, ...failing]
      await Promise.all(all)
      return all.length
    },
  }
}

/** One request and what comes of it. What a stop cut short goes back as if it had not been tried. */
async function carry(deps: WebhookSenderDeps, claimed: Claimed, stopping: AbortSignal): Promise<void> {
  const { database, clock, failpoints } = deps
  const startedAt = clock.now()
  const answer = await postSigned(deps, claimed, stopping, startedAt)
  failpoints.reach('webhook_answered')
  const now = clock.now()
  await database.transaction(ENGINE, async (tx) => {
    if (stopping.aborted && answer.status === null)
      await settleDelivery(tx, claimed, { state: 'queued', dueAt: now, unsent: true }, answer, now)
    else await settle(tx, claimed, answer, { startedAt, random: deps.random() }, now)
  })
}

async function postSigned(deps: WebhookSenderDeps, claimed: Claimed, stopping: AbortSignal, now: Date): Promise<Answer> {
  const { secrets, resolver, clock } = deps
  const { eventId, body, url, endpointId, oldSecret, oldSecretExpiresAt } = claimed
  const open = (sealed: Buffer) => secrets.open(sealed, secretPlace(endpointId))
  const timestamp = Math.floor(now.getTime() / 1_000)
  const common = { 'content-type': 'application/json', 'user-agent': `Waybill/${deps.version} (webhooks)` }
  let signature: string
  try {
    const old = oldSecret && oldSecretExpiresAt && oldSecretExpiresAt > now ? [open(oldSecret)] : []
    signature = signatureHeader([open(claimed.secret), ...old], { id: eventId, timestamp, body })
  } catch {
    const error =
      'The secret of this webhook cannot be opened: WAYBILL_SECRET is not the one it was made with. Rotate the secret.'
    return { status: null, error, headers: null, body: null, address: null, requestHeaders: common, durationMs: 0 }
  }
  const headers = { ...common, 'webhook-id': eventId, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature }
  const allowPrivate = claimed.allowPrivate || deps.allowPrivateNetworks
  return await post({ url, headers, body, allowPrivate }, { resolver, monotonicMs: () => clock.monotonicMs() }, stopping)
}
