/**
 * Somebody or something asked for a picture or followed a link. Who it was is guessed from the request at first. A hit is settled a little
 * later, when those around it are known as well; what it means is told then and not before.
 */
import type { DeliveryId, Id, LinkSetId, MessageId, WorkspaceId } from '../lib/ids.ts'

export const HIT_KINDS = ['open', 'click'] as const
export type HitKind = (typeof HIT_KINDS)[number]

/** `proxy`: a mail provider fetched it, perhaps when somebody read the mail. `scanner`: a program that looks for dangers or previews. */
export const WHO = ['human', 'proxy', 'scanner', 'unknown'] as const
export type Who = (typeof WHO)[number]

export interface NewHit {
  readonly workspaceId: WorkspaceId
  readonly deliveryId: DeliveryId
  readonly id: Id<'tracking_hit'>
  readonly messageId: MessageId
  readonly kind: HitKind
  readonly linkSet: LinkSetId
  /** Of a click, which link, counted from 1. */
  readonly link: number | null
  readonly at: Date
  readonly who: Who
  readonly userAgent: string
}

export interface Hit extends NewHit {
  readonly settledAt: Date | null
  /** To be settled now; the others are there to be compared with. */
  readonly isDue: boolean
  readonly url: string | null
}

/** People follow one link after the other. So many different ones within so short a time are a program that tries them all. */
const BURST_LINKS = 3
export const BURST_MS = 1_000

/** The hits that are due, with what those around them say of who it was. `hits`: all of some deliveries, in the order of their times. */
export function judge(hits: readonly Hit[]): Hit[] {
  const scanned = new Set<string>()
  for (const clicks of byDelivery(hits.filter(({ kind }) => kind === 'click')))
    for (const burst of windowsOf(clicks))
      if (new Set(burst.map(({ link }) => link)).size >= BURST_LINKS) for (const { id } of burst) scanned.add(id)
  return hits.filter(({ isDue }) => isDue).map((hit) => (scanned.has(hit.id) ? { ...hit, who: 'scanner' } : hit))
}

/** Of hits that were just judged, those that are the first of their delivery, kind and who: these are told. */
export function firstsOf(judged: readonly Hit[], all: readonly Hit[]): Hit[] {
  return firstsBy(judged, all, keyOf)
}

/** How often a link was followed, or the picture (link 0) loaded; `deliveries`: for how many mails it was the first time. */
export interface LinkCount {
  readonly workspaceId: WorkspaceId
  readonly linkSet: LinkSetId
  readonly link: number
  readonly who: Who
  readonly hits: number
  readonly deliveries: number
  readonly since: Date
}

/** What hits that were just judged add to the counts of their links. */
export function countsOf(judged: readonly Hit[], all: readonly Hit[]): LinkCount[] {
  const firsts = new Set(firstsBy(judged, all, (hit) => `${keyOf(hit)} ${hit.link}`))
  const groups = Map.groupBy(judged, ({ workspaceId, linkSet, link, who }) => `${workspaceId} ${linkSet} ${link ?? 0} ${who}`)
  return [...groups.values()].map((hits) => {
    const { workspaceId, linkSet, link, who, at: since } = hits[0] as Hit
    const deliveries = hits.filter((hit) => firsts.has(hit)).length
    return { workspaceId, linkSet, link: link ?? 0, who, hits: hits.length, deliveries, since }
  })
}

function firstsBy(judged: readonly Hit[], all: readonly Hit[], keyOfHit: (hit: Hit) => string): Hit[] {
  const known = new Set(all.filter(({ settledAt }) => settledAt !== null).map(keyOfHit))
  return judged.filter((hit) => {
    const key = keyOfHit(hit)
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

function keyOf({ workspaceId, deliveryId, kind, who }: Hit): string {
  return `${workspaceId} ${deliveryId} ${kind} ${who}`
}

function byDelivery(hits: readonly Hit[]): Hit[][] {
  return [...Map.groupBy(hits, ({ workspaceId, deliveryId }) => `${workspaceId} ${deliveryId}`).values()]
}

/** For each hit, those within the time from it on. */
function* windowsOf(hits: readonly Hit[]): Generator<Hit[]> {
  for (let from = 0; from < hits.length; from++) {
    const until = (hits[from] as Hit).at.getTime() + BURST_MS
    let to = from
    while (to < hits.length && (hits[to] as Hit).at.getTime() <= until) to++
    yield hits.slice(from, to)
  }
}
