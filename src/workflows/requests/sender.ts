/**
 * Carries out what runs ask of programs elsewhere. Any number of processes may: each row is leased by one of them. A request that was made and whose answer
 * could not be written is made again, under the same idempotency key: at least once, never less.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, ENGINE } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { append } from '../../events/append.ts'
import { type Clock, DAY, MINUTE } from '../../lib/clock.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { inTime } from '../../lib/wait.ts'
import type { Log } from '../../log.ts'
import { retryAfterMs } from '../../webhooks/ladder.ts'
import { type Answer, isForbidden, post } from '../../webhooks/sending/post.ts'
import { nextTryAt } from '../interpret/retry.ts'
import { MAX_KEPT, type Outcome, outcomeOf } from './outcome.ts'
import { type Claimed, claimDue, requeueLost, settleRequest } from './queries.ts'
import { secretPlace } from './secrets.ts'

export interface RequestSenderDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly secrets: Pick<Secrets, 'open'>
  readonly resolver: Resolver
  readonly failpoints: Failpoints
  readonly mayClaim: () => boolean
  /** WAYBILL_ALLOW_PRIVATE_NETWORKS. */
  readonly allowPrivateNetworks: boolean
  readonly version: string
}

export interface RequestSender {
  start(): void
  /** A hint: look whether something is due. */
  wake(): void
  stop(graceMs: number): Promise<void>
  /** Sends what is due now, once; how many it was. */
  sendDue(): Promise<number>
}

/** Requests under way at a time: in all, and of one workspace. */
const AT_ONCE = 50
const AT_ONCE_EACH = 10
/** Twice the longest that a request may take, and some room for a slow database. */
const LEASE_MS = 3 * MINUTE
const LOOK_EVERY_MS = 500
const REST_MS = 10
const AFTER_TROUBLE_MS = 2_000
const MAX_BODY_BYTES = 4 * MAX_KEPT
const HIDDEN = '(secret)'

