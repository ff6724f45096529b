import type { Resolver } from '../../../dns/resolver.ts'
import { SECOND } from '../../../lib/clock.ts'
import { inTime } from '../../../lib/wait.ts'
import { askList, listsThatWork, reasonOf } from '../../reputation/ask-lists.ts'
import { judgeListing, questionOf } from '../../reputation/blocklist-answer.ts'
import type { Blocklist } from '../../reputation/blocklists.ts'
import type { Judgement } from '../../reputation/finding.ts'
import type { Finding } from '../report.ts'

const LIST_MS = 15 * SECOND

interface Heard {
  readonly list: Blocklist
  readonly judged: Pick<Judgement, 'state' | 'sentence' | 'hint'>
}

/** All lists at once, since somebody waits; each is asked no more than the regular look asks it. */
export async function judgeLists(address: string, lists: readonly Blocklist[], resolver: Resolver): Promise<Finding> {
  const asked = lists.filter((list) => questionOf(list, address) !== null)
  const heard = await Promise.all(asked.map((list) => askOne(list, address, resolver)))
  const of = (...states: Judgement['state'][]) => heard.filter(({ judged }) => states.includes(judged.state))
  const listings = of('bad', 'warning')
  const evidence = [told('On', listings), told('Not on', of('good')), ...of('unknown').map(({ judged }) => judged.sentence)]
    .join(' ')
    .trim()
  if (listings.length > 0) {
    const cause = listings
      .slice(0, 3)
      .map(({ judged }) => `${judged.sentence} ${judged.hint}`)
      .join(' ')
    return { status: of('bad').length > 0 ? 'fail' : 'warn', evidence, cause }
  }
  return {
    status: of('good').length > 0 ? 'ok' : 'skip',
    evidence: evidence || 'No list is known that answers for such addresses.',
  }
}

async function askOne(list: Blocklist, address: string, resolver: Resolver): Promise<Heard> {
  const judged = await inTime(judgeOne(list, address, resolver), LIST_MS)
  const late = { state: 'unknown', sentence: `${list.name} did not answer in time.`, hint: '' } as const
  return { list, judged: judged ?? late }
}

async function judgeOne(list: Blocklist, address: string, resolver: Resolver): Promise<Heard['judged']> {
  const question = questionOf(list, address) ?? ''
  if ((await listsThatWork(resolver, [list])).length === 0)
    return {
      state: 'unknown',
      sentence: `${list.name} does not work at present: it does not list what every list must.`,
      hint: '',
    }
  const answer = await askList(resolver, list, question)
  return judgeListing(list, address, answer, answer.kind === 'listed' ? await reasonOf(resolver, question) : null)
}

function told(word: string, heard: readonly Heard[]): string {
  return heard.length === 0 ? '' : `${word}: ${heard.map(({ list }) => list.name).join(', ')}.`
}
