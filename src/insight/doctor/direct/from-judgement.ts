import type { Judgement } from '../../reputation/finding.ts'
import type { ReverseFacts } from '../../reputation/reverse-dns.ts'
import type { CheckStatus, Finding } from '../report.ts'
import { shown } from '../text.ts'

const STATUSES: Readonly<Record<Judgement['state'], CheckStatus>> = { good: 'ok', warning: 'warn', bad: 'fail', unknown: 'skip' }

/** What the regular look would say, as a check. `seen`: what was found, without a word about what it means. */
export function toFinding({ state, sentence, hint }: Judgement, seen: string): Finding {
  const status = STATUSES[state]
  const isTrouble = status === 'warn' || status === 'fail'
  return isTrouble ? { status, evidence: seen, cause: `${sentence} ${hint}`.trim() } : { status, evidence: sentence }
}

/** `203.0.113.5 → mail.example.com → 203.0.113.5`, one name after the other. */
export function reverseEvidence({ address, names, forward }: ReverseFacts): string {
  if (typeof names === 'string') return `${address}: no name (${names})`
  const ways = names.map((name) => {
    const back = forward[name]
    return `${address} → ${name} → ${typeof back === 'object' ? back.join(', ') : `nowhere (${back})`}`
  })
  return shown(ways.join('; ') || `${address}: no name`)
}
