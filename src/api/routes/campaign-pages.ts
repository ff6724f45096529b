import { copyCampaign, mustFind } from '../../campaigns/manage.ts'
import { findContact } from '../../contacts/contacts.ts'
import { Refusal } from '../../errors.ts'
import { campaignsOfContact, type CampaignOfContact as Theirs } from '../../insight/campaigns/outcomes.ts'
import { lookAtReadiness } from '../../insight/campaigns/readiness.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type CampaignOfContact,
  duplicateCampaign,
  getCampaignReadiness,
  listContactCampaigns,
} from '../endpoints/campaign-pages.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toCampaign } from '../wire/campaigns.ts'

export function campaignPageRoutes({ url }: Pick<ServerDeps, 'url'>): Route[] {
  return [
    route(duplicateCampaign, async ({ tx, params, body, actor, now }) =>
      toCampaign(await copyCampaign(tx, params.id, { forWhom: body.audience, name: body.name }, actor, now)),
    ),
    route(getCampaignReadiness, async ({ tx, params, actor }) => ({
      checks: [...(await lookAtReadiness(tx, await mustFind(tx, actor.workspaceId, params.id), url))],
    })),
    route(listContactCampaigns, async ({ tx, params, actor }) => {
      if (!(await findContact(tx, actor.workspaceId, params.id))) throw new Refusal('not_found', { what: 'contact' })
      const page = pageById('campaigns of a contact', params)
      return page.of(await campaignsOfContact(tx, actor.workspaceId, params.id, page.query), toTheirs)
    }),
  ]
}

function toTheirs({
  id,
  name,
  campaignState,
  at,
  address,
  excluded,
  deliveryId,
  messageId,
  state,
  opened,
  clicked,
}: Theirs): CampaignOfContact {
  const delivery = deliveryId && messageId && state ? { id: deliveryId, message_id: messageId, state } : null
  return { id, name, state: campaignState, at, address, excluded, delivery, opened, clicked }
}
