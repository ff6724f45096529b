import type { ApiDeps } from '../../src/delivery/providers/http/client.ts'
import { API_TIMEOUTS, type ApiTimeouts } from '../../src/delivery/providers/http/options.ts'
import type { Provider } from '../../src/delivery/providers/provider.ts'
import { createSesProvider } from '../../src/delivery/providers/ses/ses-provider.ts'
import { signed } from '../../src/delivery/providers/ses/sign.ts'
import { SesSettings } from '../../src/delivery/routes/route.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { type ApiAct, type ReceivedRequest, ScriptedApi } from './api-server.ts'
import { fixedResolver } from './dns.ts'

export const SES_KEY = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

/** A mail as SES was given it. */
export interface SesMail {
  readonly recipient: string
  readonly from: string
  readonly content: string
  readonly tags: Readonly<Record<string, string>>
  readonly configurationSet: string | null
}

export interface SesAccount {
  account?: ApiAct
  identities?: readonly object[]
}

/** Amazon SES as its documentation describes it: it checks signatures, takes every mail, and knows its account. */
export class SesServer extends ScriptedApi {
  readonly mails: SesMail[] = []
  readonly state: SesAccount
  constructor(state: SesAccount = {}) {
    super((request) => this.#serve(request))
    this.state = state
  }

  #serve(request: ReceivedRequest): ApiAct {
    if (!isSigned(request)) return refusal(403, 'InvalidSignatureException', 'The request signature we calculated does not match')
    const [path, query = ''] = request.path.split('?', 2)
    if (request.method === 'GET' && path === '/v2/email/account') return accountAnswer(this.state)
    if (request.method === 'GET' && path === '/v2/email/identities') return this.#identities(new URLSearchParams(query))
    if (request.method !== 'POST' || path !== '/v2/email/outbound-emails')
      return refusal(404, 'NotFoundException', 'No such operation')
    const mail = toMail(request.body)
    this.mails.push(mail)
    return { status: 200, body: { MessageId: `0102-${this.mails.length}` } }
  }

  #identities(query: URLSearchParams): ApiAct {
    const all = this.state.identities ?? []
    const from = Number(query.get('NextToken') ?? '0')
    const size = Number(query.get('PageSize') ?? '100')
    const NextToken = from + size < all.length ? String(from + size) : undefined
    return { status: 200, body: { EmailIdentities: all.slice(from, from + size), NextToken } }
  }
}

export function refusal(status: number, code: string, message: string): ApiAct {
  return { status, headers: { 'x-amzn-errortype': `${code}:http://internal.amazon.com/` }, body: { message } }
}

function accountAnswer({ account }: SesAccount): ApiAct {
  if (account) return account
  return {
    status: 200,
    body: {
      SendingEnabled: true,
      ProductionAccessEnabled: true,
      EnforcementStatus: 'HEALTHY',
      SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 120 },
    },
  }
}

function toMail(body: Buffer): SesMail {
  const call = JSON.parse(body.toString('utf8'))
  return {
    recipient: call.Destination.ToAddresses.join(),
    from: call.FromEmailAddress,
    content: Buffer.from(call.Content.Raw.Data, 'base64').toString('latin1'),
    tags: Object.fromEntries(call.EmailTags.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value])),
    configurationSet: call.ConfigurationSetName ?? null,
  }
}

/** The same signature comes out of what arrived. Known answers of AWS hold the algorithm itself (sign.test.ts). */
function isSigned({ method, path, headers, body }: ReceivedRequest): boolean {
  const at = String(headers['x-amz-date'])
  const now = new Date(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
  const given = Object.fromEntries(names.filter((name) => name !== 'x-amz-date').map((name) => [name, String(headers[name])]))
  const [before = '', query = ''] = path.split('?', 2)
  const key = { accessKeyId: SES_KEY.id, secretAccessKey: SES_KEY.secret, region: 'eu-west-1', service: 'ses' }
  return signed({ method, path: before, query, headers: given, body }, key, now).authorization === headers.authorization
}

export interface SesWishes {
  readonly settings?: Partial<SesSettings>
  readonly secret?: string
  readonly timeouts?: Partial<ApiTimeouts>
  readonly deps?: Partial<ApiDeps>
  readonly allowPrivate?: boolean
}

export function sesSettings(server: { readonly url: string }, changes: Partial<SesSettings> = {}): SesSettings {
  return SesSettings.parse({
    region: 'eu-west-1',
    access_key_id: SES_KEY.id,
    endpoint: server.url,
    max_connections: 4,
    ...changes,
  })
}

export function sesProviderTo(
  server: { readonly url: string },
  { settings, secret, timeouts, deps, allowPrivate }: SesWishes = {},
): Provider & AsyncDisposable {
  const provider = createSesProvider(
    {
      settings: sesSettings(server, settings),
      secretAccessKey: secret ?? SES_KEY.secret,
      allowPrivate: allowPrivate ?? true,
      timeouts: { ...API_TIMEOUTS, ...timeouts },
    },
    { resolver: fixedResolver(), clock: machineClock, ...deps },
  )
  return Object.assign(provider, { [Symbol.asyncDispose]: () => provider.close(1_000) })
}
