import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TEST_TOKEN } from '../campaigns/content/preview.ts'
import {
  findGotten,
  type Gotten,
  LEAVING_REASONS,
  type LeavingReason,
  leaveBy,
  takeBackBy,
  viewLeaving,
} from '../campaigns/leaving/leaving.ts'
import type { Tx } from '../db/database.ts'
import { PREFERENCES_PATH, UNSUBSCRIBE_PATH } from '../tracking/personalise.ts'
import { preferencesToken, readUnsubscribeToken, trackingKey } from '../tracking/token.ts'
import { isHttps } from './auth.ts'
import { createBodyBudgets, takeBytes } from './body.ts'
import type { ServerDeps } from './deps.ts'
import { securityHeaders } from './security-headers.ts'
import { createThrottle, OF_ONE_LINK } from './throttle.ts'
import { busyPage, leavingPage, nowherePage, type Said, testPage } from './unsubscribe-page.ts'

/** A form of three fields. What mail programs send is shorter. */
const MAX_BODY_BYTES = 8 * 1024

type Deps = Pick<ServerDeps, 'database' | 'secrets' | 'clock' | 'url'>
type Asking = FastifyRequest<{ Params: { token: string } }>

/**
 * Where the link in a campaign's mail leads: outside of /v1, without a sign-in, without cookies or scripts. Looking changes nothing, whoever looks and
 * however often (RFC 8058 §3.2): programs that follow every link unsubscribe nobody. What changes something is a POST that says what it wants.
 */
export async function serveUnsubscribe(fastify: FastifyInstance, deps: Deps): Promise<void> {
  const { database, clock } = deps
  const key = trackingKey(deps.secrets)
  const budgets = createBodyBudgets()
  const throttle = createThrottle(OF_ONE_LINK, clock)
  const headers = {
    ...securityHeaders('leaving', isHttps(deps)),
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
  }
  const preferencesOf = ({ deliveryId }: Gotten) => `${PREFERENCES_PATH}${preferencesToken(deliveryId, key)}`
  const page = (reply: FastifyReply, code: number, html: string) =>
    reply.code(code).headers(headers).type('text/html; charset=utf-8').send(html)

  /** Null: it was answered. A wrong token costs no look into the database; one that names nothing any more has the same answer. */
  async function gottenBy({ params }: Asking, reply: FastifyReply): Promise<Gotten | null> {
    if (params.token === TEST_TOKEN) {
      void page(reply, 200, testPage())
      return null
    }
    const deliveryId = readUnsubscribeToken(params.token, key)
    if (deliveryId !== null && throttle.refuses(deliveryId, reply)) {
      void page(reply, 429, busyPage())
      return null
    }
    const gotten = deliveryId === null ? null : await findGotten(database.db, deliveryId)
    if (!gotten) void page(reply, 404, nowherePage())
    return gotten
  }

  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_BODY_BYTES)
    scope.route<{ Params: { token: string }; Querystring: Record<string, string | string[]> }>({
      method: ['GET', 'HEAD'],
      url: `${UNSUBSCRIBE_PATH}:token`,
      handler: async (request, reply) => {
        const gotten = await gottenBy(request, reply)
        if (!gotten) return reply
        const view = await viewLeaving(database.db, gotten, clock.now())
        return page(reply, 200, leavingPage(view, saidIn(request.query), preferencesOf(gotten)))
      },
    })
    scope.post<{ Params: { token: string } }>(`${UNSUBSCRIBE_PATH}:token`, async (request, reply) => {
      const wish = wishOf(request)
      const gotten = await gottenBy(request, reply)
      if (!gotten) return reply
      const { workspaceId } = gotten.leaver
      const now = clock.now()
      const inWorkspace = <T>(work: (tx: Tx) => Promise<T>) => database.transaction({ as: 'api', workspaceId }, work)
      const back = (said: Said | null) =>
        reply
          .code(303)
          .headers(headers)
          .header('location', `${UNSUBSCRIBE_PATH}${request.params.token}${said ? `?said=${said}` : ''}`)
          .send()
      switch (wish.act) {
        case 'one_click':
          await inWorkspace((tx) => leaveBy(tx, gotten, { by: 'mail_program', everything: false, why: null }, now))
          return reply.code(200).headers(headers).type('text/plain; charset=utf-8').send('Unsubscribed.\n')
        case 'lists':
        case 'everything': {
          const everything = wish.act === 'everything'
          await inWorkspace((tx) => leaveBy(tx, gotten, { by: 'page', everything, why: wish.why }, now))
          return back(null)
        }
        case 'back':
          return back((await inWorkspace((tx) => takeBackBy(tx, gotten, now))) ? 'back' : null)
        case 'stay':
          return back('stay')
        case null:
          return page(reply, 400, leavingPage(await viewLeaving(database.db, gotten, now), null, preferencesOf(gotten)))
      }
    })
  })
}

const ACTS = ['lists', 'everything', 'back', 'stay'] as const
type Act = (typeof ACTS)[number]

/** A form of our page, or what a mail program sends: `List-Unsubscribe=One-Click`, of either kind of form (RFC 8058 §3.1). */
function wishOf({ body, headers }: FastifyRequest): {
  readonly act: Act | 'one_click' | null
  readonly why: LeavingReason | null
} {
  const text = Buffer.isBuffer(body) ? body.toString('latin1') : ''
  if (/^multipart\/form-data/i.test(headers['content-type'] ?? ''))
    return { act: IN_PARTS.test(text) ? 'one_click' : null, why: null }
  const fields = new URLSearchParams(text.trim())
  if (/^one-click$/i.test(fields.get('List-Unsubscribe')?.trim() ?? '')) return { act: 'one_click', why: null }
  return {
    act: ACTS.find((act) => act === fields.get('act')) ?? null,
    why: LEAVING_REASONS.find((reason) => reason === fields.get('why')) ?? null,
  }
}

const IN_PARTS =
  /^content-disposition:[^\r\n]*[; ]name="?list-unsubscribe"?[ \t]*(?:;[^\r\n]*)?\r?\n(?:[^\r\n]+\r?\n)*\r?\none-click[ \t]*\r?\n--/im

function saidIn(query: Record<string, string | string[]>): Said | null {
  return query.said === 'back' || query.said === 'stay' ? query.said : null
}
