import { randomBytes, randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { newChallenge } from '../../forms/altcha.ts'
import { CAPTCHA_WORLD } from '../../forms/captcha.ts'
import { findShown, type Shown } from '../../forms/published.ts'
import { takeSubmission } from '../../forms/take.ts'
import { challengeKey, readStarted, startedToken } from '../../forms/tokens.ts'
import { MINUTE } from '../../lib/clock.ts'
import { createTokenBuckets } from '../../lib/token-bucket.ts'
import { isHttps } from '../auth.ts'
import { createBodyBudgets, takeBytes } from '../body.ts'
import type { ServerDeps } from '../deps.ts'
import { answerJson, JSON_TYPE, outcomeIn, pageIn, prefilled, statusOf } from './answers.ts'
import { serveConfirm } from './confirm.ts'
import { corsHeaders, formHeaders, mayCome } from './headers.ts'
import { AGAIN_WORDS, formPage, notFromThere, notThere, outcomePage } from './pages.ts'
import { isJson, readPosted } from './posted.ts'

/** Of one network address, in this process: what it costs to show a page. What is sent is counted in rows. */
const LIMITS = { perSecond: 5, burst: 100, keys: 50_000 }
const MAX_BODY_BYTES = 128 * 1024
/** Longer than people leave a page open, shorter than proofs are worth trading. */
const CHALLENGE_MS = 30 * MINUTE

type Deps = Pick<ServerDeps, 'database' | 'blobs' | 'secrets' | 'clock' | 'url' | 'resolver' | 'captchas' | 'wake'>
type Slug = { Params: { slug: string }; Querystring: Record<string, string | string[]> }

/**
 * Forms as strangers meet them: outside of /v1, without a sign-in, without cookies. A page, the same for a frame of another site, and one address that
 * takes what was typed, from a page or from a site's own script.
 */
export async function serveForms(fastify: FastifyInstance, deps: Deps): Promise<void> {
  const { database, clock, secrets, url } = deps
  const budgets = createBodyBudgets()
  const buckets = createTokenBuckets(LIMITS)
  const take = { ...deps, captchas: deps.captchas ?? CAPTCHA_WORLD }
  const https = isHttps(deps)
  const script = await readFile(join(import.meta.dirname, 'form.js'))

  async function shownTo({ params, ip }: FastifyRequest<Slug>, reply: FastifyReply): Promise<Shown | null> {
    const waitMs = buckets.take(ip, clock.monotonicMs())
    const shown = waitMs > 0 ? null : await findShown(database.db, params.slug)
    if (shown) return shown
    reply.headers(formHeaders(null, { framedBy: null, isHttps: https }))
    if (waitMs > 0)
      void reply
        .code(429)
        .header('retry-after', String(Math.ceil(waitMs / 1_000)))
        .type('text/plain; charset=utf-8')
        .send('One moment, please.\n')
    else void reply.code(404).type('text/html; charset=utf-8').send(notThere())
    return null
  }

  const send = (reply: FastifyReply, shown: Shown, isFrame: boolean, code: number, html: string) =>
    reply
      .code(code)
      .headers(formHeaders(shown, { framedBy: isFrame ? shown.settings.origins : null, isHttps: https }))
      .type('text/html; charset=utf-8')
      .send(html)

  const pageOf = (
    shown: Shown,
    isFrame: boolean,
    values: ReadonlyMap<string, readonly string[]>,
    more: { errors?: ReadonlyMap<string, string>; trouble?: string | null; started?: string | null },
  ) =>
    formPage(shown, {
      action: `/f/${shown.form.id}${isFrame ? '?frame=1' : ''}`,
      url: '',
      values,
      errors: more.errors ?? new Map(),
      started: more.started ?? startedToken(shown.form.id, clock.now(), secrets),
      isFrame,
      trouble: more.trouble ?? null,
    })

  fastify.get('/f/form.js', async (_, reply) =>
    reply
      .headers({ 'cross-origin-resource-policy': 'cross-origin', 'cache-control': 'public, max-age=3600' })
      .type('text/javascript; charset=utf-8')
      .send(script),
  )

  for (const [path, isFrame] of [
    ['/f/:slug', false],
    ['/f/:slug/frame', true],
  ] as const)
    fastify.route<Slug>({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        const shown = await shownTo(request, reply)
        if (!shown) return reply
        const sent = outcomeIn(request.query.sent)
        if (sent) return send(reply, shown, isFrame, 200, outcomePage(shown, sent, isFrame))
        return send(reply, shown, isFrame, 200, pageOf(shown, isFrame, prefilled(shown, request.query), {}))
      },
    })

  fastify.get<Slug>('/f/:slug/challenge', async (request, reply) => {
    const shown = await shownTo(request, reply)
    if (!shown) return reply
    const { effort } = shown.settings.captcha
    const challenge = newChallenge({
      key: challengeKey(shown.form.id, secrets),
      random: randomBytes(12).toString('hex'),
      number: randomInt(effort + 1),
      effort,
      expiresAt: new Date(clock.now().getTime() + CHALLENGE_MS),
    })
    return reply
      .headers({ ...corsHeaders(request.headers.origin, shown), 'cache-control': 'no-store' })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(challenge))
  })

  fastify.options<Slug>('/f/:slug', async (request, reply) => {
    const shown = await shownTo(request, reply)
    return shown ? reply.code(204).headers(corsHeaders(request.headers.origin, shown)).send() : reply
  })

  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_BODY_BYTES)
    scope.post<Slug>('/f/:slug', async (request, reply) => {
      const shown = await shownTo(request, reply)
      if (!shown) return reply
      const { origin } = request.headers
      const isFrame = request.query.frame === '1'
      const asJson = isJson(request)
      if (asJson) reply.headers(corsHeaders(origin, shown))
      if (!mayCome(origin, shown, [url, `${request.protocol}://${request.host}`]))
        return asJson
          ? reply
              .code(403)
              .type(JSON_TYPE)
              .send(JSON.stringify({ status: 'refused', message: `This form does not take anything from ${origin}.` }))
          : send(reply, shown, isFrame, 403, notFromThere(shown, origin ?? '', url))
      const posted = readPosted(request)
      if (!posted)
        return reply
          .code(415)
          .type('text/plain; charset=utf-8')
          .send('Send the fields as a form (application/x-www-form-urlencoded) or as JSON.\n')
      const page = (origin !== 'null' && origin) || ''
      const taken = await takeSubmission(take, shown, posted, { ip: request.ip, page: pageIn(request.headers.referer) ?? page })
      if (taken.kind === 'taken') deps.wake()
      if (asJson) return answerJson(reply, shown, taken)
      if (taken.kind !== 'taken') {
        if (taken.kind === 'again' && taken.retryAfterSeconds !== undefined)
          reply.header('retry-after', String(taken.retryAfterSeconds))
        const more = taken.kind === 'wrong' ? { errors: taken.errors } : { trouble: AGAIN_WORDS[taken.why] }
        // Whoever has to press once more began when they saw the form first.
        const before = posted.get('started')?.[0] ?? ''
        const started = readStarted(shown.form.id, before, secrets) ? before : null
        return send(reply, shown, isFrame, statusOf(taken), pageOf(shown, isFrame, posted, { ...more, started }))
      }
      const { redirect_url } = shown.settings[taken.outcome]
      const onward =
        redirect_url !== null && !isFrame ? redirect_url : `/f/${shown.form.id}${isFrame ? '/frame' : ''}?sent=${taken.outcome}`
      return reply
        .code(303)
        .headers(formHeaders(shown, { framedBy: isFrame ? shown.settings.origins : null, isHttps: https }))
        .header('location', onward)
        .send()
    })
    serveConfirm(scope, deps)
  })
}
