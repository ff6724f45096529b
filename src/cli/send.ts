import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFirstWorkspace } from '../accounts/workspaces.ts'
import { type DeliveryState, isLive } from '../delivery/delivery.ts'
import { MAX_MESSAGE_BYTES } from '../delivery/message.ts'
import { readMessage } from '../delivery/reading/read.ts'
import type { DeliveryStory } from '../delivery/reading/story.ts'
import { Refusal } from '../errors.ts'
import { prepareRawSend, prepareSend } from '../gateway/prepare.ts'
import { type Prepared, send } from '../gateway/send.ts'
import { SECOND } from '../lib/clock.ts'
import { Explained } from '../lib/explained.ts'
import type { MessageId, WorkspaceId } from '../lib/ids.ts'
import type { Store } from '../store.ts'
import type { SendOptions } from './send-options.ts'
import { progress, withStore } from './surroundings.ts'

const LOOK_EVERY_MS = 300
/** A running server takes a message within a second. */
const UNTOUCHED_MS = 4 * SECOND
const NOBODY_SENDS = 'Nobody has taken it up yet. It is stored, and goes out when a server runs: npm start.'
const NOT_DELIVERED: readonly DeliveryState[] = ['bounced', 'failed', 'expired', 'suppressed', 'cancelled']

export async function sendCommand(options: SendOptions): Promise<void> {
  await withStore(async (store, { url }) => {
    const workspace = await findFirstWorkspace(store.database.db)
    if (!workspace)
      throw new Explained('There is no workspace yet. Run `npm start` and open the address it prints, then send again.')
    const prepared = await prepare(store, workspace.id, options)
    const scope = { as: 'api', workspaceId: workspace.id } as const
    const { receipt } = await store.database.transaction(scope, (tx) => send(tx, store.blobs, prepared, null, store.clock.now()))
    store.notifier.hint()
    process.stdout.write(`${receipt.id}\n`)
    progress(`Its waybill: ${url}/messages/${receipt.id}`)
    if (options.wait > 0) await follow(store, workspace.id, receipt.id as MessageId, options.wait)
  })
}

async function prepare({ blobs, clock }: Store, workspaceId: WorkspaceId, options: SendOptions): Promise<Prepared> {
  const by = { workspaceId, actor: null, origin: { kind: 'command_line' } }
  const terms = { stream: options.stream, tags: [], metadata: {}, scheduledAt: null, expiresAt: null, viaRoute: null }
  if (options.file !== undefined) {
    const raw = await readWhole(createReadStream(options.file), `The file ${options.file}`)
    return prepareRawSend(blobs, { ...terms, raw: raw.toString('base64'), to: options.to ?? null }, by, clock.now())
  }
  if (options.from === undefined) throw new Explained('Say who sends it: --from me@example.com.')
  const text = options.text ?? (options.html === undefined ? (await readWhole(process.stdin, 'Standard input')).toString() : null)
  return prepareSend(
    { blobs: blobs, tracking: null },
    {
      ...terms,
      from: options.from,
      to: options.to ?? [],
      cc: options.cc ?? [],
      bcc: options.bcc ?? [],
      replyTo: [],
      subject: options.subject,
      text,
      html: options.html ?? null,
      headers: {},
      attachments: [],
    },
    by,
    clock.now(),
  )
}

/** No more than a message may have: what is longer is refused before it fills the memory. */
async function readWhole(source: Readable, name: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_MESSAGE_BYTES) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new Explained(`${name} cannot be read: ${(error as Error).message}.`)
  }
  if (size > MAX_MESSAGE_BYTES) throw new Refusal('message_too_large', { limit: MAX_MESSAGE_BYTES })
  return Buffer.concat(chunks)
}

/**
 * Prints what becomes of each recipient until all are settled or the time is over. Scripts learn by the exit code that somebody did not get
 * it; mail that is still under way is the server's to finish, and no failure.
 */
async function follow({ database, clock }: Store, workspaceId: WorkspaceId, id: MessageId, waitSeconds: number): Promise<void> {
  const told = new Map<string, string>()
  const tellOnce = (about: string, line: string) => {
    if (told.get(about) !== line) progress(line)
    told.set(about, line)
  }
  const since = performance.now()
  for (;;) {
    const { deliveries } = await readMessage(database.db, workspaceId, id, clock.now())
    for (const delivery of deliveries) tellOnce(delivery.id, `${delivery.recipient}: ${stateOf(delivery, clock.now())}`)
    if (deliveries.some(({ state }) => NOT_DELIVERED.includes(state))) process.exitCode = 1
    const waiting = deliveries.filter(({ state }) => isLive(state))
    if (waiting.length === 0) return
    const waitedMs = performance.now() - since
    if (waitedMs >= waitSeconds * SECOND) {
      progress(
        `${waiting.length} of ${deliveries.length} still under way after ${waitSeconds} seconds; the server goes on with them.`,
      )
      return
    }
    if (waitedMs > UNTOUCHED_MS && waiting.every((delivery) => isUntouched(delivery, clock.now())))
      tellOnce('server', NOBODY_SENDS)
    await sleep(LOOK_EVERY_MS)
  }
}

/** Due, and nobody took it, though no route stands in its way. */
function isUntouched({ state, attempt, waitingOn, dueAt }: DeliveryStory, now: Date): boolean {
  return state === 'queued' && attempt === 0 && waitingOn === null && dueAt !== null && dueAt <= now
}

/** The state, what the far end said or what it waits for, and when it is tried again. */
function stateOf(delivery: DeliveryStory, now: Date): string {
  const { state, attempts, waitingOn, reason, dueAt } = delivery
  const last = attempts.at(-1)
  const reply = state === 'sent' && last ? `${last.code} ${last.text}` : null
  const why = (reply ?? waitingOn?.sentence ?? reason?.sentence)?.replace(/\.$/, '')
  const next = waitingOn?.nextTryAt ?? dueAt
  const tryAt = next && next > now ? `next try ${next.toTimeString().slice(0, 8)}` : null
  return [[state, why].filter((part) => part).join(': '), tryAt].filter((part) => part).join('; ')
}
