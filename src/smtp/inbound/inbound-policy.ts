import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Database } from '../../db/database.ts'
import { isReturnPath, MAX_KEPT_BYTES, returnPathKey, takeBounceMail } from '../../delivery/feedback/take.ts'
import { MAX_MESSAGE_BYTES } from '../../delivery/message.ts'
import { inboxesAt } from '../../inbound/inboxes-at.ts'
import { receive } from '../../inbound/receive.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Lease, MemoryBudget } from '../../lib/memory-budget.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { type Address, formatAddress } from '../../mail/address.ts'
import type { Envelope, Intake, Policy, Visit } from '../policy.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { NO_MEMORY, replyTo } from '../refusals.ts'

export interface InboundDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly secrets: Pick<Secrets, 'hmac'>
  readonly clock: Clock
  readonly budget: MemoryBudget
  /** Called after a commit: there is something to read. */
  readonly wake: () => void
}

/** A mail to several of our addresses is rare: each return path is of one delivery, and an inbox is one. */
const RECIPIENTS_MAX = 100
const NOBODY = reply(
  550,
  '5.1.1',
  'Nobody has this address here. This port takes mail for the inboxes, and bounces and complaints about mail that was sent from here.',
)

/** Takes mail for addresses that we made ourselves, from anybody; never for anybody else. */
export function inboundPolicy(deps: InboundDeps): Policy {
  const keys = [returnPathKey(deps.secrets)]
  const visit: Visit = {
    isKnown: true,
    signIn: async () => reply(502, '5.5.1', 'Nobody signs in on this port.'),
    sender: () => null,
    async recipient(address) {
      const text = formatAddress(address)
      if (isReturnPath(text, keys)) return null
      return (await inboxesAt(deps.database.db, text)).length > 0 ? null : NOBODY
    },
    async receive(envelope) {
      const gone = new AbortController()
      const isReport = envelope.recipients.every(({ address }) => isReturnPath(formatAddress(address), keys))
      const room = isReport ? MAX_KEPT_BYTES : Math.min(envelope.parameters.size ?? MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES)
      const lease = await deps.budget.take(Math.max(room, MAX_KEPT_BYTES), gone.signal)
      return lease ? new InboundIntake(deps, envelope, lease, isReport ? MAX_KEPT_BYTES : MAX_MESSAGE_BYTES) : NO_MEMORY
    },
  }
  return { name: 'inbound', maxBytes: MAX_MESSAGE_BYTES, maxRecipients: RECIPIENTS_MAX, signsIn: false, visit: () => visit }
}

/** Of a report, what matters comes first; what it sends back behind that is measured and let go. Mail for an inbox is kept whole. */
class InboundIntake implements Intake {
  readonly #deps: InboundDeps
  readonly #envelope: Envelope
  readonly #lease: Lease
  #kept: Buffer[] = []
  #room: number

  constructor(deps: InboundDeps, envelope: Envelope, lease: Lease, room: number) {
    this.#room = room
    this.#deps = deps
    this.#envelope = envelope
    this.#lease = lease
  }

  write(bytes: Buffer): undefined {
    if (this.#room === 0) return
    const piece = bytes.subarray(0, this.#room)
    this.#kept.push(piece)
    this.#room -= piece.length
  }

  async finish(): Promise<Reply> {
    try {
      return await this.#keep(Buffer.concat(this.#kept))
    } catch (error) {
      const refusal = replyTo(error)
      if (!refusal) throw error
      return refusal
    } finally {
      this.discard()
    }
  }

  discard(): void {
    this.#kept = []
    this.#lease.release()
  }

  async #keep(raw: Buffer): Promise<Reply> {
    const { clock } = this.#deps
    const envelopeSender = named(this.#envelope.sender)
    const report = raw.subarray(0, MAX_KEPT_BYTES)
    const recipients = this.#envelope.recipients.map(({ address }) => formatAddress(address))
    let isTaken = await this.#arrive(recipients, envelopeSender, raw)
    for (const recipient of recipients) {
      const taken = await takeBounceMail(this.#deps, { envelopeSender, recipient, raw: report }, clock.now())
      isTaken ||= taken !== 'unknown'
    }
    return isTaken ? reply(250, '2.0.0', 'Taken.') : NOBODY
  }

  /** One arrival for each inbox that it is for, with one commit. False: it is for none. */
  async #arrive(recipients: readonly string[], envelopeSender: string, raw: Buffer): Promise<boolean> {
    const { database, clock } = this.#deps
    const now = clock.now()
    const { address: remoteIp, hello: helo } = this.#envelope.client
    const found = await Promise.all(recipients.map((recipient) => inboxesAt(database.db, recipient)))
    const places = new Map(found.flat().map((place) => [`${place.workspaceId} ${place.inboxId}`, place]))
    const byWorkspace = Map.groupBy(places.values(), ({ workspaceId }) => workspaceId)
    const mails = [...byWorkspace.values()].map((inboxes) => ({
      content: raw,
      arrivals: inboxes.map(({ workspaceId, inboxId }) => ({
        workspaceId,
        channel: 'smtp' as const,
        place: null,
        inboxId,
        envelopeSender,
        envelopeRecipients: recipients,
        remoteIp,
        helo,
        receivedAt: now,
        isCut: false,
      })),
    }))
    if (mails.length > 0) await receive(this.#deps, mails, now)
    return mails.length > 0
  }
}

function named(sender: Address | null): string {
  return sender === null ? '' : formatAddress(sender)
}
