import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { createTokenBuckets } from '../lib/token-bucket.ts'
import { TASK_PATH } from '../workflows/tasks/ask.ts'
import { decideByLink, type Linked, taskByLink } from '../workflows/tasks/tasks.ts'
import { isHttps } from './auth.ts'
import { createBodyBudgets, takeBytes } from './body.ts'
import type { ServerDeps } from './deps.ts'
import { linkNowhere } from './forms/pages.ts'
import { securityHeaders } from './security-headers.ts'
import { taskPage } from './task-page.ts'
import { busyPage } from './unsubscribe-page.ts'

/** Of one link. Nobody presses more buttons; a scanner that wants more waits. */
const LIMITS = { perSecond: 2, burst: 40, keys: 50_000 }
const MAX_BODY_BYTES = 64 * 1024
const TOKEN = /^[A-Za-z0-9_-]{43}$/

type Deps = Pick<ServerDeps, 'database' | 'clock' | 'url' | 'wake'>
type Asking = FastifyRequest<{ Params: { token: string } }>

/** Where the link of a task leads. Programs look at every link in a mail: looking decides nothing, a POST does, and nothing is kept in the browser. */
export async function serveTasks(fastify: FastifyInstance, deps: Deps): Promise<void> {
  const { database, clock } = deps
  const budgets = createBodyBudgets()
  const buckets = createTokenBuckets(LIMITS)
  const headers = {
    ...securityHeaders('leaving', isHttps(deps)),
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
  }
  const page = (reply: FastifyReply, code: number, html: string) =>
    reply.code(code).headers(headers).type('text/html; charset=utf-8').send(html)

  /** Null: it was answered. */
  async function foundBy({ params: { token } }: Asking, reply: FastifyReply): Promise<Linked | null> {
    const found = TOKEN.test(token) ? await taskByLink(database.db, token) : null
    if (!found) {
      void page(reply, 404, linkNowhere())
      return null
    }
    const waitMs = buckets.take(found.task.id + found.userId, clock.monotonicMs())
    if (waitMs === 0) return found
    void page(reply.header('retry-after', String(Math.ceil(waitMs / 1_000))), 429, busyPage())
    return null
  }

  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_BODY_BYTES)
    scope.route<{ Params: { token: string } }>({
      method: ['GET', 'HEAD'],
      url: `${TASK_PATH}:token`,
      handler: async (request, reply) => {
        const found = await foundBy(request, reply)
        return found ? page(reply, 200, taskPage(found)) : reply
      },
    })
    scope.post<{ Params: { token: string } }>(`${TASK_PATH}:token`, async (request, reply) => {
      const found = await foundBy(request, reply)
      if (!found) return reply
      const { token } = request.params
      const fields = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8').toWellFormed() : '')
      try {
        const decision = decisionIn(found, fields)
        await database.transaction({ as: 'api', workspaceId: found.task.workspaceId }, (tx) =>
          decideByLink(tx, token, decision, clock.now()),
        )
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const now = (await taskByLink(database.db, token)) ?? found
        return page(reply, error.status, taskPage(now, error.message, fields))
      }
      deps.wake()
      return reply.code(303).headers(headers).header('location', `${TASK_PATH}${token}`).send()
    })
  })
}

/** Browsers end lines with CR LF; what is left empty was not said. */
function decisionIn({ task }: Linked, given: URLSearchParams) {
  const answers: Record<string, string> = {}
  for (const { key } of task.fields) {
    const value = given.get(`field_${key}`)
    if (value !== null && value !== '') answers[key] = value.replaceAll('\r\n', '\n')
  }
  const comment = (given.get('comment') ?? '').replaceAll('\r\n', '\n').replaceAll('\u0000', '')
  return { decision: given.get('decision') ?? '', comment: comment.trim(), answers }
}
