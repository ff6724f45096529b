import { isPublicName } from '../../../delivery/domains/hosts.ts'
import type { Resolver } from '../../../dns/resolver.ts'
import { isPrivateAddress } from '../../../net/private-address.ts'
import { heloProblem } from '../lint-identity.ts'
import type { Finding, Fix } from '../report.ts'
import { listed, shown } from '../text.ts'

/**
 * RFC 5321 §4.1.4: the name in EHLO leads to this machine. Strangers are looked at more closely than customers of a relay: many receivers
 * refuse a name that is none, or that the DNS does not know. `better`: names that our addresses have, and that lead back to them.
 */
export async function judgeName(
  heloName: string,
  isSet: boolean,
  better: readonly string[],
  resolver: Resolver,
): Promise<Finding> {
  const said = `EHLO ${shown(heloName, 100)}`
  const fixes = better
    .filter((name) => name.toLowerCase() !== heloName.toLowerCase())
    .map(announce)
    .slice(0, 1)
  const wrong = (evidence: string, why: string): Finding => ({
    status: 'fail',
    evidence,
    cause: `${why} ${isSet ? 'Change the name in the settings of this route' : 'Set a name in the settings of this route'} to one that the DNS knows, best the one that the sending address is called by.`,
    fixes,
  })
  const problem = isPublicName(heloName) && !heloName.startsWith('[') ? heloProblem(heloName) : whyNotPublic(heloName, isSet)
  if (problem !== null) return wrong(said, `${problem} Many receivers refuse it.`)

  // The name servers alone: most machines find their own name in their hosts file.
  const answers = await Promise.all([resolver.addressesOf(heloName, 4), resolver.addressesOf(heloName, 6)])
  const addresses = answers.flatMap((answer) => (answer.ok ? answer.found.map(({ address }) => address) : []))
  const evidence = addresses.length > 0 ? `${said}: ${listed(addresses.slice(0, 8))}` : `${said}: no address`
  if (addresses.some((address) => !isPrivateAddress(address))) return { status: 'ok', evidence }
  if (addresses.length > 0)
    return wrong(evidence, `The name ${heloName} leads to private addresses, which nobody outside can follow.`)
  const silent = answers.find((answer) => !answer.ok && (answer.kind === 'timeout' || answer.kind === 'servfail'))
  if (silent && !silent.ok) return { status: 'skip', evidence: `${said}: it could not be looked up (${silent.message}).` }
  return wrong(evidence, `The DNS does not know the name ${heloName}, and many receivers refuse a name that leads nowhere.`)
}

function whyNotPublic(heloName: string, isSet: boolean): string {
  return isSet
    ? `"${shown(heloName, 100)}" is no public name.`
    : `This machine has no full name such as mail.example.com, so it calls itself ${shown(heloName, 100)}.`
}

function announce(name: string): Fix {
  return { label: `Announce ${shown(name, 80)}`, patch: { helo_name: name } }
}
