import { createApiProvider, type Parcel } from '../http/api-provider.ts'
import type { ApiAnswer } from '../http/call.ts'
import type { ApiDeps } from '../http/client.ts'
import { objectIn, type Verdict, verdictOnError } from '../http/verdict.ts'
import type { Handoff, Provider } from '../provider.ts'
import { SES_ERRORS, sesErrorIn } from './errors.ts'
import { sesWireMessageId } from './limits.ts'
import { sesBodies } from './pack.ts'
import { openSesApi, type SesOptions } from './ses-api.ts'

const PATH = '/v2/email/outbound-emails'

/** A route to Amazon SES, over its API version 2: the whole message goes as it is, one call a recipient. */
export function createSesProvider(options: SesOptions, deps: ApiDeps): Provider {
  const { settings } = options
  const api = openSesApi(options, deps)

  async function pack(handoff: Handoff): Promise<Parcel[]> {
    const bodies = sesBodies(handoff, settings)
    if ('lack' in bodies) return [{ ...bodies, recipients: handoff.recipients.map((_, index) => index) }]
    return bodies.map((text, index) => {
      const body = Buffer.from(text)
      return { kind: 'call', recipients: [index], call: { path: PATH, body, headers: () => api.headersOf('POST', PATH, body) } }
    })
  }

  function read(answer: ApiAnswer, recipient: string, now: Date): Verdict {
    const told = sesErrorIn(answer)
    if (answer.status >= 300) return aboutRecipient(verdictOnError(answer, told, SES_ERRORS, now), recipient)
    const id = objectIn(answer.text)?.MessageId
    if (typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id)) {
      const mark = { providerId: id, messageIdOnWire: sesWireMessageId(id, settings.region) }
      return { kind: 'taken', reply: { code: answer.status, enhanced: null, text: `OK ${id}` }, mark }
    }
    if (told && answer.whole) return verdictOnError(answer, told, SES_ERRORS, now)
    return { kind: 'unclear', why: `it answered ${answer.status} without an id of the mail` }
  }

  const dialect = { kind: 'ses', pack, read } as const
  return createApiProvider({ dialect, client: api.client, clock: deps.clock, maxConnections: settings.max_connections })
}

/** Until an account is out of the test mode, recipients have to be verified as well: the same words, with another address in them. */
function aboutRecipient(verdict: Verdict, recipient: string): Verdict {
  const isNamed = verdict.kind === 'refused' && verdict.class === 'sender_rejected' && names(verdict.reply.text, recipient)
  return isNamed ? { ...verdict, class: 'recipient_refused' } : verdict
}

function names(text: string, address: string): boolean {
  const words = text.toLowerCase().split(/[\s,;<>]+/)
  return words.some((word) => word.replace(/\.$/, '') === address.toLowerCase())
}
