import { isDatabaseUnavailable } from '../db/database.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import { type Reply, reply } from './protocol/reply.ts'

/** What the rest of the house refuses, as an SMTP reply: 4yz where trying again can help. */
const REPLIES: Partial<Record<ErrorCode, readonly [number, string]>> = {
  invalid_request: [550, '5.6.0'],
  invalid_address: [550, '5.1.7'],
  control_character: [550, '5.6.0'],
  message_too_large: [552, '5.3.4'],
  too_many_recipients: [452, '4.5.3'],
  too_many_headers: [550, '5.6.0'],
  idempotency_key_reused: [550, '5.5.4'],
  storage_full: [452, '4.3.1'],
  too_busy: [451, '4.3.2'],
  database_unavailable: [451, '4.3.0'],
  stopping: [421, '4.3.2'],
  throttled: [454, '4.7.0'],
}

export const DATABASE_AWAY = reply(451, '4.3.0', 'The database cannot be used at this moment, and nothing was kept. Try again.')

export const NO_MEMORY = reply(
  452,
  '4.3.1',
  'This server holds as much mail in memory as it may at this moment. Try again in a moment.',
)

/** The reply to whatever was thrown; null for a fault, which belongs into the log. */
export function replyTo(error: unknown): Reply | null {
  if (error instanceof Refusal) {
    const [code, enhanced] = REPLIES[error.code as ErrorCode] ?? [550, '5.7.0']
    return reply(code, enhanced, error.message)
  }
  return isDatabaseUnavailable(error) ? DATABASE_AWAY : null
}
