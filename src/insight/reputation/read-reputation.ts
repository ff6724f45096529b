import type { Tx } from '../../db/database.ts'
import { listRoutes } from '../../delivery/routes/manage.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { BLOCKLISTS } from './blocklists.ts'
import { type KnownFinding, type ReputationChange, selectChanges, selectFindings } from './queries.ts'

/** For people: the subject and the check by their names. */
export interface Named {
  readonly subjectName: string
  readonly checkName: string
}

export interface Reputation {
  readonly findings: readonly (KnownFinding & Named)[]
  /** The latest changes, newest first. */
  readonly changes: readonly (ReputationChange & Named)[]
}

const CHANGES = 100
const ORDER = { bad: 0, warning: 1, unknown: 2, good: 3 } as const

/** What is bad first. */
export async function readReputation(tx: Tx, workspaceId: WorkspaceId): Promise<Reputation> {
  const routes = new Map((await listRoutes(tx, workspaceId)).map(({ id, name }) => [id as string, name]))
  const named = <Row extends Pick<KnownFinding, 'subjectKind' | 'subject' | 'checkId'>>(row: Row): Row & Named => ({
    ...row,
    subjectName: row.subjectKind === 'route' ? (routes.get(row.subject) ?? row.subject) : row.subject,
    checkName: checkName(row.checkId),
  })
  const findings = (await selectFindings(tx, workspaceId)).map(named)
  return {
    findings: findings.sort((a, b) => ORDER[a.state] - ORDER[b.state]),
    changes: (await selectChanges(tx, workspaceId, CHANGES)).map(named),
  }
}

const NAMES: Readonly<Record<string, string>> = {
  source: 'Address',
  reverse_dns: 'Name and way back',
  provider: 'Account at the provider',
  complaints: 'Complaints',
}

function checkName(checkId: string): string {
  const zone = checkId.replace(/^blocklist:/, '')
  return NAMES[checkId] ?? BLOCKLISTS.find((list) => list.zone === zone)?.name ?? zone
}
