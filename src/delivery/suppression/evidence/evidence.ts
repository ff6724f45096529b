import type { Tx } from '../../../db/database.ts'
import { DAY } from '../../../lib/clock.ts'
import type { WorkspaceId } from '../../../lib/ids.ts'
import { domainOf, isStorm, STORM } from '../suppression.ts'
import { selectDomains } from './queries.ts'

/** What a receiver said of one address. */
export interface Evidence {
  readonly address: string
  readonly deliveryId: string
  readonly note: string
  /** Its words, to the letter. */
  readonly reply?: string
  /** It came as a mail or from a provider, after the mail had been taken: perhaps hours after everything else of the domain was said. */
  readonly late?: boolean
}

export interface Sorted {
  readonly apply: readonly Evidence[]
  readonly hold: readonly Evidence[]
}

/**
 * Parts what may be believed from what has to be looked at first. Once something of a domain is held, everything of it is, until that is decided. Late
 * news is compared with a whole day: an hour later the domain may have been told nothing else.
 */
export async function sortEvidence(tx: Tx, workspaceId: WorkspaceId, evidence: readonly Evidence[], now: Date): Promise<Sorted> {
  const [apply, hold]: [Evidence[], Evidence[]] = [[], []]
  const byDomain = Map.groupBy(evidence, ({ address }) => domainOf(address))
  const hourAgo = new Date(now.getTime() - STORM.withinMs)
  const known = await selectDomains(tx, workspaceId, [...byDomain.keys()], {
    evidenceSince: hourAgo,
    verdictsSince: hourAgo,
    allVerdictsSince: new Date(now.getTime() - DAY),
  })
  for (const [domain, ofDomain] of byDomain) {
    const before = known.get(domain) ?? { unknown: 0, verdicts: 0, verdictsOfDay: 0, held: 0 }
    const unknown = before.unknown + new Set(ofDomain.map(({ address }) => address.toLowerCase())).size
    const verdicts = ofDomain.some(({ late }) => late) ? before.verdictsOfDay : before.verdicts
    const isHeld = before.held > 0 || isStorm({ unknown, verdicts })
    ;(isHeld ? hold : apply).push(...ofDomain)
  }
  return { apply, hold }
}
