import { isIP } from 'node:net'
import { isPrivateAddress } from '../../net/private-address.ts'
import type { Way } from '../routes/route.ts'
import { isPublicName } from './hosts.ts'

/** What relays publish for their customers, by the end of the relay's name. */
const INCLUDES: readonly (readonly [suffix: string, include: string])[] = [
  ['smtp.gmail.com', '_spf.google.com'],
  ['smtp-relay.gmail.com', '_spf.google.com'],
  ['smtp.office365.com', 'spf.protection.outlook.com'],
  ['.mail.protection.outlook.com', 'spf.protection.outlook.com'],
  ['.amazonaws.com', 'amazonses.com'],
  ['smtp.tem.scaleway.com', '_spf.tem.scaleway.com'],
  ['smtp.tem.scw.cloud', '_spf.tem.scaleway.com'],
  ['.mail.ovh.net', 'mx.ovh.com'],
  ['ssl0.ovh.net', 'mx.ovh.com'],
  ['mail.infomaniak.com', 'spf.infomaniak.ch'],
  ['mail.gandi.net', '_mailcust.gandi.net'],
  ['smtp.fastmail.com', 'spf.messagingengine.com'],
  ['smtp.migadu.com', 'spf.migadu.com'],
  ['smtp.ionos.com', '_spf-us.ionos.com'],
  ['smtp.ionos.de', '_spf-eu.ionos.com'],
]

/** The SPF mechanisms that name the servers by which the routes of a workspace send, each once. */
export function spfNeeds(ways: readonly Way[], mailHost: string): string[] {
  return [...new Set(ways.flatMap((way) => needsOf(way, mailHost)))]
}

function needsOf(way: Way, mailHost: string): string[] {
  switch (way.kind) {
    case 'smtp':
      return relayNeeds(way.settings.host)
    case 'mx': {
      const own = way.settings.source_addresses.filter((address) => !isPrivateAddress(address))
      return own.length > 0 ? own.map(addressNeed) : isPublicName(mailHost) ? [`a:${mailHost}`] : []
    }
    case 'scaleway':
      return ['include:_spf.tem.scaleway.com']
    // Its return path is Amazon's own unless one is set up there: our SPF is not looked at.
    case 'ses':
    case 'sandbox':
      return []
  }
}

/** A relay that nobody knows is taken to send from where it takes mail. One on a private network shows an address that we cannot know. */
export function relayNeeds(host: string): string[] {
  const name = host.toLowerCase().replace(/\.$/, '')
  const known = INCLUDES.find(([suffix]) => name === suffix || (suffix.startsWith('.') && name.endsWith(suffix)))
  if (known) return [`include:${known[1]}`]
  const bare = name.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return isPrivateAddress(bare) ? [] : [addressNeed(bare)]
  return name.includes('.') ? [`a:${name}`] : []
}

function addressNeed(address: string): string {
  return `ip${isIP(address)}:${address}`
}
