import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { createMemoryBudget, type Lease, type MemoryBudget } from '../lib/memory-budget.ts'

/** What one server may hold of request bodies. Two purses, so that a few large mails never keep a sign-in waiting. */
export interface BodyBudgets {
  readonly small: MemoryBudget
  readonly large: MemoryBudget
}

const SMALL_BODY_BYTES = 256 * 1024
export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024
/** A large body lives about five times over while it is parsed, decoded and composed: 48 MiB of bodies stay under 250 MB of memory. */
const LARGE_TOTAL_BYTES = 48 * 1024 * 1024
const SMALL_TOTAL_BYTES = 16 * 1024 * 1024

export function createBodyBudgets(): BodyBudgets {
  return {
    small: createMemoryBudget({ totalBytes: SMALL_TOTAL_BYTES, waiting: 1000, waitMs: 5_000 }),
    large: createMemoryBudget({ totalBytes: LARGE_TOTAL_BYTES, waiting: 50, waitMs: 15_000 }),
  }
}

export interface Body {
  readonly bytes: Buffer
  /** Called when the answer has been given: until then the body, or what was made of it, is in memory. */
  release(): void
}

/** The client went away before its body was complete: there is nobody to answer. */
export class BodyAborted extends Error {
  override readonly name = 'BodyAborted'
}

/**
 * Reads a body into memory that was reserved for it. One that does not say how long it is gets the room of a small one, and when it
 * turns out longer, first gets the room of the largest.
 */
export async function readBody(request: IncomingMessage, budgets: BodyBudgets, limit: number): Promise<Body> {
  const declared = declaredLength(request)
  if (declared !== null && declared > limit) throw new Refusal('body_too_large', { limit })
  const gone = new AbortController()
  const onClose = () => gone.abort()
  request.once('close', onClose)
  const leases: Lease[] = []
  const release = () => {
    for (const lease of leases) lease.release()
  }
  try {
    const first = Math.min(declared ?? SMALL_BODY_BYTES, limit)
    leases.push(await reserve(budgets, first, gone.signal))
    const bytes = await collect(request, limit, first, async () => {
      leases.push(await reserve(budgets, limit, gone.signal))
    })
    return { bytes, release }
  } catch (error) {
    release()
    throw error
  } finally {
    request.off('close', onClose)
  }
}

/** From now on the bodies of requests in this scope are their bytes, whatever they are called. */
export function takeBytes(scope: FastifyInstance, budgets: BodyBudgets, limit: number): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', async (request: FastifyRequest) => {
    const { bytes, release } = await readBody(request.raw, budgets, limit)
    request.releaseBody = release
    return bytes
  })
}

function declaredLength(request: IncomingMessage): number | null {
  const header = request.headers['content-length']
  return header === undefined ? null : Number(header)
}

async function reserve(budgets: BodyBudgets, bytes: number, gone: AbortSignal): Promise<Lease> {
  const budget = bytes <= SMALL_BODY_BYTES ? budgets.small : budgets.large
  const lease = await budget.take(bytes, gone)
  if (lease) return lease
  if (gone.aborted) throw new BodyAborted()
  throw new Refusal('too_busy', { retryAfterSeconds: 5 })
}

/** `grow` is awaited once, before more than `reserved` bytes are kept. */
async function collect(request: IncomingMessage, limit: number, reserved: number, grow: () => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  let hasGrown = reserved >= limit
  try {
    // Leaving the loop early must not destroy the request: its answer has still to travel on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw new Refusal('body_too_large', { limit })
      if (size > reserved && !hasGrown) {
        hasGrown = true
        await grow()
      }
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Refusal || error instanceof BodyAborted ? error : new BodyAborted()
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)
}

/** A body that is read as it comes. What is too long is refused where its limit is passed: what was read before has been read. */
export async function* limited(request: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  const declared = declaredLength(request)
  if (declared !== null && declared > limit) throw new Refusal('body_too_large', { limit })
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw new Refusal('body_too_large', { limit })
      yield chunk
    }
  } catch (error) {
    throw error instanceof Refusal ? error : new BodyAborted()
  }
}
