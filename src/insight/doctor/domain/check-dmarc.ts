import { walkDmarc } from '../../../delivery/domains/dmarc-walk.ts'
import { judgeDmarc } from '../../../delivery/domains/judge.ts'
import { dmarcTexts, policyFor } from '../../../mail/records/dmarc.ts'
import type { DomainExam } from './exam.ts'
import type { DomainFinding } from './report.ts'

/** Policy by the tree walk, alignment of each route, and whether those who are to get reports agreed to it. */
export async function checkDmarc(exam: DomainExam): Promise<DomainFinding> {
  const { domain, resolver, ours } = exam
  const walk = await walkDmarc(resolver, domain)
  const judged = judgeDmarc(walk)
  const value = judged.publish ?? `v=DMARC1; p=none; rua=mailto:postmaster@${domain}`
  const record = { type: 'TXT' as const, name: `_dmarc.${domain}`, value }
  const { found } = judged
  switch (judged.status) {
    case 'error':
      return { status: 'error', evidence: judged.sentence, found }
    case 'missing':
    case 'invalid':
    case 'duplicate':
      return { status: 'fail', evidence: judged.sentence, found, record }
  }
  const policy = policyFor(domain, walk.found)
  const misaligned = (ours?.routes ?? []).filter(({ aligned }) => !aligned)
  if (misaligned.length > 0)
    return {
      status: 'fail',
      evidence: `${judged.sentence} Mail by ${misaligned.map(({ name, reason }) => `${name} does not align: ${reason}`).join(' ')}`,
      found,
    }
  if (judged.status === 'insecure')
    return { status: 'warn', evidence: judged.sentence, found, ...(judged.publish !== undefined && { record }) }
  const silent = policy ? await unauthorised(exam, policy.from, policy.dmarc.reports, walk.organisation) : []
  if (silent.length > 0)
    return {
      status: 'warn',
      evidence: `${judged.sentence} Reports do not reach ${silent.join(', ')}: that domain has not agreed to take them.`,
      found,
      record: consent(policy?.from ?? domain, silent[0] ?? ''),
    }
  const outdated = policy?.dmarc.outdated ?? []
  if (outdated.length > 0)
    return {
      status: 'warn',
      evidence: `${judged.sentence} ${outdated.map((tag) => `${tag}=`).join(' and ')} no longer count (RFC 9989).`,
      found,
    }
  return { status: 'ok', evidence: judged.sentence, found }
}

const REPORT_DOMAINS_MAX = 5

/** RFC 9990 §4: who is outside of the organisation has to say that it takes the reports. */
async function unauthorised(
  { resolver }: DomainExam,
  from: string,
  reports: readonly string[],
  organisation: string,
): Promise<string[]> {
  const domains = reports.flatMap((uri) => /^mailto:[^@]+@([^!?]+)/i.exec(uri)?.[1]?.toLowerCase() ?? [])
  const outside = [...new Set(domains)].filter((domain) => domain !== organisation && !domain.endsWith(`.${organisation}`))
  const answers = await Promise.all(
    outside.slice(0, REPORT_DOMAINS_MAX).map((domain) => resolver.txt(`${from}._report._dmarc.${domain}`)),
  )
  return outside.filter((_, index) => {
    const answer = answers[index]
    if (!answer || (!answer.ok && answer.kind !== 'nxdomain' && answer.kind !== 'nodata')) return false
    return !answer.ok || dmarcTexts(answer.found.map((text) => text.trim())).length === 0
  })
}

function consent(from: string, domain: string) {
  return { type: 'TXT' as const, name: `${from}._report._dmarc.${domain}`, value: 'v=DMARC1' }
}
