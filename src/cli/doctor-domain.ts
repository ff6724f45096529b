import { isIP } from 'node:net'
import { createResolver } from '../dns/resolver.ts'
import { examineFromOutside } from '../insight/doctor/domain/domain-doctor.ts'
import { formatDomainReport } from '../insight/doctor/domain/format-domain.ts'
import { machineClock } from '../lib/clock.ts'
import { Explained } from '../lib/explained.ts'
import { readDomain } from '../mail/domain-name.ts'
import { heloName } from '../surroundings.ts'

export interface DomainOptions {
  readonly selector?: readonly string[]
  readonly ip?: readonly string[]
  readonly relay?: string
  readonly json?: boolean
}

/** Looks at a domain from where this command runs: the network that asks is the one whose answers count. */
export async function doctorDomain(text: string, { selector = [], ip = [], relay, json = false }: DomainOptions): Promise<void> {
  const read = readDomain(text.replace(/\.$/, ''))
  if (!read.ok) throw new Explained(`This is not a domain: ${read.reason}`)
  const wrong = ip.find((address) => isIP(address) === 0)
  if (wrong !== undefined) throw new Explained(`"${wrong}" is not an IP address.`)
  const report = await examineFromOutside(
    { resolver: createResolver(), clock: machineClock, heloName: heloName(), allowPrivate: false },
    read.domain,
    { selectors: selector.map((name) => name.toLowerCase()), addresses: ip, relay: relay ?? null },
    AbortSignal.timeout(60_000),
  )
  const colour = process.stdout.isTTY === true
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : formatDomainReport(report, { colour })}\n`)
  if (!report.ok) process.exitCode = 1
}
