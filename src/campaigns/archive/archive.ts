/** Campaigns that everybody can read on the web: the workspace opens an archive, and each campaign says whether it is in it. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { type Db, sqlStateOf, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Campaign, CampaignId } from '../campaign.ts'
import { tell } from '../manage.ts'
import { lockCampaign, saveCampaign } from '../queries.ts'
import { selectArchive, selectArchiveAt, upsertArchive } from './queries.ts'

export {
  type PublicCampaign,
  selectArchive as findArchive,
  selectPublic as listPublic,
  selectPublicCampaign as findPublic,
} from './queries.ts'

export interface Archive {
  readonly workspaceId: WorkspaceId
  /** Of its address. */
  readonly slug: string
  readonly title: string
  readonly description: string
  readonly isOpen: boolean
}

export const ARCHIVE_PATH = '/a/'
export const ARCHIVE_SLUG = /^[a-z0-9][a-z0-9-]{1,59}$/

export async function setArchive(tx: Tx, archive: Archive, now: Date): Promise<Archive> {
  if (!ARCHIVE_SLUG.test(archive.slug))
    throw wrong('/slug', 'An address has 2 to 60 small letters, digits and hyphens, and begins with a letter or digit.')
  return await upsertArchive(tx, archive, now).catch((error: unknown) => {
    throw sqlStateOf(error) === '23505' ? wrong('/slug', `The address ${archive.slug} is taken. Choose another one.`) : error
  })
}

/** An open one, by the word in its address, which anybody may have typed. */
export async function findArchiveAt(db: Db, slug: string): Promise<Archive | null> {
  return ARCHIVE_SLUG.test(slug) ? await selectArchiveAt(db, slug) : null
}

/** At any time: what is not public any more is not shown from the next request on. */
export async function setPublic(tx: Tx, id: CampaignId, isPublic: boolean, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockCampaign(tx, actor.workspaceId, id)
  if (!campaign) throw new Refusal('not_found', { what: 'campaign' })
  if (campaign.isPublic === isPublic) return campaign
  const changed = { ...campaign, isPublic, updatedAt: now }
  await saveCampaign(tx, changed)
  await tell(tx, changed, 'campaign.changed', actorReference(actor), now, { public: isPublic })
  return changed
}

/** Where its mails say that it can be read; null while that is nowhere. */
export async function archiveUrlOf(
  db: Db | Tx,
  url: string,
  { workspaceId, id, isPublic }: Pick<Campaign, 'workspaceId' | 'id' | 'isPublic'>,
): Promise<string | null> {
  const archive = isPublic ? await selectArchive(db, workspaceId) : null
  return archive?.isOpen ? `${url}${ARCHIVE_PATH}${archive.slug}/${id}` : null
}

function wrong(pointer: string, why: string): Refusal {
  return new Refusal('invalid_request', { pointer, why })
}
