/**
 * How failed tries slow down the next one. A try is counted before its password is looked at, so that a hundred parallel guesses are a
 * hundred tries; success forgives the account. People forget passwords: the first five tries are free. An address behind which many people
 * sit gets more. The wait doubles, and never exceeds fifteen minutes, so that nobody can lock another out for long.
 */
import ipaddr from 'ipaddr.js'
import { DAY, MINUTE, SECOND } from '../lib/clock.ts'

const THROTTLES = ['account', 'ip', 'setup', 'smtp'] as const
export type ThrottleKind = (typeof THROTTLES)[number]

const FREE_TRIES: Record<ThrottleKind, number> = { account: 5, ip: 30, setup: 10, smtp: 30 }
const FIRST_WAIT_MS = 15 * SECOND
const LONGEST_WAIT_MS = 15 * MINUTE
/** After a day without a failure, counting starts over. */
export const FORGOTTEN_AFTER_MS = DAY

/** How long the next try has to wait after `failures` of them. */
export function waitAfter(kind: ThrottleKind, failures: number): number {
  const beyond = failures - FREE_TRIES[kind]
  return beyond < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(beyond, 30))
}

/** Whom an address of the network stands for: an IPv6 network of 64 bits is one subscriber (RFC 6177). */
export function subscriberOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip
  const address = ipaddr.process(ip)
  return address.kind() === 'ipv6'
    ? (address as ipaddr.IPv6).parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : address.toString()
}
