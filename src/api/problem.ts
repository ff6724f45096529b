import { isDatabaseUnavailable, sqlStateOf } from '../db/database.ts'
import { type ErrorCode, type FieldError, Refusal } from '../errors.ts'

/** RFC 9457. `type` leads to the description on this server's own /docs; `code` is what programs branch on, `detail` what people read. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  readonly pointer?: string
  readonly errors?: readonly FieldError[]
  readonly limit?: number
  readonly retry_after?: number
  /** Of a fault: the same in the server's log. */
  readonly reference?: string
}

const WAIT_FOR_DATABASE_SECONDS = 5
/** Cancelled for taking too long, a lock not had in time, a conflict that three tries did not resolve. */
const BUSY_STATES = new Set(['57014', '55P03', '40001', '40P01'])

/** Every error has an answer. What is not a refusal is ours: its cause goes to the log under `reference`, never to the client. */
export function toRefusal(error: unknown, reference: string): Refusal {
  if (error instanceof Refusal) return error
  if (BUSY_STATES.has(sqlStateOf(error) ?? '')) return new Refusal('too_busy', { retryAfterSeconds: WAIT_FOR_DATABASE_SECONDS })
  if (isDatabaseUnavailable(error)) return new Refusal('database_unavailable', { retryAfterSeconds: WAIT_FOR_DATABASE_SECONDS })
  return fromFramework(error) ?? new Refusal('internal', { reference })
}

/** What Fastify refuses by itself before our own code is asked. */
function fromFramework(error: unknown): Refusal | null {
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Refusal('unsupported_media_type')
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return new Refusal('malformed_request', { why: 'its address is not a valid URL' })
  }
  if (typeof code === 'string' && code.startsWith('FST_ERR_CTP'))
    return new Refusal('malformed_request', { why: 'its body and its headers do not fit together' })
  if (statusCode === 503) return new Refusal('stopping', { retryAfterSeconds: WAIT_FOR_DATABASE_SECONDS })
  return null
}

export function toProblem(refusal: Refusal): Problem {
  const { code, status, title, message, details } = refusal
  return {
    type: `/docs#error-${code}`,
    title,
    status,
    code,
    detail: message,
    ...(details.pointer !== undefined && { pointer: details.pointer }),
    ...(details.errors !== undefined && { errors: details.errors }),
    ...(details.limit !== undefined && { limit: details.limit }),
    ...(details.retryAfterSeconds !== undefined && { retry_after: details.retryAfterSeconds }),
    ...(code === 'internal' && { reference: String(details.reference) }),
  }
}
