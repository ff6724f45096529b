import { ARCHIVE_PATH, type Archive, findArchive, setArchive, setPublic } from '../../campaigns/archive/archive.ts'
import type { ServerDeps } from '../deps.ts'
import { getCampaignArchive, setCampaignArchive, setCampaignPublic } from '../endpoints/campaign-archive.ts'
import { type Route, route } from '../route.ts'
import { toCampaign } from '../wire/campaigns.ts'

export function campaignArchiveRoutes({ url }: Pick<ServerDeps, 'url'>): Route[] {
  const toArchive = ({ slug, title, description, isOpen }: Archive) => {
    const base = `${url}${ARCHIVE_PATH}${slug}/`
    return { slug, title, description, is_open: isOpen, url: base, feed_url: `${base}feed.xml` }
  }
  return [
    route(getCampaignArchive, async ({ tx, actor }) => {
      const archive = await findArchive(tx, actor.workspaceId)
      return { archive: archive && toArchive(archive) }
    }),
    route(setCampaignArchive, async ({ tx, body: { is_open: isOpen, ...said }, actor, now }) => ({
      archive: toArchive(await setArchive(tx, { ...said, isOpen, workspaceId: actor.workspaceId }, now)),
    })),
    route(setCampaignPublic, async ({ tx, params, body, actor, now }) =>
      toCampaign(await setPublic(tx, params.id, body.is_public, actor, now)),
    ),
  ]
}
