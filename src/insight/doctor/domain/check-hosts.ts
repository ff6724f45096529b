import { isPublicName } from '../../../delivery/domains/hosts.ts'
import { judgeReturnPath, judgeTracking } from '../../../delivery/domains/judge.ts'
import { judgeSpf } from '../../../delivery/domains/judge-spf.ts'
import { walkSpf } from '../../../delivery/domains/spf-walk.ts'
import { type DomainExam, darkness, skip } from './exam.ts'
import type { DomainFinding } from './report.ts'

/** Where bounces go, whether SPF passes there, and whether our own server takes one. */
export async function checkReturnPath({ resolver, ours, reach }: DomainExam): Promise<DomainFinding> {
  if (!ours)
    return skip('The return path stands in the Return-Path of a mail that arrived. Add the domain to have one of its own.')
  const { returnPathHost: host, publishing, returnPathAddress } = ours
  if (!isPublicName(publishing.mailHost)) return skip('Others reach this server under no name yet: set WAYBILL_MAIL_HOST.')
  const [mx, cname] = await Promise.all([resolver.mx(host), resolver.cname(host)])
  const { status, sentence, found } = judgeReturnPath(publishing.mailHost, mx, cname)
  const record = { type: 'MX' as const, name: host, value: `10 ${publishing.mailHost}` }
  if (status === 'error') return { status: 'error', evidence: sentence, found }
  if (status === 'missing')
    return { status: 'warn', evidence: `${sentence} The sender that was given is used instead.`, found, record }
  if (status !== 'correct') return { status: 'fail', evidence: sentence, found, record }
  const spf = await judgeSpf(await walkSpf(resolver, host), publishing.spf, resolver)
  if (spf.status !== 'correct' && spf.status !== 'error') {
    const text = { type: 'TXT' as const, name: host, value: spf.publish ?? '' }
    return {
      status: 'warn',
      evidence: `${sentence} SPF at ${host}: ${spf.sentence}`,
      found: [...found, ...spf.found],
      record: text,
    }
  }
  const trial = await reach.trial(publishing.mailHost, returnPathAddress)
  const evidence = `${sentence} ${trial.evidence}`
  return {
    status: trial.status === 'ok' ? 'ok' : trial.status === 'fail' ? 'fail' : 'warn',
    evidence,
    found: [...found, ...spf.found],
  }
}

/** Whether the domain takes replies. */
export async function checkMx({ domain, resolver }: DomainExam): Promise<DomainFinding> {
  const mx = await resolver.mx(domain)
  const dark = darkness([mx])
  if (dark) return dark
  const hosts = mx.ok ? mx.found : []
  const found = hosts.map(({ preference, host }) => `MX ${preference} ${host || '.'}`)
  if (hosts.length === 1 && hosts[0]?.host === '')
    return {
      status: 'fail',
      evidence: 'The domain says that it takes no mail (null MX, RFC 7505): many receivers refuse mail from it.',
      found,
    }
  if (hosts.length === 0) {
    const address = await resolver.addresses(domain)
    return address.ok
      ? {
          status: 'warn',
          evidence: 'There is no MX record. Replies go to the address of the domain itself, which may take none.',
          found: address.found.map((each) => `A ${each.address}`),
        }
      : (darkness([address]) ?? {
          status: 'fail',
          evidence: 'The domain has neither an MX record nor an address: replies reach nobody.',
        })
  }
  const reachable = await Promise.all(hosts.slice(0, 5).map(({ host }) => resolver.addresses(host)))
  if (!reachable.some(({ ok }) => ok))
    return darkness(reachable) ?? { status: 'fail', evidence: 'None of its mail servers has an address.', found }
  return { status: 'ok', evidence: `Replies go to ${hosts.map(({ host }) => host).join(', ')}.`, found }
}

export async function checkTracking({ resolver, ours, reach }: DomainExam): Promise<DomainFinding> {
  if (!ours) return skip('The domain is not one of ours, so it has no host for links here.')
  const { trackingHost: host, publishing } = ours
  if (!isPublicName(publishing.webHost)) return skip('Others reach this server under no name yet: set WAYBILL_URL.')
  const [cname, own, target] = await Promise.all([
    resolver.cname(host),
    resolver.addresses(host),
    resolver.addresses(publishing.webHost),
  ])
  const { status, sentence, found } = judgeTracking(publishing.webHost, { cname, own, target })
  const record = { type: 'CNAME' as const, name: host, value: publishing.webHost }
  if (status === 'error') return { status: 'error', evidence: sentence, found }
  if (status === 'missing')
    return { status: 'skip', evidence: `${host} is not published. It is needed only where links are tracked.`, found, record }
  if (status !== 'correct') return { status: 'fail', evidence: sentence, found, record }
  const shown = await reach.certificate(host)
  return { status: shown.status === 'ok' ? 'ok' : 'warn', evidence: `${sentence} ${shown.evidence}`, found }
}
