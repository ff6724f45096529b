/** What pages and the API show of what was heard. */
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { findRoute } from '../routes/manage.ts'
import type { Route } from '../routes/route.ts'
import { inletPath, type TellingKind } from './inlet.ts'
import { bumpGeneration, selectInlet } from './inlet-queries.ts'
import type { FeedbackId } from './queries.ts'
import {
  type FeedbackDetail,
  type Lag,
  type ReplayFilter,
  reopenFeedback,
  reopenOne,
  selectBody,
  selectDetail,
  selectLag,
} from './reading-queries.ts'

export type { FeedbackId } from './queries.ts'
export {
  type FeedbackDetail,
  type FeedbackFilter,
  type FeedbackSummary,
  type Lag,
  type NewsOfFeedback,
  type ReplayFilter,
  selectFeedback as listFeedback,
} from './reading-queries.ts'

export async function readFeedback(tx: Tx, workspaceId: WorkspaceId, id: FeedbackId): Promise<FeedbackDetail> {
  const found = await selectDetail(tx, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'feedback' })
  return found
}

/** As it came. */
export async function readRaw(tx: Tx, workspaceId: WorkspaceId, id: FeedbackId): Promise<Buffer> {
  await readFeedback(tx, workspaceId, id)
  const body = await selectBody(tx, workspaceId, id)
  if (!body) throw notKept()
  return body
}

/** Reads one again: what is known already changes nothing. */
export async function replayFeedback(tx: Tx, workspaceId: WorkspaceId, id: FeedbackId, now: Date): Promise<void> {
  const found = await readFeedback(tx, workspaceId, id)
  if (!found.isKept) throw notKept()
  await reopenOne(tx, workspaceId, id, now)
}

/** Reads many again. Returns how many it will be. */
export async function replayFeedbackBy(tx: Tx, workspaceId: WorkspaceId, filter: ReplayFilter, now: Date): Promise<number> {
  return await reopenFeedback(tx, workspaceId, filter, now)
}

function notKept(): Refusal {
  return new Refusal('not_kept', { what: 'What came more than a week ago' })
}

/** What is known of a route's provider as a teller. */
export interface RouteFeedback {
  readonly kind: TellingKind
  /** Below the address of this server. */
  readonly path: string
  /** The topic that is believed. */
  readonly topicArn: string | null
  /** Another topic that sent something, or asked to be confirmed. */
  readonly seenTopic: string | null
  readonly confirmedAt: Date | null
  readonly lastReceivedAt: Date | null
  readonly lastBelievedAt: Date | null
  readonly polledAt: Date | null
  readonly pollError: string | null
  readonly lag: Lag
}

export async function readRouteFeedback(
  tx: Tx,
  secrets: Pick<Secrets, 'hmac'>,
  workspaceId: WorkspaceId,
  routeId: RouteId,
): Promise<RouteFeedback> {
  const { kind, topicArn } = tellerOf(await findRoute(tx, workspaceId, routeId))
  const { generation, ...facts } = await selectInlet(tx, workspaceId, routeId)
  return {
    ...facts,
    kind,
    topicArn,
    path: inletPath(secrets, kind, routeId, generation),
    lag: await selectLag(tx, workspaceId, routeId),
  }
}

/** A new address, for when the old one became known to somebody: what comes to that from now on is refused. */
export async function renewInlet(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  actor: string | null,
  now: Date,
): Promise<void> {
  const route = await findRoute(tx, workspaceId, routeId)
  tellerOf(route)
  await bumpGeneration(tx, workspaceId, routeId)
  await append(
    tx,
    { type: 'route.feedback_address_changed', workspaceId, subjectId: routeId, actor, data: { name: route?.name } },
    now,
  )
}

function tellerOf(route: Route | null): { readonly kind: TellingKind; readonly topicArn: string | null } {
  if (!route) throw new Refusal('not_found', { what: 'route' })
  const { way } = route
  if (way.kind === 'ses' || way.kind === 'scaleway') return { kind: way.kind, topicArn: way.settings.topic_arn }
  throw new Refusal('invalid_request', {
    why: 'What becomes of mail on this route is told by bounce messages: there is no provider that could be given an address.',
  })
}
