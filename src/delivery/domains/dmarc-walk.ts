import type { Lookup, Resolver } from '../../dns/resolver.ts'
import { dmarcTexts, endsWalk, type Found, organisationalDomain, parseDmarc, treeWalk } from '../../mail/records/dmarc.ts'

export interface DmarcWalk {
  readonly domain: string
  /** From the domain itself upwards. */
  readonly found: readonly (Found & { readonly text: string })[]
  /** At the domain itself: every text that calls itself DMARC, and why the one there cannot be read. */
  readonly own: { readonly texts: readonly string[]; readonly why: string | null }
  readonly organisation: string
  /** What could not be asked. */
  readonly unanswered: readonly string[]
}

/** The DNS tree walk (RFC 9989 §4.10): at most eight questions, all asked together. */
export async function walkDmarc(resolver: Resolver, domain: string): Promise<DmarcWalk> {
  const names = treeWalk(domain)
  const answers = await Promise.all(names.map((name) => resolver.txt(`_dmarc.${name}`)))
  const found: (Found & { text: string })[] = []
  const unanswered: string[] = []
  let own: DmarcWalk['own'] = { texts: [], why: null }
  for (const [index, answer] of answers.entries()) {
    const name = names[index] ?? domain
    if (isUnanswered(answer)) unanswered.push(answer.message)
    const texts = answer.ok ? dmarcTexts(answer.found) : []
    const [text] = texts
    const read = text !== undefined && texts.length === 1 ? parseDmarc(text) : null
    if (index === 0) own = { texts, why: read && !read.ok ? read.why : null }
    if (!read?.ok || text === undefined) continue
    found.push({ domain: name, dmarc: read.dmarc, text })
    if (endsWalk(read.dmarc)) break
  }
  return { domain, found, own, organisation: organisationalDomain(domain, found), unanswered }
}

function isUnanswered(answer: Lookup<unknown>): answer is Extract<Lookup<unknown>, { ok: false }> {
  return !answer.ok && (answer.kind === 'servfail' || answer.kind === 'timeout')
}
