import ipaddr from 'ipaddr.js'
import type { Lookup, Resolver } from '../../dns/resolver.ts'
import { parseSpf, type SpfMechanism, type SpfTerm, spfTexts } from '../../mail/records/spf.ts'

/** A record with everything it refers to. */
export interface SpfNode {
  readonly domain: string
  readonly text: string
  readonly terms: readonly SpfBranch[]
  readonly redirect: SpfNode | null
}

export interface SpfBranch extends SpfTerm {
  readonly child: SpfNode | null
  readonly networks: readonly string[]
}

export interface SpfWalk {
  /** The SPF records of the domain itself; one, if all is well. */
  readonly texts: readonly string[]
  readonly root: SpfNode | null
  /** Questions that count towards the limit of ten (RFC 7208 §4.6.4), and those that found nothing. */
  readonly lookups: number
  readonly voids: number
  /** What makes receivers give the record up. */
  readonly faults: readonly string[]
  /** What could not be asked; then nothing that is missing says anything. */
  readonly unanswered: readonly string[]
}

export const MAX_LOOKUPS = 10
export const MAX_VOIDS = 2
/** Beyond the limit it is wrong anyway; some more are counted, so that one sees by how much. */
const MAX_QUESTIONS = 30
const MAX_MX_HOSTS = 10

type Asking = {
  readonly resolver: Resolver
  lookups: number
  voids: number
  readonly faults: string[]
  readonly unanswered: string[]
}

/** Follows a domain's SPF record to its ends, as the most thorough receiver would: every branch, whether it matches or not. */
export async function walkSpf(resolver: Resolver, domain: string): Promise<SpfWalk> {
  const asking: Asking = { resolver, lookups: 0, voids: 0, faults: [], unanswered: [] }
  const answer = await resolver.txt(domain)
  const texts = answer.ok ? spfTexts(answer.found) : []
  if (isUnanswered(answer)) asking.unanswered.push(answer.message)
  const [text] = texts
  const root = text !== undefined && texts.length === 1 ? await nodeOf(asking, domain, text, [domain]) : null
  const { lookups, voids, faults, unanswered } = asking
  return { texts, root, lookups, voids, faults, unanswered }
}

async function nodeOf(asking: Asking, domain: string, text: string, way: readonly string[]): Promise<SpfNode> {
  const spf = parseSpf(text)
  if (!spf.ok) {
    asking.faults.push(`the SPF record of ${domain} cannot be read: ${spf.why}`)
    return { domain, text, terms: [], redirect: null }
  }
  // One after the other: the limit counts in the order in which a receiver asks.
  const terms: SpfBranch[] = []
  for (const term of spf.terms) terms.push(await branchOf(asking, domain, term, way))
  const hasAll = spf.terms.some(({ mechanism }) => mechanism === 'all')
  const redirect = spf.redirect !== null && !hasAll ? await childOf(asking, spf.redirect, 'redirect', way) : null
  return { domain, text, terms, redirect }
}

async function branchOf(asking: Asking, domain: string, term: SpfTerm, way: readonly string[]): Promise<SpfBranch> {
  const none = { ...term, child: null, networks: [] }
  const target = term.value ?? domain
  switch (term.mechanism) {
    case 'all':
      return none
    case 'ip4':
    case 'ip6':
      return { ...none, networks: networkOf(asking, target, term) }
    case 'include':
      return { ...none, child: await childOf(asking, target, 'include', way) }
    case 'a':
      if (!mayAsk(asking) || target.includes('%')) return none
      return { ...none, networks: await addressesOf(asking, target, term) }
    case 'mx':
      if (!mayAsk(asking) || target.includes('%')) return none
      return { ...none, networks: await exchangersOf(asking, target, term) }
    case 'ptr':
    case 'exists':
      mayAsk(asking)
      return none
  }
}

function mayAsk(asking: Asking): boolean {
  asking.lookups += 1
  return asking.lookups <= MAX_QUESTIONS
}

