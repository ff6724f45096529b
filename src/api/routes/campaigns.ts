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
import {
  changeCampaign as change,
  createCampaign as create,
  listCampaigns as list,
  mustFind,
  removeCampaign as remove,
} from '../../campaigns/manage.ts'
import { readProgress } from '../../campaigns/progress.ts'
import { readTimeZone } from '../../contacts/contact.ts'
import { Refusal } from '../../errors.ts'
import { listOutcomes } from '../../insight/campaigns/outcomes.ts'
import {
  cancelCampaign,
  changeCampaign,
  confirmCampaign,
  createCampaign,
  extendCampaign,
  getCampaign,
  listCampaignRecipients,
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
import { EMPTY, fromCampaignBody, toCampaign, toProgress, toRecipient } from '../wire/campaigns.ts'

export function campaignRoutes(): Route[] {
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
    route(listCampaigns, async ({ tx, params, actor }) => {
      const page = pageById('campaigns', params)
      return page.of(await list(tx, actor.workspaceId, { state: params.state ?? null, ...page.query }), toCampaign)
    }),
    route(createCampaign, async ({ tx, body, actor, now }) =>
      toCampaign(await create(tx, { ...EMPTY, ...fromCampaignBody(body), name: body.name }, actor, now)),
    ),
    route(getCampaign, async ({ tx, params, actor, now }) =>
      toProgress(await readProgress(tx, actor.workspaceId, params.id, now)),
    ),
    route(changeCampaign, async ({ tx, params, body: { version = null, ...body }, actor, now }) =>
      toCampaign(await change(tx, params.id, fromCampaignBody(body), version, actor, now)),
    ),
    route(removeCampaign, async ({ tx, params, actor, now }) => remove(tx, params.id, actor, now)),
    route(listCampaignRecipients, async ({ tx, params, actor }) => {
      await mustFind(tx, actor.workspaceId, params.id)
      const page = pageById('campaign-recipients', params)
      const filter = {
        states: params.state && [params.state],
        excluded: params.excluded && [params.excluded],
        failureClass: params.class,
        search: params.address,
      }
      const found = await listOutcomes(tx, actor.workspaceId, params.id, filter, page.query)
      return page.of(
        found.map((outcome) => ({ ...outcome, id: outcome.contactId })),
        toRecipient,
      )
    }),
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
