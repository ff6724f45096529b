import { walkDmarc } from '../../../delivery/domains/dmarc-walk.ts'
import { matchesPolicy, parsePolicy } from '../../../delivery/providers/mx/mta-sts.ts'
import { policyFor } from '../../../mail/records/dmarc.ts'
import {
  bimiTexts,
  mtaStsId,
  mtaStsTexts,
  parseBimi,
  tlsReportAddresses,
  tlsReportTexts,
} from '../../../mail/records/transport.ts'
import { type DomainExam, darkness, skip } from './exam.ts'
import type { DomainFinding } from './report.ts'

/** MTA-STS: record, policy, and whether the policy names the mail servers that are there. TLS reports beside it. */
export async function checkTransport({ domain, resolver, reach }: DomainExam): Promise<DomainFinding> {
  const [sts, reports, mx] = await Promise.all([
    resolver.txt(`_mta-sts.${domain}`),
    resolver.txt(`_smtp._tls.${domain}`),
    resolver.mx(domain),
  ])
  const dark = darkness([sts, reports, mx])
  if (dark) return dark
  const [stsText] = sts.ok ? mtaStsTexts(sts.found) : []
  const [reportText] = reports.ok ? tlsReportTexts(reports.found) : []
  const found = [stsText, reportText].filter((text) => text !== undefined)
  const wanted = { type: 'TXT' as const, name: `_smtp._tls.${domain}`, value: `v=TLSRPTv1; rua=mailto:postmaster@${domain}` }
  const asksReports = reportText !== undefined && tlsReportAddresses(reportText).length > 0
  if (stsText === undefined)
    return {
      status: 'warn',
      evidence: `There is no MTA-STS record${asksReports ? '' : ', and no TLS reports are asked for'}.`,
      found,
      ...(!asksReports && { record: wanted }),
    }
  if (mtaStsId(stsText) === null)
    return { status: 'fail', evidence: 'The MTA-STS record has no id= of up to 32 letters and digits.', found }
  const text = await reach.policy(domain)
  const policy = text === null ? null : parsePolicy(text)
  if (!policy)
    return {
      status: 'fail',
      evidence: `There is a record, but no policy that can be read at https://mta-sts.${domain}/.well-known/mta-sts.txt.`,
      found,
    }
  const strangers = (mx.ok ? mx.found : []).filter(({ host }) => !matchesPolicy(host, policy)).map(({ host }) => host)
  if (policy.mode === 'enforce' && strangers.length > 0)
    return {
      status: 'fail',
      evidence: `The policy leaves out ${strangers.join(', ')}: senders that follow it do not deliver there.`,
      found,
    }
  if (!asksReports)
    return {
      status: 'warn',
      evidence: `MTA-STS is there (${policy.mode}); TLS reports are not asked for.`,
      found,
      record: wanted,
    }
  return {
    status: policy.mode === 'none' ? 'warn' : 'ok',
    evidence: `MTA-STS is there (${policy.mode}), and TLS reports are asked for.`,
    found,
  }
}

/** A logo needs a policy that protects it. */
export async function checkBimi({ domain, resolver }: DomainExam): Promise<DomainFinding> {
  const [answer, walk] = await Promise.all([resolver.txt(`default._bimi.${domain}`), walkDmarc(resolver, domain)])
  const dark = darkness([answer])
  if (dark) return dark
  const [text] = answer.ok ? bimiTexts(answer.found) : []
  if (text === undefined) return skip('No logo is published, which nobody asks for.')
  const bimi = parseBimi(text)
  const found = [text]
  if (!bimi) return { status: 'fail', evidence: 'The BIMI record cannot be read.', found }
  if (bimi.picture === null) return { status: 'ok', evidence: 'The domain says that it shows no logo.', found }
  if (!/^https:\/\/.+\.svgz?$/i.test(bimi.picture))
    return { status: 'fail', evidence: 'The logo has to be an SVG at an https address.', found }
  const policy = policyFor(domain, walk.found)
  if (!policy || policy.policy === 'none')
    return { status: 'fail', evidence: 'The logo is shown only with a DMARC policy of quarantine or reject.', found }
  if (bimi.certificate === null)
    return { status: 'warn', evidence: 'Without a certificate (VMC or CMC, a=) Gmail and Apple do not show the logo.', found }
  return { status: 'ok', evidence: 'Logo and certificate are published.', found }
}
