import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import type { Tx } from '../db/database.ts'
import { MAX_MESSAGE_BYTES } from '../delivery/message.ts'
import { Refusal } from '../errors.ts'
import { type InboxId, type LinkSetId, newId, type WorkspaceId } from '../lib/ids.ts'
import { formatAddress, type Mailbox, parseMailbox } from '../mail/address.ts'
import { writeStencil } from '../mail/stencil.ts'
import { type Compiled, compileParts } from '../templates/compile.ts'
import type { Parts, Problem } from '../templates/content.ts'
import { templateOf } from '../templates/library/templates.ts'
import { cover } from '../templates/liquid.ts'
import type { MjmlReader } from '../templates/mjml/mjml.ts'
import { makeParts, problemsOf } from '../templates/parts.ts'
import { PREFERENCES_PLACE, TRACKING_PLACE, UNSUBSCRIBE_PLACE } from '../tracking/personalise.ts'
import { planTracking, type TrackingPlace, trackText } from '../tracking/track.ts'
import type { Campaign } from './campaign.ts'
import { unsubscribeHeaders, withWayOut } from './leaving/way-out.ts'
import { markLinks } from './mark-links.ts'
import { type ReplyInbox, type ReplyTo, replyToOf } from './replies/reply-to.ts'

export interface CompileDeps {
  readonly blobs: BlobStore
  readonly tracking: TrackingPlace
  readonly mjml: Pick<MjmlReader, 'read'>
  /** Whether what is sent to this address comes to us, so that a mail may ask to be let go. */
  takesMail(workspaceId: WorkspaceId, address: string): Promise<boolean>
  /** An inbox that takes mail; null for one that does not, or not any more. */
  replyInbox(workspaceId: WorkspaceId, id: InboxId): Promise<ReplyInbox | null>
}

export interface Made {
  readonly parts: Parts & { readonly size: number }
  readonly stencil: StagedBlob
  readonly linkSet: LinkSetId
  /** Where its links lead. */
  readonly urls: readonly string[]
  readonly tracks: { readonly opens: boolean; readonly clicks: boolean } | null
}

/** What a delivery brings along when it leaves. */
export const OWN_NAMES = [TRACKING_PLACE, UNSUBSCRIBE_PLACE, PREFERENCES_PLACE] as const

/** Refuses a content that could not be sent, with everything that is wrong with it. */
export async function partsOf({ tracking, mjml }: Pick<CompileDeps, 'tracking' | 'mjml'>, about: Written): Promise<Parts> {
  const template = await templateOf(tracking.database.db, about.workspaceId, about.content)
  const made = await makeParts(about.content, template, mjml)
  if (!made.ok) throw wrongContent(made.problems)
  return made.parts
}

/** The same within a transaction, where nothing slow is done: whether MJML can be read shows in the first step after it. */
export async function mustBeWritten(tx: Tx, { workspaceId, content }: Written): Promise<void> {
  const problems = problemsOf(content, await templateOf(tx, workspaceId, content))
  if (problems.length > 0) throw wrongContent(problems)
}

type Written = Pick<Campaign, 'workspaceId' | 'content'>

function wrongContent(problems: readonly Problem[]): Refusal {
  const errors = problems.map(({ where, line, sentence }) => ({
    pointer: `/content/${where}`,
    detail: line === null ? sentence : `${where === 'blocks' ? 'Block' : 'Line'} ${line}: ${sentence}`,
  }))
  return new Refusal('invalid_request', { why: errors[0]?.detail ?? 'The content cannot be used.', errors })
}

export function authorOf({ sender }: Pick<Campaign, 'sender'>): Mailbox {
  const author = parseMailbox(sender)
  if (!author) throw new Refusal('invalid_address', { text: sender })
  return author
}

/** Everything that is the same for all, once: links through us where they are tracked, the stencil, staged. */
export async function makeStencil(deps: CompileDeps, campaign: Campaign, now: Date): Promise<Made> {
  const author = authorOf(campaign)
  const { replyTo, ownReplyTo } = await answersTo(deps, campaign)
  const about = { workspaceId: campaign.workspaceId, stream: 'bulk' as const, fromDomain: author.address.domain }
  const plan = await planTracking(deps.tracking, about, campaign.tracking)
  const plain = withWayOut(marked(await partsOf(deps, campaign), campaign, deps.tracking.url))
  const tracked = plain.html !== null && plan ? trackHtml(plain.html, plan) : null
  const parts = { ...plain, html: tracked?.html ?? plain.html }
  const compiled = compileParts(parts, sharedOf(campaign), OWN_NAMES, now)
  const headers = unsubscribeHeaders(deps.tracking.url, await mailboxOf(deps, campaign.workspaceId, [...replyTo, author]))
  const text = writeStencil({ from: author, replyTo, ownReplyTo, headers, ...compiled }, { maxBytes: MAX_MESSAGE_BYTES })
  return {
    parts: { ...parts, size: compiled.size },
    stencil: await deps.blobs.stage(campaign.workspaceId, Buffer.from(text, 'latin1')),
    linkSet: newId<LinkSetId>(now.getTime()),
    urls: tracked?.urls ?? [],
    tracks: tracked?.tracks ?? null,
  }
}

/** Links with where people came from in them, before clicks are counted. */
export function marked(parts: Parts, { utm }: Pick<Campaign, 'utm'>, url: string): Parts {
  return utm ? markLinks(parts, { utm, url }) : parts
}

async function answersTo(deps: CompileDeps, { workspaceId, replyInboxId, replyTo }: Campaign): Promise<ReplyTo> {
  const inbox = replyInboxId && (await deps.replyInbox(workspaceId, replyInboxId))
  if (inbox) return replyToOf(inbox)
  return { replyTo: replyTo === null ? [] : [authorOf({ sender: replyTo })], ownReplyTo: null }
}

/** The first of the addresses that answers go to which comes to us. */
async function mailboxOf(deps: CompileDeps, workspaceId: WorkspaceId, mailboxes: readonly Mailbox[]): Promise<string | null> {
  for (const { address } of mailboxes) {
    const written = formatAddress(address)
    if (await deps.takesMail(workspaceId, written)) return written
  }
  return null
}

/** Links that have something of a person in them lead where they led before. */
function trackHtml(html: string, plan: NonNullable<Awaited<ReturnType<typeof planTracking>>>) {
  const covered = cover(html)
  const leaves = (href: string) => href.search(covered.isCover) !== -1
  const { html: rewritten, tracking, urls } = trackText(plan, { html: covered.text, headers: {}, isTemplate: false, leaves })
  if (!tracking) return null
  return {
    html: covered.uncover(rewritten).replaceAll(tracking.standIn, `{{ ${TRACKING_PLACE} }}`),
    urls,
    tracks: { opens: tracking.opens, clicks: tracking.clicks },
  }
}

/** What every person's mail may say of the campaign. */
export function sharedOf({
  name,
  content,
  archiveUrl,
}: Pick<Campaign, 'name' | 'content' | 'archiveUrl'>): Readonly<Record<string, unknown>> {
  return { campaign: { name, subject: content.subject }, archive_url: archiveUrl ?? '' }
}

/** The same program as when the stencil was made: from what was kept, so that a process that takes over fills the same places. */
export function programOf(campaign: Campaign, now: Date): Compiled {
  const { parts } = campaign
  if (!parts) throw new Error('this campaign has no stencil yet')
  const compiled = compileParts(parts, sharedOf(campaign), OWN_NAMES, now)
  if (compiled.size !== parts.size) throw new Error('the places of this campaign are not those of its stencil')
  return compiled
}
