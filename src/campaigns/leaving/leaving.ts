/** What the link of a campaign's mail leads to: who got it, where they stand with its lists, and what they can do about it. */
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
import type { Db, Tx } from '../../db/database.ts'
import { findMailOfDelivery } from '../../delivery/reading/read.ts'
import { suppressionsOf } from '../../delivery/suppression/suppress.ts'
import { append } from '../../events/append.ts'
import { type DeliveryId, isId, type MessageId } from '../../lib/ids.ts'
import { type Mailbox, parseMailbox } from '../../mail/address.ts'
import type { Campaign, CampaignId } from '../campaign.ts'
import { selectCampaign, selectContactAt } from '../queries.ts'

/** One mail of a campaign, and whoever it went to. */
export interface Gotten {
  readonly leaver: Leaver
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly campaign: Campaign
}

/** Null: no mail of a campaign that is still known here. */
export async function findGotten(db: Db, deliveryId: DeliveryId): Promise<Gotten | null> {
  const mail = await findMailOfDelivery(db, deliveryId)
  const id = mail?.origin.campaign_id
  if (!mail || typeof id !== 'string' || !isId(id)) return null
  const { workspaceId, messageId } = mail
  const campaign = await selectCampaign(db, workspaceId, id as CampaignId)
  if (!campaign) return null
  const address = mail.recipient.toLowerCase()
  const recipient = await selectContactAt(db, campaign, address)
  const contact = recipient && (await findContact(db, workspaceId, recipient))
  return {
    leaver: { workspaceId, contactId: contact?.id ?? null, address, deliveryId, sourceId: deliveryId },
    deliveryId,
    messageId,
    campaign,
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

export async function viewLeaving(db: Db | Tx, { leaver, campaign }: Gotten, now: Date): Promise<LeavingView> {
  const { workspaceId, contactId, address, sourceId } = leaver
  const standings = await standingsWith(db, workspaceId, { contactId, lists: campaign.audience.lists, sourceId })
  const others = contactId ? await standingsWith(db, workspaceId, { contactId, lists: null, sourceId }) : []
  const isLeft = ({ status }: ListStanding) => status === 'unsubscribed' || (contactId === null && status === 'none')
  const author = parseMailbox(campaign.sender)
  const hasLeftAll = (await suppressionsOf(db, workspaceId, [address], now)).some(
    ({ stream, reason }) => (stream === 'all' || stream === 'bulk') && reason !== 'mailbox_full',
  )
  return {
    address,
    from: author?.name || campaign.sender,
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
  const { leaver, deliveryId, campaign, messageId } = gotten
  const { lists } = campaign.audience
  const everything = all || lists.length === 0
  const wording = [
    by === 'mail_program' ? 'One-click unsubscribe in a mail program' : everything ? 'Leave everything' : 'Leave these lists',
    `campaign "${campaign.name}"`,
    ...(why === null ? [] : [`reason: ${why}`]),
  ].join('; ')
  const told = { campaign_id: campaign.id }
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

export async function takeBackBy(tx: Tx, { leaver, campaign }: Gotten, now: Date): Promise<boolean> {
  const wording = `Took it back on the page; campaign "${campaign.name}"`
  return await takeBack(tx, leaver, { lists: campaign.audience.lists, wording, told: { campaign_id: campaign.id } }, now)
}

/** The same person, for their page of preferences. */
export function preferringOf({ leaver, campaign }: Gotten): Preferring & { readonly sender: Mailbox | null } {
  const sender = parseMailbox(campaign.sender)
  return {
    ...leaver,
    from: sender?.name || campaign.sender,
    told: { campaign_id: campaign.id },
    by: `campaign "${campaign.name}"`,
    sender,
  }
}
