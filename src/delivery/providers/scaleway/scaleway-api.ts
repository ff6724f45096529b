import type { ScalewaySettings } from '../../routes/route.ts'
import { type ApiClient, type ApiDeps, createApiClient } from '../http/client.ts'
import { API_TIMEOUTS, type ApiTimeouts } from '../http/options.ts'
import { scalewayBaseUrl } from './limits.ts'

/** A route's settings with its secret, and what the tests set. */
export interface ScalewayOptions {
  readonly settings: ScalewaySettings
  readonly secretKey: string
  readonly allowPrivate: boolean
  readonly timeouts?: ApiTimeouts
  readonly ca?: string | null
}

export interface ScalewayApi {
  readonly client: ApiClient
  headersOf(body: Buffer | null): Record<string, string>
}

export function openScalewayApi(
  { settings, secretKey, allowPrivate, timeouts, ca }: ScalewayOptions,
  deps: ApiDeps,
): ScalewayApi {
  const client = createApiClient(
    {
      baseUrl: (settings.endpoint ?? scalewayBaseUrl(settings.region)).replace(/\/$/, ''),
      allowPrivate,
      maxConnections: settings.max_connections,
      timeouts: timeouts ?? API_TIMEOUTS,
      ca: ca ?? null,
    },
    deps,
  )
  return {
    client,
    headersOf: (body) => ({ 'x-auth-token': secretKey, ...(body !== null && { 'content-type': 'application/json' }) }),
  }
}
