import type { Database } from '../db/database.ts'
import { findTrackingHost } from '../delivery/domains/manage.ts'
import type { Tracking } from '../delivery/message.ts'
import { STREAM_RULES, type Stream } from '../delivery/stream.ts'
import type { LinkSetId, WorkspaceId } from '../lib/ids.ts'
import { rewrite } from './rewrite.ts'
import { newStandIn } from './token.ts'
import { unsubscribeUrls } from './unsubscribe.ts'

/** What a sender says; what is left out is as the stream has it. */
export interface TrackingWish {
  readonly opens?: boolean | undefined
  readonly clicks?: boolean | undefined
}

export interface TrackingPlace {
  readonly database: Pick<Database, 'db'>
  /** Where people reach us. */
  readonly url: string
}

export interface TrackingPlan {
  readonly opens: boolean
  readonly clicks: boolean
  /** Where links and pictures lead, without a slash at the end. */
  readonly base: string
}

/** What is to be tracked, and under which host; null: nothing. */
export async function planTracking(
  { database, url }: TrackingPlace,
  about: { readonly workspaceId: WorkspaceId; readonly stream: Stream; readonly fromDomain: string },
  wish: TrackingWish | undefined,
): Promise<TrackingPlan | null> {
  const rule = STREAM_RULES[about.stream].tracking
  const mayWant = [wish?.opens, wish?.clicks].some((said) => said ?? rule === 'on_own_host')
  if (!mayWant) return null
  const host = await findTrackingHost(database.db, about.workspaceId, about.fromDomain)
  const usual = rule === 'on_own_host' && host !== null
  const [opens, clicks] = [wish?.opens ?? usual, wish?.clicks ?? usual]
  return opens || clicks ? { opens, clicks, base: baseAt(url, host) } : null
}

/** The domain's host reaches the same server: by the same protocol, at the same port. */
function baseAt(url: string, host: string | null): string {
  const base = new URL(url)
  if (host !== null) base.hostname = host
  return base.origin
}

export interface TrackedText {
  readonly html: string
  /** Null: there was nothing to track in it. */
  readonly tracking: Omit<Tracking, 'linkSet'> | null
  /** Where its links lead, from the first on. */
  readonly urls: readonly string[]
}

/** The HTML of a message, made ready: a stand-in where each recipient's token will be. */
export function trackText(
  { opens, clicks, base }: TrackingPlan,
  text: {
    readonly html: string
    readonly headers: Readonly<Record<string, string>>
    readonly isTemplate: boolean
    leaves?(href: string): boolean
  },
): TrackedText {
  const standIn = newStandIn()
  const unsubscribe = unsubscribeUrls(Object.entries(text.headers))
  const { html, urls } = rewrite(text.html, {
    opens,
    clicks,
    base,
    standIn,
    unsubscribe,
    isTemplate: text.isTemplate,
    ...(text.leaves && { leaves: text.leaves }),
  })
  const tracking = opens || urls.length > 0 ? { standIn, opens, clicks: clicks && urls.length > 0 } : null
  return { html, tracking, urls }
}

/** The links of one text, to be kept in the transaction that submits it. */
export interface LinkSet {
  readonly id: LinkSetId
  readonly urls: readonly string[]
}
