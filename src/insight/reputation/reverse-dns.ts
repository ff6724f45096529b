import ipaddr from 'ipaddr.js'
import type { LookupFailureKind } from '../../dns/resolver.ts'
import type { Judgement } from './finding.ts'

/** What the name system says of an address that mail leaves from. */
export interface ReverseFacts {
  readonly address: string
  /** What the server calls itself in EHLO. */
  readonly heloName: string
  /** Names of the address (PTR), or why there are none. */
  readonly names: readonly string[] | LookupFailureKind
  /** For each name: its addresses, or why there are none. */
  readonly forward: Readonly<Record<string, readonly string[] | LookupFailureKind>>
}

const SILENT = new Set<unknown>(['servfail', 'timeout'])

/**
 * RFC 1912 §2.1: an address has a name, and the name has that address. Gmail refuses what does not (550 5.7.25); others distrust names that are made of the
 * address, as those of homes are.
 */
export function judgeReverse(facts: ReverseFacts): Judgement {
  const { address, heloName, names, forward } = facts
  const evidence = { names, forward, helo: heloName }
  if (typeof names === 'string' || names.length === 0) {
    if (SILENT.has(names))
      return { state: 'unknown', sentence: `The name of ${address} could not be looked up.`, hint: '', evidence }
    return {
      state: 'bad',
      sentence: `${address} has no name (PTR record).`,
      hint: `Gmail and others refuse mail from an address without one. Whoever gave you the address sets it: let it be ${heloName}.`,
      evidence,
    }
  }
  const matching = namesLeadingBack(facts)
  const [first] = names
  if (matching.length === 0) {
    if (names.some((name) => SILENT.has(forward[name])))
      return { state: 'unknown', sentence: `The address of ${first} could not be looked up.`, hint: '', evidence }
    return {
      state: 'bad',
      sentence: `${address} is called ${first}, but ${first} does not lead back to it.`,
      hint: `Give ${first} an ${isSix(address) ? 'AAAA' : 'A'} record with ${address}, or let the address be called by a name that has one.`,
      evidence,
    }
  }
  if (matching.every((name) => isGeneric(name, address)))
    return {
      state: 'warning',
      sentence: `${address} is called ${matching[0]}, a name made of the address.`,
      hint: `Receivers take such names for homes and rented machines that nobody looks after. Let the address be called ${heloName}.`,
      evidence,
    }
  if (!matching.some((name) => name.toLowerCase() === heloName.toLowerCase()))
    return {
      state: 'warning',
      sentence: `${address} is called ${matching[0]}, but the server says it is ${heloName}.`,
      hint: 'Let both be the same: set the name the route says in its greeting, or the PTR record.',
      evidence,
    }
  return {
    state: 'good',
    sentence: `${address} is called ${matching[0]}, and ${matching[0]} leads back to it.`,
    hint: '',
    evidence,
  }
}

/** The names of an address that have it themselves: those that others believe. */
export function namesLeadingBack({ address, names, forward }: ReverseFacts): string[] {
  if (typeof names === 'string') return []
  return names.filter((name) => {
    const addresses = forward[name]
    return Array.isArray(addresses) && addresses.some((each) => isSame(each, address))
  })
}

/** Names such as 192-0-2-1.dyn.example.net: at least three of the four numbers (decimal or hexadecimal) of the address are in it, in order or reversed. */
export function isGeneric(name: string, address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv4)) return false
  const numbers = name.split(/\D+/).filter(Boolean).map(Number)
  const { octets } = parsed
  const holds = (wanted: readonly number[]) => numbers.some((_, at) => wanted.every((number, i) => numbers[at + i] === number))
  const hex = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')
  const reversed = octets.toReversed()
  return (
    holds(octets.slice(1)) ||
    holds(octets.slice(0, 3)) ||
    holds(reversed.slice(1)) ||
    holds(reversed.slice(0, 3)) ||
    name.toLowerCase().includes(hex)
  )
}

function isSame(a: string, b: string): boolean {
  return (
    ipaddr.isValid(a) && ipaddr.isValid(b) && ipaddr.process(a).toNormalizedString() === ipaddr.process(b).toNormalizedString()
  )
}

function isSix(address: string): boolean {
  return address.includes(':')
}
