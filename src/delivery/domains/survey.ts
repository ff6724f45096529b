import type { Resolver } from '../../dns/resolver.ts'
import type { CheckResult } from './check.ts'
import { type DkimKey, isToBePublished } from './dkim-key.ts'
import { walkDmarc } from './dmarc-walk.ts'
import type { Domain } from './domain.ts'
import { judgeDmarc, judgeKey, judgeMtaSts, judgeReturnPath, judgeTlsReports, judgeTracking } from './judge.ts'
import { judgeSpf } from './judge-spf.ts'
import { isPossible, type Publishing } from './records.ts'
import { walkSpf } from './spf-walk.ts'

export type Surveyed = Pick<Domain, 'name' | 'returnPathHost' | 'trackingHost'>

/** Looks up every record of a domain and judges it. Asks the network; never rejects. */
export async function surveyDomain(
  resolver: Resolver,
  { name, returnPathHost, trackingHost }: Surveyed,
  keys: readonly DkimKey[],
  publishing: Publishing,
): Promise<CheckResult[]> {
  const spfAt = async (domain: string) => judgeSpf(await walkSpf(resolver, domain), publishing.spf, resolver)
  const [own, spf, dmarc, mx, alias, bounceSpf, tracking, mtaSts, tlsReports] = await Promise.all([
    Promise.all(
      keys.filter(isToBePublished).map(async (key) => ({
        subject: `dkim:${key.selector}`,
        ...judgeKey(key, await resolver.txt(`${key.selector}._domainkey.${name}`)),
      })),
    ),
    spfAt(name),
    walkDmarc(resolver, name),
    resolver.mx(returnPathHost),
    resolver.cname(returnPathHost),
    spfAt(returnPathHost),
    trackingAnswers(resolver, trackingHost, publishing.webHost),
    resolver.txt(`_mta-sts.${name}`),
    resolver.txt(`_smtp._tls.${name}`),
  ])
  const all: CheckResult[] = [
    ...own,
    { subject: 'spf', ...spf },
    { subject: 'dmarc', ...judgeDmarc(dmarc) },
    { subject: 'return_path', ...judgeReturnPath(publishing.mailHost, mx, alias) },
    { subject: 'return_path_spf', ...bounceSpf },
    { subject: 'tracking', ...judgeTracking(publishing.webHost, tracking) },
    { subject: 'mta_sts', ...judgeMtaSts(mtaSts) },
    { subject: 'tls_rpt', ...judgeTlsReports(tlsReports) },
  ]
  return all.filter(({ subject }) => isPossible(subject, publishing))
}

async function trackingAnswers(resolver: Resolver, host: string, webHost: string) {
  const [cname, own, target] = await Promise.all([resolver.cname(host), resolver.addresses(host), resolver.addresses(webHost)])
  return { cname, own, target }
}
