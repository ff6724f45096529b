import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Confirming, confirmSubmission, denySubmission, findConfirming } from '../../forms/confirm.ts'
import { CONFIRM_PATH } from '../../forms/take.ts'
import { preferencesTokenOf, readConfirmToken } from '../../forms/tokens.ts'
import { PREFERENCES_PATH } from '../../tracking/personalise.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import { createThrottle, OF_ONE_LINK } from '../throttle.ts'
import { busyPage } from '../unsubscribe-page.ts'
import { formHeaders } from './headers.ts'
import { confirmPage, linkNowhere } from './pages.ts'

type Asking = FastifyRequest<{ Params: { token: string } }>

/** What the link in a form's mail leads to. Looking changes nothing, so programs that follow every link confirm nothing: the button is a POST. */
export function serveConfirm(
  scope: FastifyInstance,
  deps: Pick<ServerDeps, 'database' | 'blobs' | 'secrets' | 'clock' | 'url' | 'wake'>,
): void {
  const { database, clock, secrets, url } = deps
  const throttle = createThrottle(OF_ONE_LINK, clock)
  const isSecure = isHttps(deps)

  const page = (reply: FastifyReply, code: number, found: Confirming | null, html: string) =>
    reply
      .code(code)
      .headers({
        ...formHeaders(found?.shown ?? null, {
          framedBy: null,
          isHttps: isSecure,
        }),
        'x-robots-tag': 'noindex, nofollow',
      })
      .type('text/html; charset=utf-8')
      .send(html)

  async function foundBy({ params }: Asking, reply: FastifyReply): Promise<Confirming | null> {
    const id = readConfirmToken(params.token, secrets)
    if (id !== null && throttle.refuses(id, reply)) {
      void page(reply, 429, null, busyPage())
      return null
    }
    const found = id === null ? null : await findConfirming(database.db, id)
    if (!found) void page(reply, 404, null, linkNowhere())
    return found
  }
  const preferences = ({ said }: Confirming) => `${url}${PREFERENCES_PATH}${preferencesTokenOf(said.id, secrets)}`

  scope.route<{ Params: { token: string } }>({
    method: ['GET', 'HEAD'],
    url: `${CONFIRM_PATH}:token`,
    handler: async (request, reply) => {
      const found = await foundBy(request, reply)
      return found ? page(reply, 200, found, confirmPage(found, clock.now(), preferences(found))) : reply
    },
  })
  scope.post<{ Params: { token: string } }>(`${CONFIRM_PATH}:token`, async (request, reply) => {
    const found = await foundBy(request, reply)
    if (!found) return reply
    const now = clock.now()
    const { workspaceId } = found.said
    const act = Buffer.isBuffer(request.body) ? new URLSearchParams(request.body.toString('latin1')).get('act') : null
    if (act !== 'confirm' && act !== 'deny') return page(reply, 400, found, confirmPage(found, now, preferences(found)))
    const state = await database.transaction({ as: 'api', workspaceId }, (tx) =>
      act === 'confirm' ? confirmSubmission(tx, deps, found, request.ip, now) : denySubmission(tx, found, now),
    )
    deps.wake()
    const { redirect_url } = found.shown.settings.confirmed
    const onward =
      act === 'confirm' && state === 'confirmed' && redirect_url !== null
        ? redirect_url
        : `${CONFIRM_PATH}${request.params.token}`
    return reply
      .code(303)
      .headers(formHeaders(found.shown, { framedBy: null, isHttps: isSecure }))
      .header('location', onward)
      .send()
  })
}
