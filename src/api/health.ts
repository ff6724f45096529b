import type { FastifyInstance } from 'fastify'
import { inTime } from '../lib/wait.ts'
import type { ServerDeps } from './deps.ts'

const TOO_LONG_MS = 3_000

/** For those who watch the server: is the process alive, can it work, how does it fare. Outside of /v1 and without a sign-in. */
export function serveHealth(fastify: FastifyInstance, deps: Pick<ServerDeps, 'health'>): void {
  fastify.get('/healthz', async (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }))

  fastify.get('/readyz', async (_, reply) => {
    const reasons = await withinTime(deps.health.reasonsNotReady())
    reply.header('cache-control', 'no-store').code(reasons.length === 0 ? 200 : 503)
    return { status: reasons.length === 0 ? 'ready' : 'not ready', reasons }
  })

  fastify.get('/metrics', async (_, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(await deps.health.metrics()),
  )
}

/** A check that hangs is itself the finding. */
async function withinTime(reasons: Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return (await inTime(reasons, TOO_LONG_MS)) ?? ['The checks did not end within 3 seconds.']
  } catch {
    return ['The checks themselves failed; the log has the cause.']
  }
}
