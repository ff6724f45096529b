import { type DomainExam, darkness } from './exam.ts'
import type { DomainFinding } from './report.ts'

const SERVERS_MAX = 6

/** Every name server of the zone answers, and all say the same of SPF. */
export async function checkNameServers({ domain, resolver, reach }: DomainExam): Promise<DomainFinding> {
  const zone = await zoneOf(domain, resolver)
  if ('status' in zone) return zone
  const servers = zone.servers.slice(0, SERVERS_MAX)
  const said = await Promise.all(
    servers.map(async (name) => {
      const addresses = await resolver.addresses(name)
      const [address] = addresses.ok ? addresses.found : []
      if (!address) return { name, silent: true, text: '' }
      const answer = await reach.at(address.address).txt(domain)
      const silent = !answer.ok && (answer.kind === 'timeout' || answer.kind === 'servfail')
      return { name, silent, text: answer.ok ? answer.found.toSorted().join('\n') : '' }
    }),
  )
  const found = servers.map((name) => `NS ${name}`)
  const silent = said.filter((each) => each.silent).map(({ name }) => name)
  if (silent.length === servers.length) return { status: 'fail', evidence: 'None of its name servers answers.', found }
  if (silent.length > 0)
    return { status: 'fail', evidence: `${silent.join(', ')} does not answer: some receivers find nothing.`, found }
  if (new Set(said.map(({ text }) => text)).size > 1)
    return {
      status: 'warn',
      evidence: 'Its name servers say different things: a change is still under way, or one of them is not kept up.',
      found,
    }
  if (servers.length < 2)
    return { status: 'warn', evidence: 'There is one name server only: when it is down, so is the domain.', found }
  return { status: 'ok', evidence: `All ${servers.length} name servers answer, and agree.`, found }
}

/** The nearest name at or above the domain that has name servers of its own. */
async function zoneOf(domain: string, { ns }: DomainExam['resolver']): Promise<{ servers: readonly string[] } | DomainFinding> {
  const labels = domain.split('.')
  for (let at = 0; at < labels.length - 1 && at < 6; at++) {
    const answer = await ns(labels.slice(at).join('.'))
    if (answer.ok) return { servers: answer.found }
    const dark = darkness([answer])
    if (dark) return dark
  }
  return { status: 'fail', evidence: 'No name servers are known for it: the domain does not exist, or is not delegated.' }
}
