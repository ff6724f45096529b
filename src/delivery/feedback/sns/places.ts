/**
 * Where the two services keep what an envelope points to. An address in an envelope is a claim of whoever wrote it: certificates are taken only
 * from the service's own host, and a subscription is confirmed at an address that we write ourselves.
 */
import type { TellingKind } from '../inlet.ts'
import { regionOf } from './envelope.ts'

interface Places {
  readonly certificate: { readonly host: RegExp; readonly path: RegExp }
  /** Where the authority is that must have signed the certificate; null where its host alone vouches for it. */
  chain(region: string): string | null
  endpoint(region: string): string
}

const PLACES: Readonly<Record<TellingKind, Places>> = {
  ses: {
    certificate: {
      host: /^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?$/,
      path: /^\/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem$/,
    },
    chain: () => null,
    endpoint: (region) => `https://sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`,
  },
  scaleway: {
    certificate: {
      host: /^messaging\.s3\.fr-par\.scw\.cloud$/,
      path: /^\/[a-z]{2}-[a-z]{3}\/sns\/[0-9a-zA-Z._-]{1,128}\.(?:pem|crt)$/,
    },
    chain: (region) => `https://messaging.s3.fr-par.scw.cloud/${region}/sns/sns-trust-chain.pem`,
    endpoint: (region) => `https://sns.mnq.${region}.scaleway.com/`,
  },
}

export function isCertificateUrl(kind: TellingKind, text: string): boolean {
  const url = URL.parse(text)
  const { host, path } = PLACES[kind].certificate
  // The text itself must be what was parsed: no port, user, query, fragment or odd spelling.
  return (
    url !== null &&
    url.protocol === 'https:' &&
    host.test(url.host) &&
    path.test(url.pathname) &&
    text === `https://${url.host}${url.pathname}`
  )
}

export function chainUrl(kind: TellingKind, topicArn: string): string | null {
  const region = regionOf(topicArn)
  return region === null ? null : PLACES[kind].chain(region)
}

/** The address that confirms a subscription to this topic. */
export function confirmationUrl(kind: TellingKind, topicArn: string, token: string): string | null {
  const region = regionOf(topicArn)
  if (region === null) return null
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token, Version: '2010-03-31' })
  return `${PLACES[kind].endpoint(region)}?${query}`
}
