import { isIP } from 'node:net'
import type { Resolver } from '../../dns/resolver.ts'
import { mergeSpf } from '../../mail/records/spf.ts'
import type { Finding } from './check.ts'
import { hasTerm, MAX_LOOKUPS, MAX_VOIDS, resultFor, type SpfNode, type SpfWalk } from './spf-walk.ts'

/** What a domain's SPF record is worth for the mechanisms that are needed (RFC 7208). */
export async function judgeSpf(walk: SpfWalk, needed: readonly string[], resolver: Resolver): Promise<Finding> {
  const { texts: found, root } = walk
  const [text = null] = found
  const publish = mergeSpf(found.length === 1 ? text : null, needed)
  const say = (status: Finding['status'], sentence: string): Finding => ({ status, sentence, found, publish })

  if (found.length > 1)
    return say('duplicate', `There are ${found.length} SPF records: receivers then read none of them. Make them one.`)
  const [unanswered] = walk.unanswered
  if (text === null && unanswered) return { ...say('error', `The DNS could not be asked: ${unanswered}.`) }
  if (text === null || !root) return say('missing', 'There is no SPF record.')
  const [fault] = walk.faults
  if (fault) return say('invalid', `Receivers give this record up: ${fault}.`)
  if (walk.lookups > MAX_LOOKUPS)
    return say(
      'invalid',
      `It needs ${walk.lookups} questions to the DNS; receivers give up after ${MAX_LOOKUPS}. Take out what no longer sends for you.`,
    )
  if (walk.voids > MAX_VOIDS)
    return say('invalid', `${walk.voids} of the names in it do not exist; receivers give up after ${MAX_VOIDS}.`)
  if (root.terms.some(({ mechanism, qualifier }) => mechanism === 'all' && qualifier === '+'))
    return say('insecure', 'It ends in +all: everybody may send for this domain.')
  const missing = await missingOf(root, needed, resolver)
  if (unanswered && missing.length > 0) return say('error', `The DNS could not be asked: ${unanswered}.`)
  if (missing.length > 0) return say('incomplete', `It leaves out ${missing.join(' and ')}, by which your mail leaves.`)
  return {
    status: 'correct',
    sentence: `It lets your routes send, with ${walk.lookups} of ${MAX_LOOKUPS} questions to the DNS.`,
    found,
  }
}

async function missingOf(root: SpfNode, needed: readonly string[], resolver: Resolver): Promise<string[]> {
  const covered = await Promise.all(needed.map((need) => isCovered(root, need, resolver)))
  return needed.filter((_, index) => !covered[index])
}

/** By the very mechanism, or because every address that it stands for passes anyway. */
async function isCovered(root: SpfNode, need: string, resolver: Resolver): Promise<boolean> {
  const colon = need.indexOf(':')
  const [name, value] = [need.slice(0, colon), need.slice(colon + 1)]
  if (name === 'include') return hasTerm(root, 'include', value)
  if (isIP(value)) return resultFor(root, value) === 'pass'
  if (hasTerm(root, 'a', value)) return true
  const answer = await resolver.addresses(value)
  return answer.ok && answer.found.every(({ address }) => resultFor(root, address) === 'pass')
}
