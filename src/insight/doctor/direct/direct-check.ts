import type { Check, Finding } from '../report.ts'

export type DirectCheckName = 'port' | 'name' | 'source' | 'reverse_dns' | 'blocklists'

const TITLES: Readonly<Record<DirectCheckName, (subject: string) => string>> = {
  port: (domain) => (domain === '' ? 'Way out' : `Way to ${domain}`),
  name: () => 'Our name',
  source: () => 'Sending addresses',
  reverse_dns: (address) => `Reverse DNS of ${address}`,
  blocklists: (address) => `Blocklists about ${address}`,
}

/** What was found out about one subject: a domain that is written to, an address that mail leaves from, or (`''`) the route as a whole. */
export function directCheck(name: DirectCheckName, subject: string, finding: Finding, ms = 0): Check {
  return {
    id: subject === '' ? name : `${name}.${subject}`,
    title: TITLES[name](subject),
    status: finding.status,
    ms: Math.round(ms),
    evidence: finding.evidence,
    cause: finding.cause ?? null,
    fixes: finding.fixes ?? [],
  }
}
