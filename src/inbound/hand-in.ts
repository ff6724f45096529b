/** Mail that a program hands in over HTTP. */
import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import type { Db, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { hashOf } from '../gateway/request-hash.ts'
import { underKey } from '../gateway/under-key.ts'
import { findInbox } from '../helpdesk/inboxes.ts'
import type { InboundMailId, InboxId, WorkspaceId } from '../lib/ids.ts'
import { formatAddress, parseAddress } from '../mail/address.ts'
import { inboxesAt } from './inboxes-at.ts'
import { receiveStaged } from './receive.ts'

export interface HandedIn {
  readonly workspaceId: WorkspaceId
  /** Whom it was sent to, as the envelope said; none where nobody knows. */
  readonly recipients: readonly string[]
  /** '' for the null return path; null where nobody knows. */
  readonly sender: string | null
  /** Whose mail it is, whatever is written on it. */
  readonly inboxId: InboxId | null
}

/** Plain data: it is kept as the answer to its key. */
export interface HandedInReceipt {
  readonly arrivals: readonly { readonly id: InboundMailId; readonly inboxId: InboxId | null }[]
  readonly receivedAt: string
}

/** As an envelope has them: their domains in one form, each once. */
export function parseEnvelope({
  recipients,
  sender,
}: Pick<HandedIn, 'recipients' | 'sender'>): Pick<HandedIn, 'recipients' | 'sender'> {
  const named = (text: string) => {
    const address = parseAddress(text)
    if (!address) throw new Refusal('invalid_address', { text })
    return formatAddress(address)
  }
  return { recipients: [...new Set(recipients.map(named))], sender: sender === null || sender === '' ? sender : named(sender) }
}

/** The inboxes that a mail comes to: the one that is named, those of its recipients, or one that what is written on it will tell. */
export async function inboxesOf(db: Db, { workspaceId, recipients, inboxId }: HandedIn): Promise<readonly (InboxId | null)[]> {
  if (inboxId !== null) {
    if (!(await findInbox(db, workspaceId, inboxId))) throw new Refusal('not_found', { what: 'inbox' })
    return [inboxId]
  }
  const found = await Promise.all(recipients.map((recipient) => inboxesAt(db, recipient)))
  const own = new Set(found.flat().flatMap((place) => (place.workspaceId === workspaceId ? [place.inboxId] : [])))
  return own.size === 0 ? [null] : [...own]
}

/** One arrival for each inbox, in the transaction that its answer waits for; for each key once. */
export async function handIn(
  tx: Tx,
  blobs: BlobStore,
  mail: HandedIn & { readonly inboxes: readonly (InboxId | null)[]; readonly content: StagedBlob },
  key: string | null,
  now: Date,
): Promise<HandedInReceipt> {
  const { workspaceId, recipients, sender, inboxId, inboxes, content } = mail
  const requestHash = hashOf({ of: 'inbound', recipients, sender, inboxId, content: content.hash.toString('hex') })
  const work = async (): Promise<HandedInReceipt> => {
    const arrivals = inboxes.map((inbox) => ({
      ...{ workspaceId, channel: 'http' as const, place: null, inboxId: inbox, receivedAt: now, isCut: false },
      ...{ envelopeSender: sender, envelopeRecipients: recipients, remoteIp: null, helo: null },
    }))
    const ids = await receiveStaged(tx, blobs, [{ arrivals, content }], now)
    return { arrivals: ids.map((id, at) => ({ id, inboxId: inboxes[at] ?? null })), receivedAt: now.toISOString() }
  }
  return (await underKey(tx, { workspaceId, key, requestHash }, work, now)).receipt
}
