import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { asVariant } from '../campaigns/ab/as-variant.ts'
import { ARCHIVE_PATH, type Archive, findArchiveAt, findPublic, listPublic } from '../campaigns/archive/archive.ts'
import { readForNobody } from '../campaigns/archive/read-for-nobody.ts'
import type { CampaignId } from '../campaigns/campaign.ts'
import { partsOf } from '../campaigns/compile.ts'
import { findCampaign } from '../campaigns/manage.ts'
import { Refusal } from '../errors.ts'
import { isId } from '../lib/ids.ts'
import type { MjmlReader } from '../templates/mjml/mjml.ts'
import { archivedMail, archivePage, feedOf, goneMail, nothingHere } from './archive-page.ts'
import { isHttps } from './auth.ts'
import type { ServerDeps } from './deps.ts'
import { securityHeaders } from './security-headers.ts'
import { createThrottle } from './throttle.ts'

const PAGE = 30
const IN_FEED = 30
/** Of one archive, and of one mail in it: a campaign to many that says where it can be read is read by many at once. */
const LIMITS = { perSecond: 100, burst: 1_000, keys: 10_000 }
/** Pages that were made lately. What they are made of does not change after a campaign began. */
const KEPT = 50

type Deps = Pick<ServerDeps, 'database' | 'clock' | 'url'> & { readonly mjml: Pick<MjmlReader, 'read'> }

/**
 * Campaigns that everybody may read: outside of /v1, without a sign-in, cookies or scripts. Whether something is public is asked of the database at
 * every request, and copies have to ask too; so what is taken back is gone at once.
 */
export function serveArchive(fastify: FastifyInstance, deps: Deps, limits: typeof LIMITS = LIMITS): void {
  const { database, clock, url } = deps
  const throttle = createThrottle(limits, clock)
  const made = new Map<string, string>()
  const page = securityHeaders('leaving', isHttps(deps))
  const mail = securityHeaders('archived', isHttps(deps))

  const answer = (request: FastifyRequest, reply: FastifyReply, headers: Record<string, string>, type: string, body: string) => {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
    void reply.headers(headers).header('cache-control', 'public, no-cache').header('etag', etag).type(type)
    return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(body)
  }
  const nothing = (reply: FastifyReply) =>
    reply.code(404).headers(page).header('cache-control', 'no-store').type(HTML).send(nothingHere())

  /** It was answered, then. */
  function isTooOften(key: string, reply: FastifyReply): boolean {
    const refuses = throttle.refuses(key, reply)
    if (refuses) void reply.headers(page).type('text/plain').send('One moment.\n')
    return refuses
  }

  async function archiveAt(slug: string, reply: FastifyReply): Promise<Archive | null> {
    if (isTooOften(slug, reply)) return null
    const archive = await findArchiveAt(database.db, slug)
    if (!archive) void nothing(reply)
    return archive
  }

  async function mailOf({ workspaceId }: Archive, id: CampaignId): Promise<string> {
    const written = await findCampaign(database.db, workspaceId, id)
    if (!written) return goneMail()
    const key = `${id} ${written.version} ${written.winner}`
    const known = made.get(key)
    if (known) return known
    const campaign = asVariant(written, written.winner ?? 0)
    const read = await partsOf({ tracking: { database, url }, mjml: deps.mjml }, campaign)
      .then((parts) => readForNobody(campaign, parts, written.startedAt ?? clock.now()))
      .catch((error: Error) => {
        if (error instanceof Refusal) return null
        throw error
      })
    // What could not be read may be read the next time: the reader may only have been busy.
    if (!read) return goneMail()
    const html = archivedMail(read)
    if (made.size >= KEPT) made.delete(made.keys().next().value ?? '')
    made.set(key, html)
    return html
  }

  fastify.get<{ Params: { slug: string } }>(`${ARCHIVE_PATH}:slug`, (request, reply) =>
    reply
      .code(308)
      .header('location', `${ARCHIVE_PATH}${encodeURIComponent(request.params.slug)}/`)
      .send(),
  )
  fastify.get<{ Params: { slug: string }; Querystring: Record<string, string | string[]> }>(
    `${ARCHIVE_PATH}:slug/`,
    async (request, reply) => {
      const archive = await archiveAt(request.params.slug, reply)
      if (!archive) return reply
      const { before } = request.query
      const from = typeof before === 'string' && isId(before) ? before : null
      const shown = await listPublic(database.db, archive.workspaceId, { before: from, limit: PAGE + 1 })
      return answer(request, reply, page, HTML, archivePage(archive, shown.slice(0, PAGE), shown.length > PAGE, clock.now()))
    },
  )
  fastify.get<{ Params: { slug: string } }>(`${ARCHIVE_PATH}:slug/feed.xml`, async (request, reply) => {
    const archive = await archiveAt(request.params.slug, reply)
    if (!archive) return reply
    const shown = await listPublic(database.db, archive.workspaceId, { before: null, limit: IN_FEED })
    return answer(request, reply, page, 'application/atom+xml; charset=utf-8', feedOf(archive, shown, url, clock.now()))
  })
  fastify.get<{ Params: { slug: string; id: string } }>(`${ARCHIVE_PATH}:slug/:id`, async (request, reply) => {
    const { slug, id } = request.params
    if (isId(id) && isTooOften(id, reply)) return reply
    const archive = isId(id) ? await findPublic(database.db, id) : null
    if (!archive) return nothing(reply)
    // Mails keep the address of their day, whatever the archive is called now.
    if (archive.slug !== slug) return reply.code(302).header('location', `${ARCHIVE_PATH}${archive.slug}/${id}`).send()
    return answer(request, reply, mail, HTML, await mailOf(archive, id as CampaignId))
  })
}

const HTML = 'text/html; charset=utf-8'
