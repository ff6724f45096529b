/** Tells browsers: each push is a row that is due until a push service took it, said that the browser is gone, or a day is over. */
import { randomBytes } from 'node:crypto'
import { rosterOf } from '../../accounts/roster.ts'
import { type Database, ENGINE } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'
import type { UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { type Answer, post } from '../../webhooks/sending/post.ts'
import { headlineOf } from '../notify/words.ts'
import { encryptPush, newEphemeral, PUSH_BYTES_MAX, type PushKeys, vapidHeader } from './encrypt.ts'
import { claimPushes, type DuePush, deleteOldPushes, forgetSubscription, type PushEnd, settlePush } from './queries.ts'
import { pushKeysOf } from './subscriptions.ts'

export interface PushDeps {
  readonly database: Database
  readonly secrets: Secrets
  readonly resolver: Resolver
  readonly clock: Clock
  /** Where people reach us: links, and whom push services may complain to. */
  readonly url: string
  readonly allowPrivateNetworks: boolean
  readonly random: () => number
}

const AT_ONCE = 20
/** Longer than a request may take, so that nobody else takes what is under way. */
const LEASE_MS = MINUTE
const TIMEOUT_MS = 10 * SECOND
const ANSWER_BYTES = 4 * 1024
/** What happened yesterday is in the list. */
const TOLD_WITHIN_MS = DAY
const WAITS_MS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR] as const
const KEPT_MS = 7 * DAY
const DELETED_AT_ONCE = 1_000

export function pushJobs(deps: PushDeps): PeriodicJob[] {
  return [
    { name: 'helpdesk.push', everyMs: SECOND, run: () => sendDuePushes(deps) },
    {
      name: 'helpdesk.forget_pushes',
      everyMs: HOUR,
      run: (now) =>
        inChunks(deps.database, DELETED_AT_ONCE, (tx) => deleteOldPushes(tx, new Date(now.getTime() - KEPT_MS), DELETED_AT_ONCE)),
    },
  ]
}

/** Until nothing is due. */
export async function sendDuePushes(deps: PushDeps): Promise<number> {
  let sent = 0
  for (;;) {
    const now = deps.clock.now()
    const due = await deps.database.transaction(ENGINE, (tx) => claimPushes(tx, new Date(now.getTime() + LEASE_MS), AT_ONCE, now))
    if (due.length === 0) return sent
    const keys = await pushKeysOf(deps.database, deps.secrets, now)
    const names = await namesOf(deps, due)
    await Promise.all(due.map((push) => tell(deps, push, keys, names)))
    sent += due.length
    if (due.length < AT_ONCE) return sent
  }
}

async function tell(deps: PushDeps, push: DuePush, keys: PushKeys, names: ReadonlyMap<UserId, string>): Promise<void> {
  const end = await carry(deps, push, keys, names)
  const now = deps.clock.now()
  await deps.database.transaction(ENGINE, (tx) =>
    end === 'gone' ? forgetSubscription(tx, push) : settlePush(tx, push, end, now),
  )
}

async function carry(
  deps: PushDeps,
  push: DuePush,
  keys: PushKeys,
  names: ReadonlyMap<UserId, string>,
): Promise<PushEnd | 'gone'> {
  const { url, resolver, clock } = deps
  const now = clock.now()
  if (!push.isWanted) return { state: 'dropped', reason: 'What it told of was taken back.', isUnwanted: true }
  const leftMs = push.createdAt.getTime() + TOLD_WITHIN_MS - now.getTime()
  if (leftMs <= 0) return { state: 'dropped', reason: 'For a day the browser could not be told.' }
  const who = push.actorId === null ? push.writer : (names.get(push.actorId) ?? null)
  const title = headlineOf({ ...push, who })
  const text = JSON.stringify({
    id: push.notificationId,
    title,
    body: push.subject.slice(0, 200),
    url: push.count > 1 ? `${url}/inbox` : `${url}/conversations/${push.number}`,
    tag: `conversation-${push.number}`,
  })
  const body = encryptPush(shortened(text, title), push, newEphemeral(), randomBytes(16))
  const headers = {
    'content-type': 'application/octet-stream',
    'content-encoding': 'aes128gcm',
    ttl: String(Math.floor(leftMs / 1000)),
    urgency: 'high',
    authorization: vapidHeader(push.endpoint, url.startsWith('https:') ? url : 'https://waybill.invalid', keys, now),
  }
  const limits = { timeoutMs: TIMEOUT_MS, maxBodyBytes: ANSWER_BYTES }
  const request = { url: push.endpoint, headers, body, allowPrivate: deps.allowPrivateNetworks }
  const answer = await post(
    request,
    { resolver, monotonicMs: () => performance.now() },
    AbortSignal.timeout(TIMEOUT_MS * 2),
    limits,
  )
  return endOf(answer, push, deps.random(), clock.now())
}

/** Names of strangers are short, but nothing here may depend on it. */
function shortened(text: string, title: string): string {
  return Buffer.byteLength(text) <= PUSH_BYTES_MAX ? text : JSON.stringify({ title: title.slice(0, 200) })
}

/** RFC 8030 §5: 201 is taken. 404 and 410 say that the browser is gone (§7.3), 429 and 5xx that it is worth another try. */
export function endOf(
  { status, error }: Pick<Answer, 'status' | 'error'>,
  { attempts, createdAt }: Pick<DuePush, 'attempts' | 'createdAt'>,
  random: number,
  now: Date,
): PushEnd | 'gone' {
  if (status !== null && status >= 200 && status < 300) return { state: 'sent' }
  if (status === 404 || status === 410) return 'gone'
  const problem = error ?? `The push service answered ${status}.`
  if (status !== null && status < 500 && status !== 429 && status !== 408) return { state: 'dropped', reason: problem }
  const waitMs = (WAITS_MS[attempts - 1] ?? 6 * HOUR) * (1 + 0.1 * random)
  const dueAt = new Date(now.getTime() + Math.round(waitMs))
  if (dueAt.getTime() - createdAt.getTime() > TOLD_WITHIN_MS) return { state: 'dropped', reason: problem }
  return { state: 'waiting', dueAt, problem }
}

async function namesOf({ database }: PushDeps, due: readonly DuePush[]): Promise<Map<UserId, string>> {
  const workspaces: WorkspaceId[] = [...new Set(due.map(({ workspaceId }) => workspaceId))]
  const rosters = await Promise.all(workspaces.map((id) => rosterOf(database.db, id)))
  return new Map(rosters.flat().map(({ id, name }) => [id, name]))
}
