import { isIP } from 'node:net'
import { reverseName } from '../../../dns/records.ts'
import type { Resolver } from '../../../dns/resolver.ts'

const ADDRESS_LISTS = ['zen.spamhaus.org', 'bl.spamcop.net', 'b.barracudacentral.org', 'psbl.surriel.com', 'bl.mailspike.net']
const DOMAIN_LISTS = ['dbl.spamhaus.org', 'multi.surbl.org']
const ADDRESSES_MAX = 4

export interface Listing {
  readonly list: string
  readonly subject: string
  readonly code: string
}

/** What blocklists say of some addresses and a domain. `refused`: lists that would not answer us. */
export async function listings(
  resolver: Resolver,
  { domain, addresses }: { readonly domain: string; readonly addresses: readonly string[] },
): Promise<{ listed: Listing[]; refused: string[]; asked: number }> {
  const questions = [
    ...DOMAIN_LISTS.map((list) => ({ list, subject: domain, name: `${domain}.${list}` })),
    ...addresses
      .slice(0, ADDRESSES_MAX)
      .flatMap((address) => ADDRESS_LISTS.map((list) => ({ list, subject: address, name: `${reversed(address)}.${list}` }))),
  ]
  const answers = await Promise.all(
    questions.map(async ({ list, subject, name }) => {
      const answer = await resolver.addressesOf(name, 4)
      const codes = answer.ok ? answer.found.map(({ address }) => address) : []
      const dark = !answer.ok && (answer.kind === 'servfail' || answer.kind === 'timeout')
      return { list, subject, codes, refused: dark || codes.some(isRefusal) }
    }),
  )
  return {
    listed: answers.flatMap(({ list, subject, codes, refused }) =>
      refused
        ? []
        : codes
            .filter(isListing)
            .slice(0, 1)
            .map((code) => ({ list, subject, code })),
    ),
    refused: answers.filter(({ refused }) => refused).map(({ list }) => list),
    asked: questions.length,
  }
}

/** RFC 5782 §2.1: listed is 127.0.0.2 and up; 127.0.0.1 would be a list that is gone. */
export function isListing(code: string): boolean {
  return code.startsWith('127.0.') && code !== '127.0.0.1'
}

/** What Spamhaus and others answer to resolvers that ask too much, or from where they may not. */
export function isRefusal(code: string): boolean {
  return code.startsWith('127.255.255.') || !code.startsWith('127.') || code === '127.0.0.1'
}

function reversed(address: string): string {
  return (reverseName(address) ?? '').replace(isIP(address) === 6 ? /\.ip6\.arpa$/ : /\.in-addr\.arpa$/, '')
}
