import ipaddr from 'ipaddr.js'
import { addressesOf } from '../../delivery/providers/smtp/dial.ts'
import type { HostAddress } from '../../dns/resolver.ts'
import { type Examination, type Found, failureOf, findingOf } from './examination.ts'
import { nearestHost } from './presets.ts'
import type { Fix } from './report.ts'
import { isAddress, listed, shown } from './text.ts'

/** Name → addresses that may be dialled. */
export async function checkName(exam: Examination): Promise<Found<readonly HostAddress[]>> {
  const { host } = exam.input
  const usable = await addressesOf(exam.deps.resolver, { host, allowPrivate: exam.allowPrivate }, exam.limits.dns)
  if ('stage' in usable) {
    const failure = failureOf(exam, { address: null, port: exam.input.port }, usable)
    return {
      finding: findingOf(failure, {
        evidence: usable.kind === 'reply' ? '' : usable.message,
        fixes: fixesOf(host, failure.class),
      }),
      value: null,
    }
  }
  const dialled = usable.filter(({ address }) => !isLinkLocal(address))
  if (dialled.length === 0) {
    const cause =
      'Link-local addresses belong to the network itself (at cloud providers to their metadata service): no mail server lives there.'
    return { finding: { status: 'fail', evidence: evidenceOf(host, usable), cause }, value: null }
  }
  return { finding: { status: 'ok', evidence: evidenceOf(host, dialled) }, value: dialled }
}

function fixesOf(host: string, found: string): Fix[] {
  if (found === 'private_address_refused')
    return [{ label: 'Allow private addresses for this route', patch: { allow_private: true } }]
  const meant = found === 'dns_name_not_found' ? nearestHost(host) : null
  return meant ? [{ label: `Use ${meant}`, patch: { host: meant } }] : []
}

function evidenceOf(host: string, addresses: readonly HostAddress[]): string {
  const told = listed(addresses.map(({ address }) => address))
  if (isAddress(host)) return `${told} is an address already.`
  const seconds = Math.min(...addresses.map(({ ttlSeconds }) => ttlSeconds))
  return `${shown(host, 100)} is ${told} (for ${seconds} s).`
}

function isLinkLocal(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'linkLocal'
}
