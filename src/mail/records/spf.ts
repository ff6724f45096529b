/** SPF records (RFC 7208): who may use a domain in MAIL FROM. */

export const SPF_MECHANISMS = ['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists'] as const
export type SpfMechanism = (typeof SPF_MECHANISMS)[number]
export type SpfQualifier = '+' | '-' | '~' | '?'

export interface SpfTerm {
  readonly qualifier: SpfQualifier
  readonly mechanism: SpfMechanism
  /** What stands after the colon; a network for ip4 and ip6. */
  readonly value: string | null
  readonly prefix: { readonly four: number; readonly six: number }
}

export type Spf =
  | { readonly ok: true; readonly terms: readonly SpfTerm[]; readonly redirect: string | null }
  | { readonly ok: false; readonly why: string }

/** Those of a name's texts that are SPF records (RFC 7208 §4.5). More than one is as bad as none. */
export function spfTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=spf1( |$)/i.test(text))
}

export function parseSpf(text: string): Spf {
  const terms: SpfTerm[] = []
  let redirect: string | null = null
  for (const word of text.trim().split(/ +/).slice(1)) {
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(word)
    if (modifier) {
      if (modifier[1]?.toLowerCase() !== 'redirect') continue
      if (redirect !== null) return { ok: false, why: 'redirect= stands in it twice' }
      redirect = (modifier[2] ?? '').toLowerCase()
      continue
    }
    const term = parseTerm(word)
    if (typeof term === 'string') return { ok: false, why: term }
    terms.push(term)
  }
  return { ok: true, terms, redirect }
}

function parseTerm(word: string): SpfTerm | string {
  const found = /^([+?~-])?([a-z0-9]+)(?::([^/]*))?(\/\d{1,3})?(?:\/(\/\d{1,3}))?$/i.exec(word)
  const mechanism = SPF_MECHANISMS.find((known) => known === found?.[2]?.toLowerCase())
  if (!found || !mechanism) return `"${word.slice(0, 60)}" is not a mechanism that SPF knows`
  const qualifier = (found[1] ?? '+') as SpfQualifier
  const value = found[3]?.toLowerCase() ?? null
  const prefix = { four: bits(found[4], 32), six: bits(mechanism === 'ip6' ? found[4] : found[5], 128) }
  if (prefix.four > 32 && mechanism !== 'ip6') return `"${word.slice(0, 60)}" has a network longer than an address`
  if (prefix.six > 128) return `"${word.slice(0, 60)}" has a network longer than an address`
  if (needsValue(mechanism) && !value) return `${mechanism}: has nothing after its colon`
  if (mechanism === 'all' && value !== null) return '"all" takes no value'
  return { qualifier, mechanism, value, prefix }
}

function bits(text: string | undefined, whole: number): number {
  return text === undefined ? whole : Number(text.replaceAll('/', ''))
}

function needsValue(mechanism: SpfMechanism): boolean {
  return mechanism === 'include' || mechanism === 'ip4' || mechanism === 'ip6' || mechanism === 'exists'
}

/**
 * What has to be published so that the needed mechanisms are there as well: what stands there already keeps its words and its place, what
 * is missing goes before the mechanism that ends it.
 */
export function mergeSpf(existing: string | null, needed: readonly string[]): string {
  // Where nothing is known of who sends, those that take its mail are the best guess; without any, all its mail would be disowned.
  if (existing === null) return ['v=spf1', ...(needed.length > 0 ? needed : ['mx']), '~all'].join(' ')
  const words = existing.trim().split(/ +/)
  const missing = needed.filter((need) => !words.some((word) => bare(word) === need))
  const end = words.findIndex((word) => /^[+?~-]?all$/i.test(word) || /^redirect=/i.test(word))
  const at = end === -1 ? words.length : end
  const last = words[at]?.toLowerCase()
  // `+all` lets the whole world in; nothing that we add would mean anything beside it.
  const tail = last === '+all' || last === 'all' ? ['~all', ...words.slice(at + 1)] : words.slice(at)
  return [...words.slice(0, at), ...missing, ...(end === -1 ? ['~all'] : tail)].join(' ')
}

function bare(word: string): string {
  return word.replace(/^\+/, '').toLowerCase()
}
