import { limitedResolver } from '../../../dns/limited.ts'
import { SECOND } from '../../../lib/clock.ts'
import { inTime } from '../../../lib/wait.ts'
import { checkBlocklists, checkReverseDns } from './check-addresses.ts'
import { checkDkim } from './check-dkim.ts'
import { checkDmarc } from './check-dmarc.ts'
import { checkMx, checkReturnPath, checkTracking } from './check-hosts.ts'
import { checkAcceptance, checkProvider, checkUnsubscribe } from './check-mail.ts'
import { checkNameServers } from './check-name-servers.ts'
import { checkBimi, checkTransport } from './check-receiving.ts'
import { checkSpf } from './check-spf.ts'
import type { DomainExam } from './exam.ts'
import {
  DOMAIN_CHECK_IDS,
  type DomainCheck,
  type DomainCheckId,
  type DomainFinding,
  type DomainReport,
  toDomainCheck,
  toDomainReport,
} from './report.ts'

const CHECKS: Readonly<Record<DomainCheckId, (exam: DomainExam) => Promise<DomainFinding>>> = {
  spf: checkSpf,
  dkim: checkDkim,
  dmarc: checkDmarc,
  return_path: checkReturnPath,
  mx: checkMx,
  tracking: checkTracking,
  reverse_dns: checkReverseDns,
  blocklists: checkBlocklists,
  transport: checkTransport,
  bimi: checkBimi,
  unsubscribe: checkUnsubscribe,
  name_servers: checkNameServers,
  provider: checkProvider,
  acceptance: checkAcceptance,
}

const CHECK_MS = 25 * SECOND
const NO_TIME: DomainFinding = { status: 'error', evidence: 'It took too long.' }

/**
 * Makes all checks of a domain side by side. Never rejects, and takes no longer than `limitMs`. Checks are told as they end, and stand in
 * the report in their order.
 */
export async function examineDomain(
  exam: DomainExam,
  onChecked: (check: DomainCheck) => void = () => {},
  limitMs = CHECK_MS,
): Promise<DomainReport> {
  const limited = { ...exam, resolver: limitedResolver(exam.resolver, limitMs) }
  const checks = await Promise.all(
    DOMAIN_CHECK_IDS.map(async (id) => {
      const startedAtMs = performance.now()
      const finding = (await inTime(CHECKS[id](limited).catch(ownFault), limitMs)) ?? NO_TIME
      const check = toDomainCheck(id, finding, performance.now() - startedAtMs)
      onChecked(check)
      return check
    }),
  )
  return toDomainReport(exam.domain, checks)
}

/** A fault of the doctor is no illness of the patient. */
function ownFault(error: Error): DomainFinding {
  return { status: 'error', evidence: `The check itself failed: ${error.message}.` }
}
