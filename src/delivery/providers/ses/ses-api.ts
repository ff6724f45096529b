import type { SesSettings } from '../../routes/route.ts'
import { type ApiClient, type ApiDeps, createApiClient } from '../http/client.ts'
import { API_TIMEOUTS, type ApiOptions, type ApiTimeouts } from '../http/options.ts'
import { sesBaseUrl } from './limits.ts'
import { signed } from './sign.ts'

/** A route's settings with its secret, and what the tests set. */
export interface SesOptions {
  readonly settings: SesSettings
  readonly secretAccessKey: string
  readonly allowPrivate: boolean
  readonly timeouts?: ApiTimeouts
  readonly ca?: string | null
}

export interface SesApi {
  readonly client: ApiClient
  /** The headers of a call, signed in the moment they are asked for. */
  headersOf(method: 'GET' | 'POST', path: string, body: Buffer | null): Record<string, string>
}

export function openSesApi({ settings, secretAccessKey, allowPrivate, timeouts, ca }: SesOptions, deps: ApiDeps): SesApi {
  const baseUrl = (settings.endpoint ?? sesBaseUrl(settings.region)).replace(/\/$/, '')
  const { host, pathname } = new URL(baseUrl)
  const options: ApiOptions = {
    baseUrl,
    allowPrivate,
    maxConnections: settings.max_connections,
    timeouts: timeouts ?? API_TIMEOUTS,
    ca: ca ?? null,
  }
  return {
    client: createApiClient(options, deps),
    headersOf(method, path, body) {
      const [before = '', query = ''] = path.split('?', 2)
      const type = body === null ? {} : { 'content-type': 'application/json' }
      const request = {
        method,
        path: `${pathname.replace(/\/$/, '')}${before}`,
        query,
        headers: { host, ...type },
        body: body ?? '',
      }
      const key = { accessKeyId: settings.access_key_id, secretAccessKey, region: settings.region, service: 'ses' }
      return signed(request, key, deps.clock.now())
    },
  }
}
