import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFirstWorkspace } from '../accounts/workspaces.ts'
import { isLive } from '../delivery/delivery.ts'
import { readMessage } from '../delivery/reading/read.ts'
import type { MessageStory } from '../delivery/reading/story.ts'
import { prepareRawSend, prepareSend } from '../gateway/prepare.ts'
import { type Prepared, send } from '../gateway/send.ts'
import { Explained } from '../lib/explained.ts'
import type { MessageId, WorkspaceId } from '../lib/ids.ts'
import type { Store } from '../store.ts'
import type { SendOptions } from './send-options.ts'
import { progress, withStore } from './surroundings.ts'

const LOOK_EVERY_MS = 300

export async function sendCommand(options: SendOptions): Promise<void> {
  await withStore(async (store) => {
    const workspace = await findFirstWorkspace(store.database.db)
    if (!workspace)
      throw new Explained('There is no workspace yet. Run `npm start` and open the address it prints, then send again.')
    const prepared = await prepare(store, workspace.id, options)
    const scope = { as: 'api', workspaceId: workspace.id } as const
    const { receipt } = await store.database.transaction(scope, (tx) => send(tx, store.blobs, prepared, null, store.clock.now()))
    store.notifier.hint()
    process.stdout.write(`${receipt.id}\n`)
    if (options.wait > 0) await follow(store, workspace.id, receipt.id as MessageId, options.wait)
  })
}

async function prepare({ blobs, clock }: Store, workspaceId: WorkspaceId, options: SendOptions): Promise<Prepared> {
  const by = { workspaceId, actor: null, origin: { kind: 'command_line' } }
  const terms = { stream: options.stream, tags: [], metadata: {}, scheduledAt: null, expiresAt: null, viaRoute: null }
  if (options.file !== undefined) {
    const raw = await readFile(options.file).catch((error: Error) => {
      throw new Explained(`The file ${options.file} cannot be read: ${error.message}.`)
    })
    return prepareRawSend(blobs, { ...terms, raw: raw.toString('base64'), to: options.to ?? null }, by, clock.now())
  }
  if (options.from === undefined) throw new Explained('Say who sends it: --from me@example.com.')
  const text = options.text ?? (options.html === undefined ? await readAll(process.stdin) : null)
  return prepareSend(
    blobs,
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

/** Prints what becomes of each recipient until all are settled or the time is over. */
async function follow({ database }: Store, workspaceId: WorkspaceId, id: MessageId, waitSeconds: number): Promise<void> {
  const told = new Map<string, string>()
  const until = performance.now() + waitSeconds * 1_000
  for (;;) {
    const message = await readMessage(database.db, workspaceId, id)
    for (const [recipient, line] of linesOf(message)) {
      if (told.get(recipient) === line) continue
      told.set(recipient, line)
      progress(`${recipient}: ${line}`)
    }
    const waiting = message.deliveries.filter((delivery) => isLive(delivery.state))
    if (waiting.length === 0) break
    if (performance.now() >= until) {
      progress(
        `${waiting.length} of ${message.deliveries.length} still under way after ${waitSeconds} seconds; the server goes on with them.`,
      )
      break
    }
    await sleep(LOOK_EVERY_MS)
  }
}

function linesOf(message: MessageStory): [string, string][] {
  return message.deliveries.map((delivery) => {
    const last = delivery.attempts.at(-1)
    const why = delivery.waitingOn?.sentence ?? delivery.reason?.sentence
    const reply = delivery.state === 'sent' && last ? `${last.code} ${last.text}` : null
    return [delivery.recipient, [delivery.state, reply ?? why].filter((part) => part).join(': ')]
  })
}
