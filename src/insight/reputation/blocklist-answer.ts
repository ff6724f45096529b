import { reverseName } from '../../dns/records.ts'
import type { Blocklist } from './blocklists.ts'
import type { Judgement } from './finding.ts'

/** What is asked of a list about an address (RFC 5782 §2.1 and §2.4: as in its reverse name) or a domain. Null: the list does not know this kind. */
export function questionOf({ zone, asks }: Pick<Blocklist, 'zone' | 'asks'>, subject: string): string | null {
  const reverse = reverseName(subject)
  if (reverse === null) return asks.includes('domain') ? `${subject.toLowerCase().replace(/\.$/, '')}.${zone}` : null
  const isSix = reverse.endsWith('.ip6.arpa')
  return asks.includes(isSix ? 'ip6' : 'ip4') ? reverse.replace(/(?:in-addr|ip6)\.arpa$/, zone) : null
}

/**
 * What every list must list and must not (RFC 5782 §5): one that fails either is switched off, parked, or answers everybody yes. Lists for both families are tried
 * with IPv4's.
 */
export function trialsOf({ zone, asks, trial }: Pick<Blocklist, 'zone' | 'asks' | 'trial'>): {
  readonly listed: string
  readonly unlisted: string
} {
  return asks.includes('domain')
    ? { listed: `${trial ?? 'test'}.${zone}`, unlisted: `invalid.${zone}` }
    : { listed: `2.0.0.127.${zone}`, unlisted: `1.0.0.127.${zone}` }
}

export type ListAnswer =
  | { readonly kind: 'listed'; readonly codes: readonly string[]; readonly meaning: string | null }
  | { readonly kind: 'not_listed' }
  | { readonly kind: 'refused'; readonly codes: readonly string[] }
  | { readonly kind: 'unanswered'; readonly why: string }

/** Reads the addresses of an answer. Only 127.0.0.0/8 outside of its refusals is a listing: anything else is a resolver or a parked domain that lies. */
export function readAnswer(
  { meanings = {}, refusals = [] }: Pick<Blocklist, 'meanings' | 'refusals'>,
  codes: readonly string[],
): ListAnswer {
  const isRefusal = (code: string) => code.startsWith('127.255.255.') || refusals.includes(code)
  const isListing = (code: string) => code.startsWith('127.') && !isRefusal(code) && !code.startsWith('127.255.')
  const listings = codes.filter(isListing).slice(0, 20)
  if (listings.length === 0) return codes.length === 0 ? { kind: 'not_listed' } : { kind: 'refused', codes: codes.slice(0, 20) }
  const meaning = [...new Set(listings.flatMap((code) => meanings[code] ?? []))].join('; ')
  return { kind: 'listed', codes: listings, meaning: meaning || null }
}

/** `reason`: what the list's TXT record says, if it has one. */
export function judgeListing(list: Blocklist, subject: string, answer: ListAnswer, reason: string | null): Judgement {
  const evidence = { zone: list.zone, ...('codes' in answer && { codes: answer.codes }), ...(reason && { reason }) }
  switch (answer.kind) {
    case 'not_listed':
      return { state: 'good', sentence: `${subject} is not on ${list.name}.`, hint: '', evidence }
    case 'listed':
      return {
        state: list.weight === 'heavy' ? 'bad' : 'warning',
        sentence: `${subject} is on ${list.name}${answer.meaning ? ` (${answer.meaning})` : ''}${reason ? `: ${reason.replace(/[.\s]+$/, '')}` : ''}.`,
        hint: `Find and stop what caused it first: who is taken off and goes on is listed again for longer. Then ask at ${list.removal}.`,
        evidence: { ...evidence, removal: list.removal },
      }
    case 'refused':
      return {
        state: 'unknown',
        sentence: `${list.name} does not answer this server's resolver (${answer.codes.join(', ')}). This is no listing.`,
        hint: 'Lists refuse public resolvers and hosts that ask too much. A resolver of your own is answered.',
        evidence,
      }
    case 'unanswered':
      return {
        state: 'unknown',
        sentence: `${list.name} could not be asked about ${subject}: ${answer.why}.`,
        hint: '',
        evidence,
      }
  }
}
