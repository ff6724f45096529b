/**
 * Whether mail of a From domain may leave by a route: receivers that follow DMARC believe the From only where a signature or the return path
 * belongs to the same domain (RFC 9989 §4.4). What would be refused there, or land among spam, is better kept here and explained.
 */
import { unreachable } from '../../lib/assert.ts'
import type { RouteKind } from '../routes/route.ts'
import { type DomainState, isUsable } from './domain.ts'

export interface AligningDomain {
  readonly name: string
  /** Null: not one of the domains that Waybill looks after. */
  readonly state: DomainState | null
  /** Its SPF record lets the workspace's routes send. */
  readonly spfCovers: boolean
}

/** What the provider itself says of the domain; `unknown` while it was not asked. */
export type ProviderWord = 'verified' | 'unverified' | 'unknown'

export interface Alignment {
  readonly aligned: boolean
  readonly reason: string
}

export function alignment(
  { name, state, spfCovers }: AligningDomain,
  kind: RouteKind,
  provider: ProviderWord = 'unknown',
): Alignment {
  const signed = state !== null && isUsable(state)
  switch (kind) {
    case 'sandbox':
      return yes('Nothing leaves the sandbox.')
    case 'mx':
      if (signed) return yes(`Mail from ${name} is signed with its key.`)
      return no(
        state === null
          ? `${name} is not among the domains, so its mail is not signed. Sent straight to receivers it would be taken for a forgery: add the domain and publish its records.`
          : `The DNS does not show the key of ${name}, so its mail is not signed. Publish the records on the domain's page; then it leaves by itself.`,
      )
    case 'smtp':
      if (signed) return yes(`Mail from ${name} is signed with its key.`)
      if (state !== 'lapsed') return yes(`${name} is not signed here; the mail server of the route may do it.`)
      if (spfCovers) return yes(`The SPF record of ${name} names the route.`)
      return no(
        `The key of ${name} has been gone from the DNS for more than a day, and its SPF record does not name the route. Publish the records on the domain's page.`,
      )
    case 'ses':
    case 'scaleway':
      if (provider === 'verified') return yes(`The provider has verified ${name}.`)
      if (provider === 'unknown') {
        // SES takes the mail as it stands, so that our own signature arrives.
        if (kind === 'ses' && signed) return yes(`Mail from ${name} is signed with its key.`)
        return yes(`The provider has not said whether it knows ${name}.`)
      }
      return no(
        `The provider has not verified ${name}: it would refuse the mail. Add the domain there and publish the records that it shows.`,
      )
    default:
      return unreachable(kind)
  }
}

function yes(reason: string): Alignment {
  return { aligned: true, reason }
}

function no(reason: string): Alignment {
  return { aligned: false, reason }
}
