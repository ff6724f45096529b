/**
 * A credential is what an application signs in with over SMTP. Its username stays for life; its secret can be exchanged while the old one
 * still works. What it may do is narrower than a key: send, on some streams, from some domains, from some places, at some pace.
 */
import ipaddr from 'ipaddr.js'
import { HOUR, MINUTE } from '../../lib/clock.ts'
import type { CredentialId } from '../../lib/ids.ts'
import { base58 } from '../api-key.ts'

export interface CredentialScopes {
  /** The first one is taken where a mail names none. */
  readonly streams: readonly string[]
  /** `example.org`, or `*.example.org` for everything below it. None: any. */
  readonly fromDomains: readonly string[]
  /** Addresses and networks that it may be used from. None: any. */
  readonly networks: readonly string[]
  /** Recipients a minute; null: no limit. */
  readonly ratePerMinute: number | null
  /** Its mail is kept in the sandbox and never sent. */
  readonly sandbox: boolean
}

export interface Credential extends CredentialScopes {
  readonly id: CredentialId
  readonly name: string
  readonly username: string
  readonly secretPrefix: string
  /** Until then the secret before this one works too. */
  readonly previousUntil: Date | null
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly rotatedAt: Date | null
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly lastUsedIp: string | null
}

export const MAX_CREDENTIALS = 200
export const MAX_SCOPE_ENTRIES = 100
export const MAX_RATE_PER_MINUTE = 1_000_000
export const MAX_OVERLAP_HOURS = 7 * 24
export const SECRET_BYTES = 32
export const USERNAME_BYTES = 8
/** Letters and digits that nobody takes for one another, in lower case alone: usernames are typed. */
const USERNAME_LETTERS = '23456789abcdefghjkmnpqrstuvwxyz'
const SECRET_PREFIX = 'wbs_'
const SHOWN_CHARACTERS = 8
const SLUG_MAX = 40

/** A quiet minute may be caught up with at once; beyond that mail comes at the pace agreed. */
const BURST_MS = MINUTE

export function secretOf(random: Uint8Array): string {
  return SECRET_PREFIX + base58(random)
}

export function shownOf(secret: string): string {
  return secret.slice(0, SHOWN_CHARACTERS)
}

/** `Docs (production)` → `docs-production-k7m2x9qa`: people recognise it in the settings of their application. */
export function usernameOf(name: string, random: Uint8Array): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, SLUG_MAX)
    .replace(/-+$/, '')
  const tail = Array.from(random, (byte) => USERNAME_LETTERS[byte % USERNAME_LETTERS.length]).join('')
  return slug === '' ? `app-${tail}` : `${slug}-${tail}`
}

/** `domain` in lower case, as A-labels. */
export function allowsDomain({ fromDomains }: Pick<CredentialScopes, 'fromDomains'>, domain: string): boolean {
  return (
    fromDomains.length === 0 ||
    fromDomains.some((allowed) => (allowed.startsWith('*.') ? domain.endsWith(allowed.slice(1)) : domain === allowed))
  )
}

export function allowsClient({ networks }: Pick<CredentialScopes, 'networks'>, address: string): boolean {
  if (networks.length === 0) return true
  if (!ipaddr.isValid(address)) return false
  const client = ipaddr.process(address)
  return networks.some((network) => {
    const range = parseNetwork(network)
    return range !== null && range[0].kind() === client.kind() && client.match(range)
  })
}

/** `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`; null for anything else. */
export function parseNetwork(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  const [address = '', bits, ...rest] = text.split('/')
  if (rest.length > 0 || (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address))) return null
  const parsed = ipaddr.parse(address)
  const longest = parsed.kind() === 'ipv4' ? 32 : 128
  if (bits === undefined) return [parsed, longest]
  return /^\d{1,3}$/.test(bits) && Number(bits) <= longest ? [parsed, Number(bits)] : null
}

/** When the next mail is accepted; null: at once. */
export function pacedUntil(pacedUntil: Date | null, now: Date): Date | null {
  const next = (pacedUntil?.getTime() ?? 0) - BURST_MS
  return next > now.getTime() ? new Date(next) : null
}

/** Where the pace stands after `recipients` more. */
export function paceAfter(before: Date | null, recipients: number, ratePerMinute: number, now: Date): Date {
  const from = Math.max(before?.getTime() ?? 0, now.getTime())
  return new Date(from + Math.ceil((recipients * MINUTE) / ratePerMinute))
}

/** How long the secret before works after an exchange. */
export function overlapEnd(hours: number, now: Date): Date | null {
  return hours === 0 ? null : new Date(now.getTime() + hours * HOUR)
}
