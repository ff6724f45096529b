import { listings } from './blocklists.ts'
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

/** Blocklists (RFC 5782) of the addresses that send, and of the domain itself. */
export async function checkBlocklists({ domain, addresses, resolver }: DomainExam): Promise<DomainFinding> {
  const { listed, refused, asked } = await listings(resolver, { domain, addresses })
  const found = listed.map(({ list, subject, code }) => `${subject} on ${list} (${code})`)
  if (listed.length > 0)
    return { status: 'fail', evidence: `Listed: ${found.join(', ')}. Ask the list to take it off once the cause is gone.`, found }
  if (refused.length === asked)
    return {
      status: 'error',
      evidence: 'The lists do not answer these name servers: large public resolvers are refused. Use a resolver of your own.',
    }
  const dark = refused.length > 0 ? ` ${refused.join(', ')} did not answer.` : ''
  return { status: 'ok', evidence: `On none of ${asked - refused.length} lists.${dark}` }
}
