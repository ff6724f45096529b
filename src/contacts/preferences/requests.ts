/** What the law lets people ask for: to be told everything that is known of them (GDPR Art. 15), and to be erased (Art. 17). */
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { MAX_MESSAGE_BYTES, type Submission } from '../../delivery/message.ts'
import { STREAM_RULES } from '../../delivery/stream.ts'
import { submit } from '../../delivery/submit.ts'
import { append } from '../../events/append.ts'
import { raiseIncident } from '../../incidents/incidents.ts'
import { DAY } from '../../lib/clock.ts'
import { type ContactId, type Id, type MessageId, newId } from '../../lib/ids.ts'
import { formatAddress, formatMailbox, isInternationalized, type Mailbox, parseAddress } from '../../mail/address.ts'
import { compose } from '../../mail/compose.ts'
import { messageIdOf } from '../../mail/message-id.ts'
import { nameOf } from '../contact.ts'
import { selectContact } from '../contact-queries.ts'
import { everythingOf } from '../erase.ts'
import { erasureKey } from './erasure-key.ts'
import type { Preferring } from './preferences.ts'
import { insertRequest, lastAsked, type RequestKind } from './queries.ts'

/** Asked again within this time, nothing more is done: the mail is on its way, or somebody has been told. */
const AGAIN_MS: Readonly<Record<RequestKind, number>> = { data: DAY, erase: 30 * DAY }

/** A person, and who writes to them. */
export interface Requesting extends Preferring {
  readonly contactId: ContactId
  readonly sender: Mailbox
}

/**
 * Sent to the address, not shown on the page: a link may have been passed on with its mail, the mailbox has not. `more`: what others know of them.
 * False: it was sent a short while ago.
 */
export async function askForData(
  tx: Tx,
  blobs: BlobStore,
  who: Requesting,
  more: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<boolean> {
  if (!(await isNewRequest(tx, who, 'data', now))) return false
  const everything = { ...(await everythingOf(tx, who.workspaceId, who.contactId, now)), ...more }
  const mail = await dataMail(blobs, who, JSON.stringify(everything, null, 2), now)
  if (!mail) return false
  await submit(tx, blobs, [mail], now)
  await tell(tx, who, 'contact.data_asked', now)
  return true
}

/** Somebody of the workspace has to do it, and to keep what the law has them keep. */
export async function askForErasure(tx: Tx, who: Requesting, now: Date): Promise<boolean> {
  if (!(await isNewRequest(tx, who, 'erase', now))) return false
  await tell(tx, who, 'contact.erasure_asked', now)
  await raiseIncident(
    tx,
    {
      workspaceId: who.workspaceId,
      key: erasureKey(who.contactId),
      kind: 'contact.asks_erasure',
      severity: 'warning',
      title: 'Somebody asks to be erased',
      sentence: `Whoever has ${who.address} asked on their page of preferences that everything known of them is erased.`,
      hint: 'Open the contact and choose Erase. The GDPR gives a month for it (Art. 12).',
      subject: { kind: 'contact', id: who.contactId },
      evidence: { link: `/contacts/${who.contactId}`, address: who.address },
    },
    now,
  )
  return true
}

async function isNewRequest(tx: Tx, who: Requesting, kind: RequestKind, now: Date): Promise<boolean> {
  const { workspaceId, contactId, address, sourceId } = who
  const contact = await selectContact(tx, workspaceId, contactId, { lock: true })
  const last = contact && (await lastAsked(tx, workspaceId, contactId, kind))
  if (!contact || (last && now.getTime() - last.getTime() < AGAIN_MS[kind])) return false
  await insertRequest(tx, {
    workspaceId,
    id: newId<Id<'person_request'>>(now.getTime()),
    kind,
    contactId,
    address,
    sourceId,
    at: now,
  })
  return true
}

async function tell(tx: Tx, who: Requesting, type: 'contact.data_asked' | 'contact.erasure_asked', now: Date): Promise<void> {
  const contact = await selectContact(tx, who.workspaceId, who.contactId)
  const data = { ...who.told, address: who.address, name: contact ? nameOf(contact) : who.address }
  await append(tx, { type, workspaceId: who.workspaceId, subjectId: who.contactId, data }, now)
}

async function dataMail(blobs: BlobStore, who: Requesting, json: string, now: Date): Promise<Submission | null> {
  const address = parseAddress(who.address)
  if (!address) return null
  const { workspaceId, sender } = who
  const id = newId<MessageId>(now.getTime())
  const rfcMessageId = messageIdOf(id, sender.address.domain)
  const to: Mailbox = { name: '', address }
  const subject = 'Your data'
  const text = `You asked ${who.from} for everything that is known of you. It is in the attached file, as text that a program and a person can read.\n\nIf it was not you who asked: somebody may have the link of a mail that you passed on. Nothing was shown to them.\n`
  const attachments = [
    { filename: 'your-data.json', contentType: 'application/json', content: Buffer.from(json), contentId: null },
  ]
  const headers = [['Auto-Submitted', 'auto-generated']] as const
  const written = { from: sender, to: [to], subject, text, headers, attachments, date: now, messageId: rfcMessageId }
  const composed = compose(written, { maxBytes: MAX_MESSAGE_BYTES })
  return {
    ...{ id, workspaceId, stream: 'transactional', actor: null, subject, rfcMessageId },
    origin: { kind: 'own_data', contact_id: who.contactId },
    envelopeSender: formatAddress(sender.address),
    sender: formatMailbox(sender),
    fromDomain: sender.address.domain,
    ...{ to: [formatMailbox(to)], cc: [], bcc: [], tags: [], metadata: {} },
    content: await blobs.stage(workspaceId, Buffer.from(composed.content, 'latin1')),
    eightBit: composed.eightBit,
    internationalized: composed.internationalized || isInternationalized(address),
    recipients: [formatAddress(address)],
    ...{ scheduledAt: null, resendOf: null, viaRoute: null },
    expiresAt: new Date(now.getTime() + STREAM_RULES.transactional.lifetimeMs),
  }
}
