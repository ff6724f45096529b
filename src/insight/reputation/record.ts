import type { Tx } from '../../db/database.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import { afterLook, type Finding } from './finding.ts'
import { insertChange, type KnownFinding, lockFinding, saveFinding } from './queries.ts'

/** Keeps what a look found, its change in the history, and opens or ends the incident that it is. */
export async function recordFinding(tx: Tx, found: Finding, now: Date): Promise<void> {
  const known = await lockFinding(tx, found)
  const held: Finding = afterLook<Finding>(known, found)
  await saveFinding(tx, { ...held, since: known && known.state === held.state ? known.since : now, checkedAt: now })
  if (known?.state !== held.state && (known !== null || held.state !== 'good')) await insertChange(tx, held, now)
  if (held.state === 'good') await clearIncident(tx, held.workspaceId, incidentKeyOf(held), now)
  else if (held.state !== 'unknown') await raise(tx, held, now)
}

/** What is no longer looked at troubles nobody. */
export async function forgetFinding(tx: Tx, finding: KnownFinding, now: Date): Promise<void> {
  await clearIncident(tx, finding.workspaceId, incidentKeyOf(finding), now)
}

function incidentKeyOf({ subjectKind, subject, checkId }: Finding): string {
  return `reputation:${subjectKind}:${subject}:${checkId}`.slice(0, 300)
}

async function raise(tx: Tx, finding: Finding, now: Date): Promise<void> {
  const { workspaceId, subjectKind, subject, checkId, routeId, state, sentence, hint, evidence } = finding
  const [check = ''] = checkId.split(':', 1)
  await raiseIncident(
    tx,
    {
      workspaceId,
      key: incidentKeyOf(finding),
      kind: `reputation.${check}`,
      severity: state === 'bad' ? 'critical' : 'warning',
      title: TITLES[check]?.(subject) ?? `The reputation of ${subject} needs a look`,
      sentence,
      hint,
      subject: { kind: subjectKind, id: subject },
      evidence: { ...evidence, check: checkId, route_id: routeId, link: '/reputation' },
    },
    now,
  )
}

const TITLES: Readonly<Record<string, (subject: string) => string>> = {
  reverse_dns: (subject) => `The name of ${subject} is not in order`,
  blocklist: (subject) => `${subject} is on a blocklist`,
  provider: () => 'A provider is not content with its account',
  complaints: (subject) => `People at ${subject} report mail as spam`,
  source: () => 'The address that mail leaves from is not known',
}
