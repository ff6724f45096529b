import type { Check } from '../../delivery/domains/check.ts'
import { canRotate, type DkimKey } from '../../delivery/domains/dkim-key.ts'
import type { Domain } from '../../delivery/domains/domain.ts'
import type { CheckChange } from '../../delivery/domains/manage.ts'
import { type Publishing, recordsOf, toZoneLine } from '../../delivery/domains/records.ts'
import type { DomainReport } from '../../insight/doctor/domain/report.ts'
import type * as endpoints from '../endpoints/domains.ts'

export function toDomain(domain: Domain): endpoints.Domain {
  return {
    id: domain.id,
    name: domain.name,
    state: domain.state,
    state_since: domain.stateSince,
    verified_at: domain.verifiedAt,
    return_path_host: domain.returnPathHost,
    tracking_host: domain.trackingHost,
    checked_at: domain.checkedAt,
    next_check_at: domain.nextCheckAt,
    created_at: domain.createdAt,
  }
}

export interface DomainParts {
  readonly domain: Domain
  readonly keys: readonly DkimKey[]
  readonly checks: readonly Check[]
  readonly changes: readonly CheckChange[]
  readonly publishing: Publishing
  readonly campaigns: endpoints.DomainDetail['campaigns']
}

/** What is there is joined with what is needed: the value to publish is the one that the last look proposed. */
export function toDomainDetail({ domain, keys, checks, changes, publishing, campaigns }: DomainParts): endpoints.DomainDetail {
  const bySubject = new Map(checks.map((check) => [check.subject, check]))
  return {
    ...toDomain(domain),
    records: recordsOf(domain, keys, publishing).map((record) => {
      const check = bySubject.get(record.subject)
      const wanted = { ...record, value: check?.publish ?? record.value }
      return {
        ...wanted,
        zone_line: toZoneLine(wanted),
        status: check?.status ?? null,
        sentence: check?.sentence ?? null,
        found: [...(check?.found ?? [])],
        since: check?.since ?? null,
        last_ok_at: check?.lastOkAt ?? null,
      }
    }),
    keys: keys.map(({ selector, algorithm, state, since, createdAt }) => ({
      selector,
      algorithm,
      state,
      since,
      created_at: createdAt,
    })),
    can_rotate: canRotate(keys),
    campaigns: campaigns.map((campaign) => ({ ...campaign })),
    history: changes.map((change) => ({ ...change, found: [...change.found] })),
  }
}

export function toDomainReport({ domain, ok, summary, checks }: DomainReport): endpoints.DomainReport {
  return { domain, ok, summary, checks: checks.map((check) => ({ ...check, found: [...check.found] })) }
}
