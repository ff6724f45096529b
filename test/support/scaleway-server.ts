import type { ApiDeps } from '../../src/delivery/providers/http/client.ts'
import { API_TIMEOUTS, type ApiTimeouts } from '../../src/delivery/providers/http/options.ts'
import type { Provider } from '../../src/delivery/providers/provider.ts'
import type { ScalewayEmail } from '../../src/delivery/providers/scaleway/pack.ts'
import { createScalewayProvider } from '../../src/delivery/providers/scaleway/scaleway-provider.ts'
import { ScalewaySettings } from '../../src/delivery/routes/route.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { type ApiAct, type ReceivedRequest, ScriptedApi } from './api-server.ts'
import { fixedResolver } from './dns.ts'

export const SCALEWAY_KEY = '2f3b0b4e-6b0a-4a64-a2b6-7f0a6a0f1c11'
export const SCALEWAY_PROJECT = '7b9a2c60-6c3d-4f6a-9a53-0f9a2a4b1e77'

export interface ScalewayAccount {
  domains?: readonly object[]
  consumption?: ApiAct
}

/** Scaleway Transactional Email as its documentation describes it: takes every mail, one id a recipient. */
export class ScalewayServer extends ScriptedApi {
  readonly mails: ScalewayEmail[] = []
  readonly state: ScalewayAccount

  constructor(state: ScalewayAccount = {}) {
    super((request) => this.#serve(request))
    this.state = state
  }

  #serve({ method, path: full, headers, body }: ReceivedRequest): ApiAct {
    if (headers['x-auth-token'] !== SCALEWAY_KEY) {
      const denied = {
        message: 'authentication is denied',
        method: 'api_key',
        reason: 'not_found',
        type: 'denied_authentication',
      }
      return { status: 401, body: denied }
    }
    const [path, query = ''] = full.split('?', 2)
    if (method === 'GET' && path === '/domains') return this.#domains(new URLSearchParams(query))
    if (method === 'GET' && path === '/project-consumption')
      return this.state.consumption ?? { status: 200, body: consumption(1_200) }
    if (method !== 'POST' || path !== '/emails') return { status: 404, body: { type: 'not_found', resource: 'operation' } }
    const email = JSON.parse(body.toString('utf8')) as ScalewayEmail
    this.mails.push(email)
    const number = this.mails.length
    return {
      status: 200,
      body: {
        emails: [...email.to, ...email.cc, ...email.bcc].map((person, index) => ({
          id: `id-${number}-${index}`,
          message_id: `<m${number}@tem.example>`,
          project_id: email.project_id,
          mail_from: email.from.email,
          mail_rcpt: person.email,
          status: 'new',
        })),
      },
    }
  }

  #domains(query: URLSearchParams): ApiAct {
    const all = this.state.domains ?? []
    const [page, size] = [Number(query.get('page') ?? '1'), Number(query.get('page_size') ?? '20')]
    return { status: 200, body: { total_count: all.length, domains: all.slice((page - 1) * size, page * size) } }
  }
}

function consumption(emails: number): object {
  return { domains_count: 1, dedicated_ips_count: 0, monthly_emails_count: emails, webhooks_count: 0 }
}

export interface ScalewayWishes {
  readonly settings?: Partial<ScalewaySettings>
  readonly secret?: string
  readonly timeouts?: Partial<ApiTimeouts>
  readonly deps?: Partial<ApiDeps>
}

export function scalewaySettings(server: { readonly url: string }, changes: Partial<ScalewaySettings> = {}): ScalewaySettings {
  return ScalewaySettings.parse({ project_id: SCALEWAY_PROJECT, endpoint: server.url, max_connections: 4, ...changes })
}

export function scalewayProviderTo(
  server: { readonly url: string },
  { settings, secret, timeouts, deps }: ScalewayWishes = {},
): Provider & AsyncDisposable {
  const provider = createScalewayProvider(
    {
      settings: scalewaySettings(server, settings),
      secretKey: secret ?? SCALEWAY_KEY,
      allowPrivate: true,
      timeouts: { ...API_TIMEOUTS, ...timeouts },
    },
    { resolver: fixedResolver(), clock: machineClock, ...deps },
  )
  return Object.assign(provider, { [Symbol.asyncDispose]: () => provider.close(1_000) })
}
