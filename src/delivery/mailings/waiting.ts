import type { Db, Tx } from '../../db/database.ts'
import type { MailingId, WorkspaceId } from '../../lib/ids.ts'
import { intervalMs, type PacePeriod } from '../pace/gcra.ts'
import { obstacleOf, waysOf } from '../routing/choose.ts'
import { isUnsorted, type Picture } from '../routing/picture.ts'
import { readPictures } from '../routing/read-picture.ts'
import { type MailingLane, selectLanesOf } from './queries.ts'

/** Why nothing of a mailing leaves at this moment, by the rules that serve it. */
export type MailingWait =
  /** Nothing waits. */
  | { readonly kind: 'nothing' }
  /** Something may leave now: whoever sends only has to take it. */
  | {
      readonly kind: 'open'
      /** Of the first that may leave: its time came then. */
      readonly dueAt: Date
    }
  | {
      readonly kind: 'waits'
      readonly sentence: string
      readonly until: Date | null
      /** Nothing is in its way but that its time has not come. */
      readonly isDueLater: boolean
    }

/** The slowest of the limits that hold for all of a mailing. Receivers have their own beside it. */
export interface MailingLimit {
  readonly scope: 'mailing' | 'workspace' | 'from_domain' | 'route'
  readonly amount: number
  readonly per: PacePeriod
}

export async function whyMailingWaits(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId, now: Date): Promise<MailingWait> {
  return (await lookAtMailing(db, workspaceId, id, now)).wait
}

export async function lookAtMailing(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: MailingId,
  now: Date,
): Promise<{ readonly wait: MailingWait; readonly limit: MailingLimit | null }> {
  const lanes = await selectLanesOf(db, workspaceId, id)
  const picture = lanes.length === 0 ? undefined : (await readPictures(db, new Set([workspaceId]))).get(workspaceId)
  if (!picture) return { wait: { kind: 'nothing' }, limit: null }
  return { wait: waitOf(lanes, picture, now), limit: limitOn(lanes, picture, now) }
}

function limitOn([lane]: readonly MailingLane[], picture: Picture, now: Date): MailingLimit | null {
  if (!lane) return null
  const ways = waysOf(picture, lane, now)
  const routes = new Set([...ways.open.map(({ route }) => route.id), ...ways.obstacles.flatMap(({ route }) => route?.id ?? [])])
  // Over several routes their limits add up: none of them is the mailing's.
  const [only] = routes.size === 1 ? routes : []
  const whole = picture.paces.flatMap(({ scope, subject, amount, per }) => {
    const holds =
      scope === 'workspace' ||
      (scope === 'mailing' && subject === lane.mailingId) ||
      (scope === 'from_domain' && subject === lane.fromDomain) ||
      (scope === 'route' && subject === only)
    return holds ? [{ scope, amount, per }] : []
  })
  return whole.toSorted((a, b) => intervalMs(b) - intervalMs(a))[0] ?? null
}

function waitOf(lanes: readonly MailingLane[], picture: Picture, now: Date): MailingWait {
  const obstacles: { sentence: string; until: Date | null; isDueLater: boolean }[] = []
  for (const lane of lanes) {
    if (lane.dueAt > now) {
      obstacles.push({ sentence: 'The next try is due later.', until: lane.dueAt, isDueLater: true })
      continue
    }
    const obstacle = obstacleOf(waysOf(picture, lane, now))
    // Mail that has to be sorted first is waited for by nobody else, unless the mailing stands still.
    if (!obstacle || (isUnsorted(lane, picture) && obstacle.kind !== 'mailing')) return { kind: 'open', dueAt: lane.dueAt }
    obstacles.push({ sentence: obstacle.sentence, until: obstacle.until, isDueLater: false })
  }
  const at = ({ until }: { readonly until: Date | null }) => until?.getTime() ?? Number.POSITIVE_INFINITY
  const [first] = obstacles.toSorted((a, b) => at(a) - at(b))
  return first ? { kind: 'waits', ...first } : { kind: 'nothing' }
}
