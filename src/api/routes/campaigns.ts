import { countAudience } from '../../campaigns/count-audience.ts'
import {
  cancelCampaign as cancel,
  confirmCampaign as confirm,
  extendCampaign as extend,
  pauseCampaign as pause,
  resumeCampaign as resume,
  retryCampaign as retry,
  scheduleCampaign as schedule,
  setCampaignPace,
  startCampaign as start,
  unscheduleCampaign as unschedule,
} from '../../campaigns/life.ts'
import { listCampaigns as list } from '../../campaigns/list.ts'
import { changeCampaign as change, createCampaign as create, removeCampaign as remove } from '../../campaigns/manage.ts'
import { readProgress } from '../../campaigns/progress.ts'
import { readTimeZone } from '../../contacts/contact.ts'
import { ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { findInbox } from '../../helpdesk/inboxes.ts'
import { faultOfDomain } from '../../insight/campaigns/readiness.ts'
import type { InboxId, WorkspaceId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  cancelCampaign,
  changeCampaign,
  confirmCampaign,
  countCampaignAudience,
  createCampaign,
  extendCampaign,
  getCampaign,
  listCampaigns,
  paceCampaign,
  pauseCampaign,
  removeCampaign,
  resumeCampaign,
  retryCampaign,
  scheduleCampaign,
  startCampaign,
  unscheduleCampaign,
} from '../endpoints/campaigns.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { EMPTY, fromAudience, fromCampaignBody, toCampaign, toCampaignSummary, toProgress } from '../wire/campaigns.ts'

/** As the owner of the tables, bound to the workspace of whoever asks: behind row-level security no index would serve. */
const COUNT = { readOnly: true, statementTimeoutMs: 20_000 } as const

export function campaignRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  const acts = [
    [startCampaign, start],
    [confirmCampaign, confirm],
    [unscheduleCampaign, unschedule],
    [pauseCampaign, pause],
    [resumeCampaign, resume],
    [cancelCampaign, cancel],
    [extendCampaign, extend],
  ] as const
  return [
    route(listCampaigns, async ({ tx, params, actor, now }) => {
      const page = pageById('campaigns', params)
      const filter = { states: params.state ?? null, search: params.name ?? null }
      return page.of(await list(tx, actor.workspaceId, filter, page.query, now), toCampaignSummary)
    }),
    route(createCampaign, async ({ tx, body, actor, now }) => {
      await mustKnowReplyInbox(tx, actor.workspaceId, body.reply_inbox_id)
      return toCampaign(await create(tx, { ...EMPTY, ...fromCampaignBody(body), name: body.name }, actor, now))
    }),
    route(countCampaignAudience, async ({ body, actor, now }) => {
      const audience = fromAudience(body.audience)
      const counted = await database.transaction(ENGINE, (tx) => countAudience(tx, actor.workspaceId, audience, now), COUNT)
      return { candidates: counted.candidates, would_get: counted.wouldGet, excluded: [...counted.excluded] }
    }),
    route(getCampaign, async ({ tx, params, actor, now }) => {
      const progress = await readProgress(tx, actor.workspaceId, params.id, now)
      return toProgress({ ...progress, fault: await faultOfDomain(tx, progress.campaign) })
    }),
    route(changeCampaign, async ({ tx, params, body: { version = null, ...body }, actor, now }) => {
      await mustKnowReplyInbox(tx, actor.workspaceId, body.reply_inbox_id)
      return toCampaign(await change(tx, params.id, fromCampaignBody(body), version, actor, now))
    }),
    route(removeCampaign, async ({ tx, params, actor, now }) => remove(tx, params.id, actor, now)),
    route(scheduleCampaign, async ({ tx, params, body, actor, now }) => {
      const timeZone = readTimeZone(body.time_zone)
      if (!timeZone) throw new Refusal('invalid_request', { pointer: '/time_zone', why: 'There is no such time zone.' })
      return toCampaign(await schedule(tx, params.id, { at: body.at, timeZone }, actor, now))
    }),
    route(paceCampaign, async ({ tx, params, body, actor, now }) =>
      toCampaign(await setCampaignPace(tx, params.id, body.pace, actor, now)),
    ),
    route(retryCampaign, async ({ tx, params, body, actor, now }) =>
      toCampaign(await retry(tx, params.id, body.classes, actor, now)),
    ),
    ...acts.map(([endpoint, perform]) =>
      route(endpoint, async ({ tx, params, actor, now }) => toCampaign(await perform(tx, params.id, actor, now))),
    ),
  ]
}

async function mustKnowReplyInbox(tx: Tx, workspaceId: WorkspaceId, id: InboxId | null | undefined): Promise<void> {
  if (!id) return
  const inbox = await findInbox(tx, workspaceId, id)
  if (inbox && !inbox.closedAt) return
  const why = inbox ? `The inbox ${inbox.name} is closed: nothing comes in there.` : 'There is no such inbox in this workspace.'
  throw new Refusal('invalid_request', { pointer: '/reply_inbox_id', why })
}
