/** What an audience names, as the database has it: looked for when it is written, when the campaign starts, and when its people are looked for. */
import { type ChosenPeople, chosenPeople } from '../contacts/audience/people.ts'
import { scopeOfList } from '../contacts/consent/consent.ts'
import { findList } from '../contacts/lists.ts'
import { findSegment, resolveSegment, type SegmentId } from '../contacts/segments/segments.ts'
import type { Tx } from '../db/database.ts'
import { isSuppressedIn } from '../delivery/suppression/suppress.ts'
import { Refusal } from '../errors.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { type Audience, MAX_LISTS, MAX_SEGMENTS, type SegmentsAudience } from './audience.ts'
import type { Campaign } from './campaign.ts'
import { selectCampaign } from './queries.ts'

type Address = Parameters<typeof isSuppressedIn>[1]

/** Refuses what is not there, or too much of it. */
export async function mustKnowAudience(tx: Tx, workspaceId: WorkspaceId, audience: Audience): Promise<void> {
  const named =
    audience.kind === 'segments'
      ? audience
      : { lists: audience.lists, exceptLists: [], segments: [] as SegmentId[], exceptSegments: [] as SegmentId[] }
  for (const [pointer, ids] of [
    ['/audience/lists', named.lists],
    ['/audience/except_lists', named.exceptLists],
  ] as const) {
    if (ids.length > MAX_LISTS) throw wrong(pointer, `A campaign names at most ${MAX_LISTS} lists here.`)
    for (const id of ids)
      if (!(await findList(tx, workspaceId, id))) throw wrong(pointer, 'There is no such list in this workspace.')
  }
  for (const [pointer, ids] of [
    ['/audience/segments', named.segments],
    ['/audience/except_segments', named.exceptSegments],
  ] as const) {
    if (ids.length > MAX_SEGMENTS) throw wrong(pointer, `A campaign names at most ${MAX_SEGMENTS} segments here.`)
    for (const id of ids)
      if (!(await findSegment(tx, workspaceId, id))) throw wrong(pointer, 'There is no such segment in this workspace.')
  }
  if (audience.kind === 'not_opened') await mustFindCampaign(tx, workspaceId, audience)
}

type NotOpened = Extract<Audience, { kind: 'not_opened' }>

async function mustFindCampaign(tx: Tx, workspaceId: WorkspaceId, { campaignId }: NotOpened): Promise<Campaign> {
  const campaign = await selectCampaign(tx, workspaceId, campaignId)
  if (!campaign) throw new Refusal('not_found', { what: 'campaign', pointer: '/audience/campaign_id' })
  return campaign
}

/** At the moment of the start: it may well be scheduled for after the other one. */
export async function mustHaveBeenSent(tx: Tx, workspaceId: WorkspaceId, audience: Audience): Promise<void> {
  if (audience.kind !== 'not_opened') return
  const { name, startedAt } = await mustFindCampaign(tx, workspaceId, audience)
  if (startedAt === null)
    throw wrong('/audience/campaign_id', `“${name}” was not sent to anybody yet, so there is nobody who did not open it.`)
}

/** Refuses to begin with nobody, with what was removed meanwhile, and with lists that nothing is sent to any more. */
export async function mustBeSendable(tx: Tx, workspaceId: WorkspaceId, audience: Audience): Promise<void> {
  if (audience.kind === 'lists' && audience.lists.length === 0)
    throw wrong('/audience/lists', 'A campaign goes to at least one list.')
  if (audience.kind === 'segments' && audience.lists.length + audience.segments.length === 0)
    throw wrong('/audience/lists', 'A campaign goes to at least one list or segment.')
  await mustKnowAudience(tx, workspaceId, audience)
  for (const id of audience.lists) {
    const list = await findList(tx, workspaceId, id)
    if (list?.archivedAt) throw wrong('/audience/lists', `“${list.name}” is archived: nothing is sent to it.`)
  }
}

/** Who is meant, as a statement to be put into another one. Only in a transaction of the engine. */
export async function resolveAudience(
  tx: Tx,
  workspaceId: WorkspaceId,
  { lists, segments, exceptLists, exceptSegments }: SegmentsAudience,
  now: Date,
): Promise<ChosenPeople> {
  const resolved = async (ids: readonly SegmentId[]) => {
    const all = []
    for (const id of ids) all.push(await resolveSegment(tx, workspaceId, id, now))
    return all
  }
  return chosenPeople(workspaceId, {
    lists,
    segments: await resolved(segments),
    exceptLists,
    exceptSegments: await resolved(exceptSegments),
  })
}

/** Whether an address is kept from what is sent to an audience. */
export function suppressedFor(
  { workspaceId, audience }: { readonly workspaceId: WorkspaceId; readonly audience: Audience },
  now: Date,
): (address: Address) => ReturnType<typeof isSuppressedIn> {
  const streams = ['all' as const, 'bulk' as const, ...audience.lists.map(scopeOfList)]
  return (address) => isSuppressedIn(workspaceId, address, streams, now)
}

function wrong(pointer: string, why: string): Refusal {
  return new Refusal('invalid_request', { pointer, why })
}
