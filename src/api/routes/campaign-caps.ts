import type { Cap } from '../../campaigns/caps/cap.ts'
import { listCaps, setCaps } from '../../campaigns/caps/caps.ts'
import { listCampaignCaps, setCampaignCaps } from '../endpoints/campaign-caps.ts'
import { type Route, route } from '../route.ts'

export function campaignCapRoutes(): Route[] {
  const toCaps = (caps: readonly Cap[]) => ({ items: caps.map(({ listId, mails, days }) => ({ list_id: listId, mails, days })) })
  return [
    route(listCampaignCaps, async ({ tx, actor }) => toCaps(await listCaps(tx, actor.workspaceId))),
    route(setCampaignCaps, async ({ tx, body, actor, now }) => {
      const caps = body.items.map(({ list_id: listId, mails, days }) => ({ listId, mails, days }))
      return toCaps(await setCaps(tx, caps, actor, now))
    }),
  ]
}
