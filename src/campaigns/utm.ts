import { isUnsubscribeLink } from '../tracking/unsubscribe.ts'

/** Where people came from, as programs that count visits read it in a link. Empty ones are left out. */
export interface Utm {
  readonly source: string
  readonly medium: string
  readonly campaign: string
  readonly content: string
  readonly term: string
  /** Links to these hosts, and to hosts under them; null: to all. */
  readonly domains: readonly string[] | null
}

export const UTM_KEYS = ['source', 'medium', 'campaign', 'content', 'term'] as const
export const MAX_UTM_VALUE = 200
export const MAX_UTM_DOMAINS = 50

export interface UtmProblem {
  readonly pointer: string
  readonly sentence: string
}

/** Everything that is wrong with it. */
export function utmProblems(utm: Utm): UtmProblem[] {
  const values = UTM_KEYS.flatMap((key): UtmProblem[] => {
    const value = utm[key]
    if (value.length > MAX_UTM_VALUE)
      return [{ pointer: `/utm/${key}`, sentence: `This is longer than ${MAX_UTM_VALUE} characters.` }]
    if (/\{\{|\{%/.test(value))
      return [{ pointer: `/utm/${key}`, sentence: 'This is the same for everybody: fields of people cannot stand in it.' }]
    return /[\p{Cc}]/u.test(value) ? [{ pointer: `/utm/${key}`, sentence: 'This contains a control character.' }] : []
  })
  const domains = (utm.domains ?? []).flatMap((domain, i): UtmProblem[] =>
    DOMAIN.test(domain)
      ? []
      : [{ pointer: `/utm/domains/${i}`, sentence: `“${domain.slice(0, 100)}” is no domain, such as example.com.` }],
  )
  if (UTM_KEYS.every((key) => utm[key] === ''))
    return [
      ...values,
      ...domains,
      { pointer: '/utm/source', sentence: 'At least one of the values is needed; the source is the usual one.' },
    ]
  return [...values, ...domains]
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9\u0080-\uffff](?:[a-z0-9.\u0080-\uffff-]*[a-z0-9\u0080-\uffff])?$/i

export interface UtmPlace {
  readonly utm: Utm
  /** Where people reach us: links to leave, to preferences and to the archive are no visits. */
  readonly url: string
}

/** Ways of ours that lead a person off a list, to their preferences, or to this same mail. */
const OWN_PATHS = ['/u/', '/p/', '/a/'] as const

/**
 * A link with the values in it; the same where it is none of the web's, leads elsewhere than wanted, or has them already. What stands in it otherwise
 * is not touched: neither the order nor the writing of its query, nor its fragment. `words`: what the link says.
 */
export function withUtm(link: string, { utm, url }: UtmPlace, words = ''): string {
  const found = /^(https?:\/\/)([^/?#\s\\]+)([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(link)
  if (!found) return link
  const [, scheme = '', authority = '', path = '', query = '', fragment = ''] = found
  const host = authority.replace(/^.*@/, '').replace(/:\d*$/, '').toLowerCase()
  if (!isWanted(host, utm.domains) || isUnsubscribeLink(link, words) || isOwnWay(`${scheme}${authority}${path}`, url)) return link
  const there = new Set(
    query
      .slice(1)
      .split(/[&;]/)
      .map((pair) => (pair.split('=')[0] ?? '').toLowerCase()),
  )
  const added = UTM_KEYS.filter((key) => utm[key] !== '' && !there.has(`utm_${key}`)).map(
    (key) => `utm_${key}=${encodeURIComponent(utm[key].trim())}`,
  )
  if (added.length === 0) return link
  const joint = query === '' ? '?' : query === '?' || /[&;]$/.test(query) ? '' : '&'
  return `${scheme}${authority}${path}${query}${joint}${added.join('&')}${fragment}`
}

function isWanted(host: string, domains: Utm['domains']): boolean {
  return domains === null || domains.some((domain) => host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`))
}

function isOwnWay(link: string, url: string): boolean {
  return OWN_PATHS.some((path) => link.toLowerCase().startsWith(`${url.toLowerCase()}${path}`))
}
