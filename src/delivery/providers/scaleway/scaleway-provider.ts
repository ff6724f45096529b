import { MINUTE } from '../../../lib/clock.ts'
import { createLimiter } from '../../../lib/limiter.ts'
import { createMailParser } from '../../../mail/mail-parser.ts'
import { createApiProvider, type Parcel } from '../http/api-provider.ts'
import type { ApiAnswer } from '../http/call.ts'
import type { ApiDeps } from '../http/client.ts'
import { MAX_CALLS } from '../http/options.ts'
import { objectIn, type Verdict, verdictOnError } from '../http/verdict.ts'
import type { Handoff, Provider } from '../provider.ts'
import { SCALEWAY_ERRORS, scalewayErrorIn } from './errors.ts'
import { scalewayBody } from './pack.ts'
import { openScalewayApi, type ScalewayOptions } from './scaleway-api.ts'

const PATH = '/emails'

/** A route to Scaleway Transactional Email, over its API: the message is taken apart, and refused where that would lose something. */
export function createScalewayProvider(options: ScalewayOptions, deps: ApiDeps): Provider {
  const { settings } = options
  const api = openScalewayApi(options, deps)
  // A mail that is read too slowly would be refused for good: it is given time, and few are read at once.
  const parser = createMailParser({ deadlineMs: MINUTE })
  const limiter = createLimiter({ concurrency: 4, waiting: MAX_CALLS })

  async function pack(handoff: Handoff): Promise<Parcel[]> {
    const recipients = handoff.recipients.map((_, index) => index)
    const body = await limiter.run(() => scalewayBody(handoff, settings.project_id, parser))
    if (body === null) return []
    if (!Buffer.isBuffer(body)) return [{ ...body, recipients }]
    return [{ kind: 'call', recipients, call: { path: PATH, body, headers: () => api.headersOf(body) } }]
  }

  const dialect = { kind: 'scaleway', pack, read } as const
  const provider = createApiProvider({ dialect, client: api.client, clock: deps.clock, maxConnections: settings.max_connections })
  return {
    ...provider,
    async close(graceMs) {
      await provider.close(graceMs)
      await parser.close()
    },
  }
}

/** One mail a recipient stands in the answer, with an id of its own. */
function read(answer: ApiAnswer, recipient: string, now: Date): Verdict {
  const told = scalewayErrorIn(answer)
  if (answer.status >= 300 || (told && answer.whole)) return verdictOnError(answer, told, SCALEWAY_ERRORS, now)
  const emails = objectIn(answer.text)?.emails
  const mail = Array.isArray(emails)
    ? emails.find((each) => recipientOf(each)?.toLowerCase() === recipient.toLowerCase())
    : undefined
  const { id, message_id, status, status_details: details } = (mail ?? {}) as Record<string, unknown>
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(id))
    return { kind: 'unclear', why: `it answered ${answer.status} without a mail for ${recipient}` }
  if (status === 'failed' || status === 'canceled') {
    const failed = { code: status, text: typeof details === 'string' ? details : `the mail is ${status}` }
    return verdictOnError({ ...answer, status: 422 }, failed, SCALEWAY_ERRORS, now)
  }
  const reply = { code: answer.status, enhanced: null, text: `OK ${id}` }
  return { kind: 'taken', reply, mark: { providerId: id, messageIdOnWire: wireIdOf(message_id) } }
}

function recipientOf(mail: unknown): string | null {
  const { mail_rcpt, rcpt_to } = (mail ?? {}) as Record<string, unknown>
  const found = mail_rcpt ?? rcpt_to
  return typeof found === 'string' ? found : null
}

/** The Message-ID that the recipient sees; null where the answer has only half of one. */
function wireIdOf(id: unknown): string | null {
  const bare = typeof id === 'string' ? id.trim().replace(/^<|>$/g, '') : ''
  return /^[\x21-\x7e]{1,250}@[\x21-\x7e]{1,250}$/.test(bare) ? bare : null
}