export function createRequestSender(deps: RequestSenderDeps): RequestSender {
  const { database, clock, log } = deps
  const inFlight = new Set<Promise<void>>()
  const stopping = new AbortController()
  let wake = () => {}
  let loop: Promise<void> | null = null

  async function claim(): Promise<void> {
    if (!deps.mayClaim() || inFlight.size >= AT_ONCE) return
    const now = clock.now()
    const limits = { limit: AT_ONCE - inFlight.size, atOnceEach: AT_ONCE_EACH }
    for (const claimed of await claimDue(database.db, limits, new Date(now.getTime() + LEASE_MS), now)) {
      const carrying = carry(deps, claimed, stopping.signal)
        .catch((error: unknown) =>
          log.warn({ err: error, request: claimed.id }, 'what came of a request could not be written; it is made again'),
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
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        await requeueLost(database.db, clock.now())
        await claim()
        await inTime(woken, LOOK_EVERY_MS)
        await sleep(REST_MS)
      } catch (error) {
        log.warn({ err: error }, 'requests of workflows cannot be made at present; trying again')
        await sleep(AFTER_TROUBLE_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  return {
    start() {
      loop ??= run()
    },
    wake: () => wake(),
    async stop(graceMs) {
      await inTime(Promise.all(inFlight), graceMs)
      stopping.abort()
      wake()
      await loop
      await Promise.all(inFlight)
    },
    async sendDue() {
      await requeueLost(database.db, clock.now())
      await claim()
      const all = [...inFlight]
      await Promise.all(all)
      return all.length
    },
  }
}

/** One request and what comes of it. What a stop cut short goes back as if it had not been tried. */
async function carry(deps: RequestSenderDeps, claimed: Claimed, stopping: AbortSignal): Promise<void> {
  const answer = await exchange(deps, claimed, stopping)
  deps.failpoints.reach('workflow_request_answered')
  const now = deps.clock.now()
  if (stopping.aborted && answer !== null && answer.status === null) return await giveBack(deps, claimed, now)
  const outcome = answer === null ? SECRET_GONE : outcomeOf({ ...answer, isForbidden: isForbidden(answer.error) }, claimed)
  const status = answer?.status ?? null
  const error = outcome.kind === 'ok' ? null : outcome.sentence
  const tries = claimed.tries + 1
  const dueAt = outcome.kind === 'again' ? retryOf(claimed, outcome.class, answer, now) : null
  const state = dueAt ? 'queued' : outcome.kind === 'ok' ? 'done' : 'failed'
  await deps.database.transaction(ENGINE, async (tx) => {
    const isOurs = await settleRequest(tx, claimed, { state, dueAt, tries, status, error }, now)
    if (isOurs && dueAt === null) await append(tx, endOf(claimed, outcome, answer, tries), now)
  })
}

const SECRET_GONE: Outcome = {
  kind: 'failed',
  class: 'secret',
  sentence:
    'The secret that the request is sent with is not there, or cannot be opened: WAYBILL_SECRET is not the one it was kept with.',
  body: null,
}

async function giveBack({ database }: RequestSenderDeps, claimed: Claimed, now: Date): Promise<void> {
  const { tries } = claimed
  await database.transaction(ENGINE, (tx) =>
    settleRequest(tx, claimed, { state: 'queued', dueAt: now, tries, status: null, error: null }, now),
  )
}

/** As its node says, or else as its class of failure; never before the far end's own word. */
function retryOf(claimed: Claimed, failureClass: string, answer: Answer | null, now: Date): Date | null {
  const waitMs = Math.min(retryAfterMs(answer?.headers?.['retry-after'], now) ?? 0, DAY)
  const retryAt = new Date(now.getTime() + waitMs)
  const failed = { class: failureClass, retryAt, attempt: claimed.tries, tokenId: claimed.tokenId }
  const at = nextTryAt(claimed.retry ?? undefined, failed, now)
  return at && (at > retryAt ? at : retryAt)
}

function endOf(claimed: Claimed, outcome: Outcome, answer: Answer | null, tries: number) {
  const { workspaceId, id, runId, workflowId, workflow, node } = claimed
  return {
    type: 'workflow.request_ended' as const,
    workspaceId,
    subjectId: id,
    data: {
      ...{ request_id: id, run_id: runId, workflow_id: workflowId, name: workflow, node, tries },
      ...{ ok: outcome.kind === 'ok', status: answer?.status ?? null, body: outcome.body },
      content_type: answer?.headers?.['content-type'] ?? null,
      ...(outcome.kind !== 'ok' && { class: outcome.class, sentence: outcome.sentence }),
    },
  }
}

/** Null: its secret cannot be had, so nothing is sent. */
async function exchange(deps: RequestSenderDeps, claimed: Claimed, stopping: AbortSignal): Promise<Answer | null> {
  const { method, url, body, timeoutMs, workspaceId, secret, sealed, secretHeader } = claimed
  const headers: Record<string, string> = {
    accept: claimed.keep === 'json' ? 'application/json' : '*/*',
    'user-agent': `Waybill/${deps.version} (workflows)`,
    // The same in every try: whoever keeps it does nothing twice.
    'idempotency-key': claimed.id,
    ...(claimed.bodyType !== null && { 'content-type': claimed.bodyType }),
    ...Object.fromEntries(Object.entries(claimed.headers).map(([name, value]) => [name.toLowerCase(), value])),
  }
  const value = secret === null || !sealed ? null : opened(deps, sealed, secretPlace(workspaceId, secret))
  if (secret !== null) {
    if (value === null) return null
    headers[secretHeader?.toLowerCase() ?? 'authorization'] = secretHeader === null ? `Bearer ${value}` : value
  }
  const given = { url, method, headers, body, allowPrivate: deps.allowPrivateNetworks, allowPlain: true }
  const limits = { timeoutMs, maxBodyBytes: MAX_BODY_BYTES, keptCharacters: MAX_KEPT + 1 }
  const answer = await post(given, { resolver: deps.resolver, monotonicMs: () => deps.clock.monotonicMs() }, stopping, limits)
  return value === null ? answer : { ...answer, body: answer.body && without(value, answer.body) }
}

/** What answers by repeating what it was asked would have the secret kept with its answer. */
function without(secret: string, text: string): string {
  const asJson = JSON.stringify(secret).slice(1, -1)
  return text.replaceAll(secret, HIDDEN).replaceAll(asJson, HIDDEN)
}

function opened({ secrets }: RequestSenderDeps, sealed: Uint8Array, place: string): string | null {
  try {
    return secrets.open(sealed, place)
  } catch {
    return null
  }
}