/** RFC 7208 §5.2: what is included has to have exactly one record that can be read. A macro in the name depends on the mail. */
async function childOf(
  asking: Asking,
  domain: string,
  how: 'include' | 'redirect',
  way: readonly string[],
): Promise<SpfNode | null> {
  if (!mayAsk(asking) || domain.includes('%')) return null
  if (way.includes(domain)) {
    asking.faults.push(`${how === 'include' ? 'include:' : 'redirect='}${domain} leads in a circle`)
    return null
  }
  const answer = await asking.resolver.txt(domain)
  if (isUnanswered(answer)) {
    asking.unanswered.push(answer.message)
    return null
  }
  if (!answer.ok) asking.voids += 1
  const texts = answer.ok ? spfTexts(answer.found) : []
  const [text] = texts
  if (text === undefined || texts.length > 1) {
    asking.faults.push(
      `${how === 'include' ? 'include:' : 'redirect='}${domain}, which has ${texts.length === 0 ? 'no' : 'more than one'} SPF record`,
    )
    return null
  }
  return nodeOf(asking, domain, text, [...way, domain])
}

async function addressesOf(asking: Asking, host: string, term: SpfTerm): Promise<string[]> {
  const answer = await asking.resolver.addresses(host)
  if (isUnanswered(answer)) asking.unanswered.push(answer.message)
  else if (!answer.ok) asking.voids += 1
  return answer.ok ? answer.found.flatMap(({ address }) => networkOf(asking, address, term)) : []
}

async function exchangersOf(asking: Asking, domain: string, term: SpfTerm): Promise<string[]> {
  const answer = await asking.resolver.mx(domain)
  if (isUnanswered(answer)) asking.unanswered.push(answer.message)
  else if (!answer.ok) asking.voids += 1
  if (!answer.ok) return []
  const hosts = answer.found.filter(({ host }) => host !== '').slice(0, MAX_MX_HOSTS)
  const found = await Promise.all(hosts.map(({ host }) => asking.resolver.addresses(host)))
  return found.flatMap((each) => (each.ok ? each.found.flatMap(({ address }) => networkOf(asking, address, term)) : []))
}

function networkOf(asking: Asking, address: string, { prefix, mechanism }: SpfTerm): string[] {
  const isRight = mechanism === 'ip4' ? ipaddr.IPv4.isValidFourPartDecimal(address) : ipaddr.isValid(address)
  if (!isRight) {
    asking.faults.push(`"${address}" is not an address`)
    return []
  }
  return [`${address}/${ipaddr.parse(address).kind() === 'ipv4' ? prefix.four : prefix.six}`]
}

function isUnanswered(answer: Lookup<unknown>): answer is Extract<Lookup<unknown>, { ok: false }> {
  return !answer.ok && (answer.kind === 'servfail' || answer.kind === 'timeout')
}

export type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral'
const RESULTS = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const

/** What a receiver says of mail from this address (RFC 7208 §4.6), as far as the record alone decides. */
export function resultFor(node: SpfNode, address: string): SpfResult {
  for (const term of node.terms) if (matches(term, address)) return RESULTS[term.qualifier]
  return node.redirect ? resultFor(node.redirect, address) : 'neutral'
}

function matches({ mechanism, child, networks }: SpfBranch, address: string): boolean {
  if (mechanism === 'all') return true
  if (mechanism === 'include') return child !== null && resultFor(child, address) === 'pass'
  const parsed = ipaddr.process(address)
  return networks.some((network) => {
    const [base, length] = ipaddr.parseCIDR(network)
    return base.kind() === parsed.kind() && parsed.match(base, length)
  })
}

/** Whether the record, or one that it includes, has this very mechanism. */
export function hasTerm(node: SpfNode, mechanism: SpfMechanism, value: string | null): boolean {
  const here = node.terms.some((term) => term.qualifier === '+' && term.mechanism === mechanism && term.value === value)
  return here || childrenOf(node).some((child) => hasTerm(child, mechanism, value))
}

function childrenOf({ terms, redirect }: SpfNode): SpfNode[] {
  const children = terms.filter(({ qualifier }) => qualifier === '+').map(({ child }) => child)
  return [...children, redirect].filter((child) => child !== null)
}
