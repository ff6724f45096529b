import type { CampaignId } from '../../campaigns/campaign.ts'
import { findCampaign } from '../../campaigns/manage.ts'
import { listFields } from '../../contacts/fields.ts'
import type { ImportId } from '../../contacts/imports/import.ts'
import { findImport } from '../../contacts/imports/imports.ts'
import { listLists } from '../../contacts/lists.ts'
import { type Condition, sentenceOf } from '../../contacts/segments/segment.ts'
import {
  changeSegment as change,
  createSegment as create,
  findSegment,
  listSegments as list,
  lookAtSegment as look,
  lookAtTree,
  type Meant,
  removeSegment as remove,
  type SegmentChange,
  type Segment as SegmentRow,
  whyInTree as why,
  whyInSegment as whyIn,
} from '../../contacts/segments/segments.ts'
import { ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { onlyVisible, refuseUnseen } from '../../helpdesk/people/visible.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeSegment,
  createSegment,
  getSegment,
  listSegments,
  lookAtSegment,
  removeSegment,
  type Segment,
  tryTree,
  whyInSegment,
  whyInTree,
} from '../endpoints/segments.ts'
import { type Route, route } from '../route.ts'

/** People are counted as the owner of the tables, each statement bound to the workspace of whoever asks: behind row-level security no index would serve. */
const LOOK = { readOnly: true, statementTimeoutMs: 20_000 } as const

export function segmentRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(listSegments, async ({ tx, actor }) => ({ items: (await list(tx, actor.workspaceId)).map(toSegment) })),
    route(getSegment, async ({ tx, params, actor }) => toSegment(await found(tx, actor.workspaceId, params.id))),
    route(createSegment, async ({ tx, body, actor, now }) => {
      const { kind, ...rest } = body
      return toSegment(await create(tx, { ...rest, ...(kind && { kind }) }, actor, now))
    }),
    route(changeSegment, async ({ tx, params, body, actor, now }) => {
      const { version = null, ...said } = body
      const wanted = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as SegmentChange
      return toSegment(await change(tx, params.id, wanted, version, actor, now))
    }),
    route(removeSegment, async ({ tx, params, actor }) => remove(tx, params.id, actor)),
    route(lookAtSegment, async ({ params, actor, now }) =>
      database.transaction(
        ENGINE,
        async (tx) => {
          const { count, sample } = await look(tx, actor.workspaceId, params.id, now)
          return toMeant({ count, sample: await onlyVisible(tx, actor, sample) })
        },
        LOOK,
      ),
    ),
    route(tryTree, async ({ body, actor, now }) =>
      toMeant(await database.transaction(ENGINE, (tx) => lookAtTree(tx, actor.workspaceId, body.tree, now), LOOK)),
    ),
    route(whyInTree, async ({ body: { tree, contact_id }, actor, now }) =>
      database.transaction(
        ENGINE,
        async (tx) => told(tx, actor.workspaceId, await why(tx, actor.workspaceId, tree, contact_id, now)),
        LOOK,
      ),
    ),
    route(whyInSegment, async ({ tx, params, actor, now }) => {
      await refuseUnseen(tx, actor, params.contact_id)
      const segment = await found(tx, actor.workspaceId, params.id)
      return await told(tx, actor.workspaceId, await whyIn(tx, actor.workspaceId, segment, params.contact_id, now))
    }),
  ]
}

async function found(tx: Tx, workspaceId: WorkspaceId, id: SegmentRow['id']): Promise<SegmentRow> {
  const segment = await findSegment(tx, workspaceId, id)
  if (!segment) throw new Refusal('not_found', { what: 'segment' })
  return segment
}

async function told(tx: Tx, workspaceId: WorkspaceId, { isIn, conditions }: Awaited<ReturnType<typeof why>>) {
  const campaigns = await nameAll(idsOf(conditions, 'campaign'), (id) => findCampaign(tx, workspaceId, id as CampaignId))
  const imports = await nameAll(idsOf(conditions, 'import'), (id) => findImport(tx, workspaceId, id as ImportId))
  const lists = new Map((await listLists(tx, workspaceId)).map(({ id, name }) => [id as string, name]))
  const fields = new Map((await listFields(tx, workspaceId)).map(({ key, label }) => [key, label]))
  const names = {
    list: (id: string) => lists.get(id) ?? 'a list that is gone',
    campaign: (id: string) => campaigns.get(id) ?? 'a campaign that is gone',
    field: (key: string) => fields.get(key) ?? key,
    import: (id: string) => imports.get(id) ?? 'that is gone',
  }
  return {
    is_in: isIn,
    conditions: conditions.map(({ condition, holds, seen }) => ({ sentence: sentenceOf(condition, names), holds, seen })),
  }
}

function idsOf(conditions: readonly { readonly condition: Condition }[], what: 'campaign' | 'import'): Set<string> {
  return new Set(
    conditions.flatMap(({ condition }) => {
      if (what === 'import') return condition.kind === 'import' ? [condition.import] : []
      return condition.kind === 'activity' && condition.campaign !== null ? [condition.campaign] : []
    }),
  )
}

async function nameAll(ids: Set<string>, find: (id: string) => Promise<{ readonly name: string } | null>) {
  const names = new Map<string, string>()
  for (const id of ids) {
    const found = await find(id)
    if (found) names.set(id, found.name)
  }
  return names
}

function toSegment({ takenAt, createdAt, updatedAt, ...rest }: SegmentRow): Segment {
  return { ...rest, taken_at: takenAt, created_at: createdAt, updated_at: updatedAt }
}

function toMeant({ count, sample }: Meant) {
  return { count, sample: sample.map(({ id, name, company, address }) => ({ id, name, company, address })) }
}
