import type { BlobStore } from '../../blobs/blob-store.ts'
import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { PROBE_TAG } from '../../delivery/bulk/bulk-act.ts'
import { findRoute } from '../../delivery/routes/manage.ts'
import { prepareSend } from '../../gateway/prepare.ts'
import { send } from '../../gateway/send.ts'
import { type DeliveryId, type MessageId, newId, type RouteId } from '../../lib/ids.ts'
import { randomToken } from '../../lib/secrets.ts'
import { findMailbox } from '../../mailboxes/mailboxes.ts'
import { CANARY_HEADER, type Canary, type CanaryRunId, LOOPBACK_ADDRESS } from './canary.ts'
import { insertRun, takeDueCanaries } from './queries.ts'

const AT_ONCE = 20
const TOKEN_BYTES = 16

export interface ProbeDeps {
  readonly database: Database
  readonly blobs: BlobStore
}

/** Sends the probes whose time has come: the message, the run and the next time are one transaction. Returns how many were sent. */
export async function sendDueProbes({ database, blobs }: ProbeDeps, now: Date): Promise<number> {
  let sent = 0
  for (;;) {
    const taken = await database.transaction(ENGINE, async (tx) => {
      const canaries = await takeDueCanaries(tx, AT_ONCE, now)
      for (const canary of canaries) for (const routeId of canary.routeIds) sent += await probe(tx, blobs, canary, routeId, now)
      return canaries.length
    })
    if (taken < AT_ONCE) return sent
  }
}

async function probe(tx: Tx, blobs: BlobStore, canary: Canary, routeId: RouteId, now: Date): Promise<number> {
  const { workspaceId, mailboxId } = canary
  const to = mailboxId ? (await findMailbox(tx, workspaceId, mailboxId))?.address : LOOPBACK_ADDRESS
  if (to === undefined || !(await findRoute(tx, workspaceId, routeId))) return 0
  const id = newId<CanaryRunId>(now.getTime())
  const token = randomToken(TOKEN_BYTES)
  const giveUpAt = new Date(now.getTime() + canary.timeoutMs)
  const by = { workspaceId, actor: null, origin: { kind: 'canary', canary_id: canary.id, run_id: id } }
  const prepared = await prepareSend(
    { blobs, tracking: null },
    probeMessage(canary, { to, token, routeId, giveUpAt }, now),
    by,
    now,
  )
  const { receipt } = await send(tx, blobs, prepared, null, now)
  const deliveryId = receipt.deliveries[0]?.id as DeliveryId
  await insertRun(tx, {
    workspaceId,
    id,
    canaryId: canary.id,
    routeId,
    token,
    messageId: receipt.id as MessageId,
    deliveryId,
    sentAt: now,
    giveUpAt,
  })
  return 1
}

interface ProbeMail {
  readonly to: string
  readonly token: string
  readonly routeId: RouteId
  readonly giveUpAt: Date
}

/** A plain letter: what makes a mail look like an advertisement or a test would be judged instead of the route. */
function probeMessage({ name, sender }: Canary, { to, token, routeId, giveUpAt }: ProbeMail, now: Date) {
  return {
    from: sender,
    to: [to],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: `Delivery check ${token}`,
    text: `This message was sent at ${now.toISOString()} to see whether mail from this server arrives in this mailbox (${name}).\n\nIt is read by a program. Nobody needs to answer it, and it may be deleted.\n\n${token}\n`,
    html: null,
    headers: { [CANARY_HEADER]: token, 'Auto-Submitted': 'auto-generated' },
    attachments: [],
    stream: 'transactional',
    tags: [PROBE_TAG],
    metadata: {},
    scheduledAt: null,
    // One that leaves after it was given up would only confuse the next.
    expiresAt: giveUpAt,
    viaRoute: routeId,
  } as const
}
