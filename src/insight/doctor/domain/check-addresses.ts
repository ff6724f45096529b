import { askList, listsThatWork } from '../../reputation/ask-lists.ts'
import { judgeListing, questionOf } from '../../reputation/blocklist-answer.ts'
import { BLOCKLISTS } from '../../reputation/blocklists.ts'
import { type DomainExam, darkness, skip } from './exam.ts'
import type { DomainFinding } from './report.ts'

const NO_ADDRESSES = 'No address of ours sends for it directly: the servers of the route answer for theirs.'

/** Each address has a name, the name leads back to it, and it is the name that is said in EHLO. */
export async function checkReverseDns({ addresses, heloName, resolver }: DomainExam): Promise<DomainFinding> {
  if (addresses.length === 0) return skip(NO_ADDRESSES)
  const looked = await Promise.all(
    addresses.map(async (address) => {
      const ptr = await resolver.ptr(address)
      const names = ptr.ok ? ptr.found.slice(0, 5) : []
      const forward = await Promise.all(names.map((name) => resolver.addresses(name)))
      const confirmed = names.filter((_, index) => {
        const answer = forward[index]
        return answer?.ok === true && answer.found.some((each) => each.address === address)
      })
      return { address, names, confirmed, dark: darkness([ptr, ...(confirmed.length > 0 ? [] : forward)]) }
    }),
  )
  const found = looked.flatMap(({ address, names }) => names.map((name) => `PTR ${address} ${name}`))
  const dark = looked.find((each) => each.dark)
  if (dark?.dark) return { ...dark.dark, found }
  const unnamed = looked.find(({ names }) => names.length === 0)
  if (unnamed)
    return {
      status: 'fail',
      evidence: `${unnamed.address} has no name. Whoever owns the address (the hosting provider) sets it.`,
      found,
    }
  const astray = looked.find(({ confirmed }) => confirmed.length === 0)
  if (astray)
    return {
      status: 'fail',
      evidence: `${astray.address} is called ${astray.names[0]}, but that name does not lead back to it.`,
      found,
    }
  const other = heloName === null ? undefined : looked.find(({ confirmed }) => !confirmed.includes(heloName))
  if (other)
    return {
      status: 'warn',
      evidence: `${other.address} is called ${other.confirmed[0]}, and says ${heloName} of itself. Set the name of the route to match.`,
      found,
    }
  return {
    status: 'ok',
    evidence: `${looked.length === 1 ? 'Its address has' : 'All addresses have'} a name that leads back.`,
    found,
  }
}

const ADDRESSES_MAX = 4

/** Blocklists (RFC 5782) of the addresses that send, and of the domain itself. */
export async function checkBlocklists({ domain, addresses, resolver }: DomainExam): Promise<DomainFinding> {
  // A resolver that denies everything denies listings, too: what it says of the lists' own trial entries tells (RFC 5782 §5).
  const lists = (await Promise.all(BLOCKLISTS.map((list) => listsThatWork(resolver, [list])))).flat()
  const questions = [domain, ...addresses.slice(0, ADDRESSES_MAX)].flatMap((subject) =>
    lists.flatMap((list) => {
      const question = questionOf(list, subject)
      return question === null ? [] : [{ list, subject, question }]
    }),
  )
  const asked = await Promise.all(
    questions.map(async ({ list, subject, question }) => {
      const answer = await askList(resolver, list, question)
      return { list, kind: answer.kind, ...judgeListing(list, subject, answer, null) }
    }),
  )
  const listed = asked.filter(({ kind }) => kind === 'listed')
  const silent = asked.filter(({ state }) => state === 'unknown')
  if (listed.length > 0) {
    const isHeavy = listed.some(({ list }) => list.weight === 'heavy')
    const evidence = listed.map(({ sentence, hint }) => `${sentence} ${hint}`).join(' ')
    return { status: isHeavy ? 'fail' : 'warn', evidence, found: listed.map(({ sentence }) => sentence) }
  }
  if (silent.length === asked.length)
    return {
      status: 'error',
      evidence:
        'No list answers these name servers as it has to: large public resolvers are refused, and some deny everything. Use a resolver of your own.',
    }
  const broken = BLOCKLISTS.filter((list) => !lists.includes(list))
  const names = new Set([...silent.map(({ list }) => list), ...broken].map(({ name }) => name))
  const dark = names.size > 0 ? ` ${[...names].join(', ')} did not answer as a list has to.` : ''
  return { status: 'ok', evidence: `Asked ${asked.length - silent.length} times, listed nowhere.${dark}` }
}
