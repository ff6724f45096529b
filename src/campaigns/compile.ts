import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import { MAX_MESSAGE_BYTES } from '../delivery/message.ts'
import { Refusal } from '../errors.ts'
import { type LinkSetId, newId, type WorkspaceId } from '../lib/ids.ts'
import { formatAddress, type Mailbox, parseMailbox } from '../mail/address.ts'
import { writeStencil } from '../mail/stencil.ts'
import { type Compiled, compileParts } from '../templates/compile.ts'
import type { Content, Parts } from '../templates/content.ts'
import { cover } from '../templates/liquid.ts'
import { toParts } from '../templates/parts.ts'
import { TRACKING_PLACE, UNSUBSCRIBE_PLACE } from '../tracking/personalise.ts'
import { planTracking, type TrackingPlace, trackText } from '../tracking/track.ts'
import type { Campaign } from './campaign.ts'
import { unsubscribeHeaders, withWayOut } from './leaving/way-out.ts'

export interface CompileDeps {
  readonly blobs: BlobStore
  readonly tracking: TrackingPlace
  /** Whether what is sent to this address comes to us, so that a mail may ask to be let go. */
  takesMail(workspaceId: WorkspaceId, address: string): Promise<boolean>
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
export const OWN_NAMES = [TRACKING_PLACE, UNSUBSCRIBE_PLACE] as const

/** Refuses a content that could not be sent, with everything that is wrong with it. */
export function partsOf(content: Content): Parts {
  const made = toParts(content)
  if (made.ok) return made.parts
  const errors = made.problems.map(({ where, line, sentence }) => ({
    pointer: `/content/${where}`,
    detail: line === null ? sentence : `Line ${line}: ${sentence}`,
  }))
  throw new Refusal('invalid_request', { why: errors[0]?.detail ?? 'The content cannot be used.', errors })
}

export function authorOf({ sender }: Pick<Campaign, 'sender'>): Mailbox {
  const author = parseMailbox(sender)
  if (!author) throw new Refusal('invalid_address', { text: sender })
  return author
}

/** Everything that is the same for all, once: links through us where they are tracked, the stencil, staged. */
export async function makeStencil(deps: CompileDeps, campaign: Campaign, now: Date): Promise<Made> {
  const author = authorOf(campaign)
  const replyTo = campaign.replyTo === null ? [] : [authorOf({ sender: campaign.replyTo })]
  const about = { workspaceId: campaign.workspaceId, stream: 'bulk' as const, fromDomain: author.address.domain }
  const plan = await planTracking(deps.tracking, about, campaign.tracking)
  const plain = withWayOut(partsOf(campaign.content))
  const tracked = plain.html !== null && plan ? trackHtml(plain.html, plan) : null
  const parts = { ...plain, html: tracked?.html ?? plain.html }
  const compiled = compileParts(parts, sharedOf(campaign), OWN_NAMES, now)
  const headers = unsubscribeHeaders(deps.tracking.url, await mailboxOf(deps, campaign.workspaceId, [...replyTo, author]))
  const text = writeStencil({ from: author, replyTo, headers, ...compiled }, { maxBytes: MAX_MESSAGE_BYTES })
  return {
    parts: { ...parts, size: compiled.size },
    stencil: await deps.blobs.stage(campaign.workspaceId, Buffer.from(text, 'latin1')),
    linkSet: newId<LinkSetId>(now.getTime()),
    urls: tracked?.urls ?? [],
    tracks: tracked?.tracks ?? null,
  }
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
function sharedOf({ name, content }: Pick<Campaign, 'name' | 'content'>): Readonly<Record<string, unknown>> {
  return { campaign: { name, subject: content.subject } }
}

/** The same program as when the stencil was made: from what was kept, so that a process that takes over fills the same places. */
export function programOf(campaign: Campaign, now: Date): Compiled {
  const { parts } = campaign
  if (!parts) throw new Error('this campaign has no stencil yet')
  const compiled = compileParts(parts, sharedOf(campaign), OWN_NAMES, now)
  if (compiled.size !== parts.size) throw new Error('the places of this campaign are not those of its stencil')
  return compiled
}
