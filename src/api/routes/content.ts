import { actorReference } from '../../accounts/actor.ts'
import { variantsOf } from '../../campaigns/ab/as-variant.ts'
import { type CheckedLink, checkLinks } from '../../campaigns/content/check-links.ts'
import { type ContentChecks, checkContent } from '../../campaigns/content/checks.ts'
import { draftOf, previewDraft } from '../../campaigns/content/preview.ts'
import { setSeeds as replaceSeeds, listSeeds as seedsOf, writtenAddress } from '../../campaigns/content/seeds.ts'
import { writeTest } from '../../campaigns/content/test-mail.ts'
import { mustFind } from '../../campaigns/manage.ts'
import { Refusal } from '../../errors.ts'
import { prepareSend } from '../../gateway/prepare.ts'
import { send } from '../../gateway/send.ts'
import type { MessageId } from '../../lib/ids.ts'
import type { MjmlReader } from '../../templates/mjml/mjml.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type CheckedLinks,
  checkCampaignContent,
  checkCampaignLinks,
  contentFrame,
  listSeeds,
  previewCampaign,
  previewContent,
  setSeeds,
  testCampaign,
  type ContentChecks as WireChecks,
} from '../endpoints/content.ts'
import { preparedRoute, type Route, route } from '../route.ts'
import { securityHeaders } from '../security-headers.ts'
import { fromContent } from '../wire/content.ts'
import { toPreview } from '../wire/preview.ts'

const FRAME = '<!doctype html>\n<html><head><meta charset="utf-8"><title></title></head><body></body></html>\n'

export function contentRoutes(deps: ServerDeps, mjml: MjmlReader): Route[] {
  const { database, blobs, url } = deps
  const reading = { db: database.db, database, mjml, url }
  return [
    route(previewContent, async ({ body, actor, now }) => {
      const { workspaceId } = actor
      const campaign = body.campaign_id ? await mustFind(database.db, workspaceId, body.campaign_id) : null
      const known = campaign && (await draftOf(reading, campaign))
      const draft = { ...known, workspaceId, name: body.campaign_name ?? '', content: fromContent(body.content) }
      return toPreview(await previewDraft(reading, draft, body.contact_id ?? null, now))
    }),
    route(previewCampaign, async ({ params, actor, now }) => {
      const campaign = await mustFind(database.db, actor.workspaceId, params.id)
      const draft = await draftOf(reading, campaign, versionOf(params.version))
      return toPreview(await previewDraft(reading, draft, params.contact_id ?? null, now))
    }),
    route(contentFrame, async ({ reply }) => {
      // Our own people's mail, shown to them: pictures are what they look for.
      reply.headers(securityHeaders('mail-in-thread-with-images', isHttps(deps)))
      return { content: Buffer.from(FRAME) }
    }),
    route(checkCampaignContent, async ({ params, actor, now }) =>
      toChecks(
        await checkContent(reading, await mustFind(database.db, actor.workspaceId, params.id), versionOf(params.version), now),
      ),
    ),
    route(checkCampaignLinks, async ({ params, actor, now, signal }) => {
      const campaign = await mustFind(database.db, actor.workspaceId, params.id)
      const { links } = await checkContent(reading, campaign, versionOf(params.version), now)
      const asking = { resolver: deps.resolver, allowPrivate: deps.allowPrivateNetworks }
      return { links: (await checkLinks(links, url, asking, signal)).map(toCheckedLink) }
    }),
    route(listSeeds, async ({ tx, actor }) => ({ seeds: await seedsOf(tx, actor.workspaceId) })),
    route(setSeeds, async ({ tx, body, actor, now }) => ({
      seeds: [...(await replaceSeeds(tx, actor.workspaceId, body.seeds, now))],
    })),
    preparedRoute(
      testCampaign,
      async ({ params, body, actor, now }) => {
        const campaign = await mustFind(database.db, actor.workspaceId, params.id)
        const to =
          body.to?.map((address, i) => writtenAddress(address, `/to/${i}`)) ??
          (await seedsOf(database.db, actor.workspaceId)).map(({ address }) => address)
        if (to.length === 0)
          throw new Refusal('invalid_request', { why: 'Nobody is named: say to whom, or set seed addresses first.' })
        const versions = body.version === undefined ? variantsOf(campaign) : [versionOf(body.version)]
        const mails = await Promise.all(
          versions.map((version) => writeTest(reading, campaign, { version, contactId: body.contact_id ?? null }, now)),
        )
        const by = {
          workspaceId: actor.workspaceId,
          actor: actorReference(actor),
          origin: { kind: 'campaign_test', campaign_id: campaign.id },
        }
        const request = {
          cc: [],
          bcc: [],
          attachments: [],
          stream: 'bulk' as const,
          tags: [],
          metadata: {},
          scheduledAt: null,
          expiresAt: null,
          viaRoute: null,
        }
        return await Promise.all(
          mails.flatMap((mail) =>
            [...new Set(to)].map(async (address) => ({
              address,
              prepared: await prepareSend({ blobs, tracking: deps }, { ...request, ...mail, to: [address] }, by, now),
            })),
          ),
        )
      },
      async ({ tx, prepared, now }) => {
        const messages: { id: MessageId; address: string }[] = []
        for (const { address, prepared: mail } of prepared)
          messages.push({ address, id: (await send(tx, blobs, mail, null, now)).receipt.id as MessageId })
        return { messages }
      },
    ),
  ]
}

/** `A` is the campaign itself. */
function versionOf(letter: string | undefined): number {
  return letter === undefined ? 0 : letter.charCodeAt(0) - 'A'.charCodeAt(0)
}

function toChecks({
  fields,
  examples,
  text,
  hasOwnWayOut,
  countedAt,
  links,
  images,
  problems,
  ...rest
}: ContentChecks): WireChecks {
  return {
    ...rest,
    problems: problems.map((problem) => ({ ...problem })),
    fields: [...fields],
    examples: examples.map(({ contactId, ...example }) => ({ contact_id: contactId, ...example })),
    text: text && { is_own: text.isOwn, characters: text.characters },
    has_own_way_out: hasOwnWayOut,
    counted_at: countedAt,
    links: [...links],
    images: [...images],
  }
}

function toCheckedLink({ answer, ...link }: CheckedLink): CheckedLinks['links'][number] {
  const common = { ...link, state: answer.kind }
  switch (answer.kind) {
    case 'ok':
      return { ...common, status: answer.status, to: answer.to, sentence: null }
    case 'wrong':
      return { ...common, status: answer.status, to: null, sentence: `It answers ${answer.status}.` }
    case 'guarded':
      return {
        ...common,
        status: answer.status,
        to: null,
        sentence: `It answers ${answer.status} to programs. Look at it yourself.`,
      }
    case 'unreachable':
    case 'not_asked':
      return { ...common, status: null, to: null, sentence: answer.sentence }
  }
}
