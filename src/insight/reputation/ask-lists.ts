import type { Resolver } from '../../dns/resolver.ts'
import { type ListAnswer, readAnswer, trialsOf } from './blocklist-answer.ts'
import type { Blocklist } from './blocklists.ts'

const REASON_MAX = 300

/** A list that does not list what every list must, or lists what none may, is asked nothing: its answers mean nothing (RFC 5782 §5). */
export async function listsThatWork(resolver: Resolver, lists: readonly Blocklist[]): Promise<Blocklist[]> {
  const working: Blocklist[] = []
  for (const list of lists) {
    const { listed, unlisted } = trialsOf(list)
    const [yes, no] = [await askList(resolver, list, listed), await askList(resolver, list, unlisted)]
    // Some lists refuse to be tried and still answer; only a plain contradiction disqualifies.
    if (yes.kind !== 'not_listed' && no.kind !== 'listed') working.push(list)
  }
  return working
}

export async function askList(resolver: Resolver, list: Blocklist, question: string): Promise<ListAnswer> {
  const answer = await resolver.addressesOf(question, 4)
  if (answer.ok)
    return readAnswer(
      list,
      answer.found.map(({ address }) => address),
    )
  return answer.kind === 'nxdomain' || answer.kind === 'nodata'
    ? { kind: 'not_listed' }
    : { kind: 'unanswered', why: answer.message }
}

/** Why, in the list's own words. */
export async function reasonOf(resolver: Resolver, question: string): Promise<string | null> {
  const answer = await resolver.txt(question)
  const text = answer.ok ? answer.found[0]?.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim() : ''
  return text ? text.slice(0, REASON_MAX) : null
}
