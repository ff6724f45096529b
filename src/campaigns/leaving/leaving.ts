/** What the link of mail to many leads to: who got it, where they stand with its lists, and what they can do about it. */

import type { ListId } from '../../contacts/consent/change-consent.ts'
import {
  type Leaver,
  type ListStanding,
  leave,
  leftBulkBy,
  mayReturn,
  standingsWith,
  takeBack,
} from '../../contacts/consent/leaving.ts'
import { findContact } from '../../contacts/contacts.ts'
import type { Preferring } from '../../contacts/preferences/preferences.ts'
import { contactIdsOf } from '../../contacts/save-contact.ts'
import type { Db, Tx } from '../../db/database.ts'
import { findMailOfDelivery, type MailOfDelivery } from '../../delivery/reading/read.ts'
import { suppressionsOf } from '../../delivery/suppression/suppress.ts'
import { append } from '../../events/append.ts'
import { type ContactId, type DeliveryId, isId, type MessageId } from '../../lib/ids.ts'
import { type Mailbox, parseMailbox } from '../../mail/address.ts'
import type { CampaignId } from '../campaign.ts'
import { selectCampaign, selectContactAt } from '../queries.ts'

/** One mail to many, and whoever it went to. */
export interface Gotten {
  readonly leaver: Leaver
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly cause: Cause
}

/** What sent it: a campaign, or a workflow's step that is for whoever agreed. */
interface Cause {
  readonly sender: string
  readonly lists: readonly ListId[]
  /** `campaign "Spring"`: as proofs name it. */
  readonly by: string
  readonly told: Readonly<Record<string, string>>
}

/** Null: no mail of that kind that is still known here. */
export async function findGotten(db: Db, deliveryId: DeliveryId): Promise<Gotten | null> {
  const mail = await findMailOfDelivery(db, deliveryId)
  if (!mail) return null
  const { workspaceId, messageId } = mail
  const address = mail.recipient.toLowerCase()
  const found = (await ofCampaign(db, mail, address)) ?? (await ofWorkflow(db, mail, address))
  if (!found) return null
  const contact = found.contactId && (await findContact(db, workspaceId, found.contactId))
  const leaver = { workspaceId, contactId: contact?.id ?? null, address, deliveryId, sourceId: deliveryId }
  return { leaver, deliveryId, messageId, cause: found.cause }
}

type Found = { readonly cause: Cause; readonly contactId: ContactId | null } | null

async function ofCampaign(db: Db, { workspaceId, origin }: MailOfDelivery, address: string): Promise<Found> {
  const id = origin.campaign_id
  const campaign = typeof id === 'string' && isId(id) ? await selectCampaign(db, workspaceId, id as CampaignId) : null
  if (!campaign) return null
  const { sender, name, audience } = campaign
  return {
    contactId: await selectContactAt(db, campaign, address),
    cause: { sender, lists: audience.lists, by: `campaign "${name}"`, told: { campaign_id: campaign.id } },
  }
}

/** Its mail brings along what it was sent for: the workflow may be another one by now. */
async function ofWorkflow(db: Db, { workspaceId, origin }: MailOfDelivery, address: string): Promise<Found> {
  const { kind, lists, sender, workflow, workflow_id: workflowId } = origin
  if (kind !== 'workflow' || !Array.isArray(lists) || typeof sender !== 'string' || typeof workflowId !== 'string') return null
  return {
    contactId: (await contactIdsOf(db, workspaceId, [address])).get(address) ?? null,
    cause: { sender, lists: lists as ListId[], by: `workflow "${String(workflow)}"`, told: { workflow_id: workflowId } },
  }
}

/** What the page says. */
export interface LeavingView {
  readonly address: string
  /** By its name, else by its address. */
  readonly from: string
  /** Lists that people may know of, by their names. */
  readonly lists: readonly { readonly name: string; readonly isLeft: boolean }[]
  /** Others are the workspace's own business. */
  readonly privateLists: number
  /** Nothing of its lists comes any more. */
  readonly hasLeft: boolean
  /** Nothing that is sent to many comes any more. */
  readonly hasLeftAll: boolean
  readonly mayTakeBack: boolean
}

export async function viewLeaving(db: Db | Tx, { leaver, cause }: Gotten, now: Date): Promise<LeavingView> {
  const { workspaceId, contactId, address, sourceId } = leaver
  const standings = await standingsWith(db, workspaceId, { contactId, lists: cause.lists, sourceId })
  const others = contactId ? await standingsWith(db, workspaceId, { contactId, lists: null, sourceId }) : []
  const isLeft = ({ status }: ListStanding) => status === 'unsubscribed' || (contactId === null && status === 'none')
  const author = parseMailbox(cause.sender)
  const hasLeftAll = (await suppressionsOf(db, workspaceId, [address], now)).some(
    ({ stream, reason }) => (stream === 'all' || stream === 'bulk') && reason !== 'mailbox_full',
  )
  return {
    address,
    from: author?.name || cause.sender,
    lists: standings.filter(({ isPublic }) => isPublic).map((one) => ({ name: one.name, isLeft: isLeft(one) })),
    privateLists: standings.filter(({ isPublic }) => !isPublic).length,
    hasLeft: standings.length === 0 ? hasLeftAll : standings.every(isLeft),
    hasLeftAll,
    mayTakeBack: [...standings, ...others].some((one) => mayReturn(one, now)) || (await leftBulkBy(db, leaver, address, now)),
  }
}

export const LEAVING_REASONS = ['too_many', 'not_interesting', 'never_asked', 'other'] as const
export type LeavingReason = (typeof LEAVING_REASONS)[number]

export interface LeavingWish {
  /** A mail program's button, or the page. */
  readonly by: 'mail_program' | 'page'
  readonly everything: boolean
  readonly why: LeavingReason | null
}

/** Done once, however often it is asked for. A campaign to no list in particular is left by leaving everything. */
export async function leaveBy(tx: Tx, gotten: Gotten, { by, everything: all, why }: LeavingWish, now: Date): Promise<void> {
  const { leaver, deliveryId, cause, messageId } = gotten
  const { lists, told } = cause
  const everything = all || lists.length === 0
  const wording = [
    by === 'mail_program' ? 'One-click unsubscribe in a mail program' : everything ? 'Leave everything' : 'Leave these lists',
    cause.by,
    ...(why === null ? [] : [`reason: ${why}`]),
  ].join('; ')
  const left = await leave(tx, leaver, { lists, everything, wording, told }, now)
  if (!left.isNew) return
  await append(
    tx,
    {
      type: 'contact.unsubscribed',
      workspaceId: leaver.workspaceId,
      messageId,
      deliveryId,
      ...(leaver.contactId !== null && { subjectId: leaver.contactId }),
      data: { ...told, lists: left.lists, everything, by, why },
    },
    now,
  )
}

export async function takeBackBy(tx: Tx, { leaver, cause }: Gotten, now: Date): Promise<boolean> {
  const wording = `Took it back on the page; ${cause.by}`
  return await takeBack(tx, leaver, { lists: cause.lists, wording, told: cause.told }, now)
}

/** The same person, for their page of preferences. */
export function preferringOf({ leaver, cause }: Gotten): Preferring & { readonly sender: Mailbox | null } {
  const sender = parseMailbox(cause.sender)
  return { ...leaver, from: sender?.name || cause.sender, told: cause.told, by: cause.by, sender }
}
