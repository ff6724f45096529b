import type { Database } from '../../db/database.ts'
import { isReturnPath, MAX_KEPT_BYTES, returnPathKey, takeBounceMail } from '../../delivery/feedback/take.ts'
import { MAX_MESSAGE_BYTES } from '../../delivery/message.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Lease, MemoryBudget } from '../../lib/memory-budget.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { type Address, formatAddress } from '../../mail/address.ts'
import type { Envelope, Intake, Policy, Visit } from '../policy.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { NO_MEMORY, replyTo } from '../refusals.ts'

export interface InboundDeps {
  readonly database: Database
  readonly secrets: Pick<Secrets, 'hmac'>
  readonly clock: Clock
  readonly budget: MemoryBudget
  /** Called after a commit: there is something to read. */
  readonly wake: () => void
}

/** A mail to several of our addresses is rare: each return path is of one delivery. */
const RECIPIENTS_MAX = 100
const NOBODY = reply(
  550,
  '5.1.1',
  'Nobody has this address here. This port takes bounces and complaints about mail that was sent from here.',
)

/** Takes mail for addresses that we made ourselves, from anybody; never for anybody else. */
export function inboundPolicy(deps: InboundDeps): Policy {
  const keys = [returnPathKey(deps.secrets)]
  const visit: Visit = {
    isKnown: true,
    signIn: async () => reply(502, '5.5.1', 'Nobody signs in on this port.'),
    sender: () => null,
    recipient: (address) => (isReturnPath(formatAddress(address), keys) ? null : NOBODY),
    async receive(envelope) {
      const gone = new AbortController()
      const lease = await deps.budget.take(MAX_KEPT_BYTES, gone.signal)
      return lease ? new InboundIntake(deps, envelope, lease) : NO_MEMORY
    },
  }
  return { name: 'inbound', maxBytes: MAX_MESSAGE_BYTES, maxRecipients: RECIPIENTS_MAX, signsIn: false, visit: () => visit }
}

/** What matters of a report comes first; what it sends back behind that is measured and let go. */
class InboundIntake implements Intake {
  readonly #deps: InboundDeps
  readonly #envelope: Envelope
  readonly #lease: Lease
  #kept: Buffer[] = []
  #room = MAX_KEPT_BYTES

  constructor(deps: InboundDeps, envelope: Envelope, lease: Lease) {
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
    let isTaken = false
    for (const { address } of this.#envelope.recipients) {
      const taken = await takeBounceMail(this.#deps, { envelopeSender, recipient: formatAddress(address), raw }, clock.now())
      isTaken ||= taken !== 'unknown'
    }
    return isTaken ? reply(250, '2.0.0', 'Taken.') : NOBODY
  }
}

function named(sender: Address | null): string {
  return sender === null ? '' : formatAddress(sender)
}
