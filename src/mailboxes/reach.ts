import { isIP } from 'node:net'
import type { Resolver } from '../dns/resolver.ts'
import { isPrivateAddress } from '../net/private-address.ts'
import type { MailboxSettings } from './mailbox.ts'
import { MailboxTrouble } from './mailbox-problem.ts'

export interface ReachDeps {
  readonly resolver: Resolver
  /** WAYBILL_ALLOW_PRIVATE_NETWORKS. */
  readonly allowPrivateNetworks: boolean
  /** Certificates trusted beside the usual ones. */
  readonly ca?: string
}

/** What we show a server to be let in. */
export type Credential =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'token'; readonly accessToken: string }

export interface MailboxAccount extends MailboxSettings {
  readonly credential: Credential
}

/**
 * The address to dial. The name is looked up by our resolver, and what is dialled is the address that was held against the private networks: a
 * name cannot point elsewhere in between.
 */
export async function reachableAddress(
  { host, allowPrivate }: Pick<MailboxSettings, 'host' | 'allowPrivate'>,
  deps: ReachDeps,
): Promise<string> {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const answer = await deps.resolver.addresses(bare)
  if (!answer.ok) throw new MailboxTrouble('name', answer.message)
  const mayBePrivate = allowPrivate || deps.allowPrivateNetworks
  const allowed = answer.found.filter(({ address }) => mayBePrivate || !isPrivateAddress(address))
  // IPv4 first: a machine whose IPv6 leads nowhere is commoner than one without IPv4, and only one address is dialled.
  const [first] = [...allowed].sort((a, b) => a.family - b.family)
  if (!first) throw new MailboxTrouble('private_address', `${host} is an address of this machine or of a private network`)
  return first.address
}

/** What TLS is asked for: the name in the certificate is the one that was configured, whatever address was dialled. */
export function tlsOptions(host: string, { ca }: ReachDeps): { minVersion: 'TLSv1.2'; servername?: string; ca?: string } {
  return { minVersion: 'TLSv1.2', ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) }
}
