import { sql } from 'kysely'
import { plainArray, textArray } from '../../../db/arrays.ts'
import type { Db, Tx } from '../../../db/database.ts'
import { type LogPosition, stretchOfLog } from '../../../events/follow.ts'
import { type Id, newId, type WorkspaceId } from '../../../lib/ids.ts'
import { domainOf } from '../suppression.ts'
import type { Evidence } from './evidence.ts'

export async function insertEvidence(
  tx: Tx,
  workspaceId: WorkspaceId,
  kind: 'unknown_address' | 'mailbox_full',
  evidence: readonly Evidence[],
  state: 'counted' | 'applied' | 'held',
  now: Date,
): Promise<void> {
  if (evidence.length === 0) return
  await sql`
    insert into suppression_evidence (workspace_id, id, kind, address, domain, delivery_id, note, reply, seen_at, state)
    select ${workspaceId}::uuid, e.id, ${kind}, e.address, e.domain, e.delivery_id, e.note, e.reply, ${now}::timestamptz, ${state}
      from unnest(${plainArray(evidence.map(() => newId<Id<'evidence'>>()))}::uuid[], ${textArray(evidence.map(({ address }) => address.toLowerCase()))}::text[],
                  ${textArray(evidence.map(({ address }) => domainOf(address)))}::text[], ${textArray(evidence.map(({ deliveryId }) => deliveryId))}::uuid[],
                  ${textArray(evidence.map(({ note }) => note))}::text[], ${textArray(evidence.map(({ reply }) => reply ?? ''))}::text[])
           as e (id, address, domain, delivery_id, note, reply)`.execute(tx)
}

export interface KnownDomain {
  readonly unknown: number
  readonly verdicts: number
  readonly verdictsOfDay: number
  readonly held: number
}

/** Index: suppression_evidence_of_domain, suppression_evidence_held, and the key of domain_verdict. */
export async function selectDomains(
  tx: Tx,
  workspaceId: WorkspaceId,
  domains: readonly string[],
  since: { readonly evidenceSince: Date; readonly verdictsSince: Date; readonly allVerdictsSince: Date },
): Promise<Map<string, KnownDomain>> {
  const { rows } = await sql<KnownDomain & { domain: string }>`
    select k.domain,
           (select count(distinct address) from suppression_evidence as e
             where e.workspace_id = ${workspaceId} and e.domain = k.domain and e.kind = 'unknown_address' and e.seen_at > ${since.evidenceSince}
               and e.state <> 'discarded') as unknown,
           (select coalesce(sum(n), 0) from domain_verdict as v
             where v.workspace_id = ${workspaceId} and v.domain = k.domain and v.since > ${since.verdictsSince}) as verdicts,
           (select coalesce(sum(n), 0) from domain_verdict as v
             where v.workspace_id = ${workspaceId} and v.domain = k.domain and v.since > ${since.allVerdictsSince}) as "verdictsOfDay",
           (select count(*) from (select from suppression_evidence as e where e.workspace_id = ${workspaceId} and e.domain = k.domain and e.state = 'held' limit 1) as h) as held
      from unnest(${textArray(domains)}::text[]) as k (domain)`.execute(tx)
  return new Map(rows.map(({ domain, ...known }) => [domain, known]))
}

/** Counts what receivers said, by their domain, where the log is: no row of it crosses the wire. What comes later about a mail is no new verdict. */
export async function addVerdicts(tx: Tx, from: LogPosition, to: LogPosition): Promise<void> {
  await sql`
    insert into domain_verdict (workspace_id, domain, since, n)
    select d.workspace_id, lower(substring(d.recipient from '[^@]*$')), date_bin('10 minutes', e.at, timestamptz '2000-01-01'), count(*)
      from ${stretchOfLog(from, to, ['delivery.sent', 'delivery.bounced'])} as e
      join delivery as d on d.workspace_id = e.workspace_id and d.id = e.delivery_id
     where not e.data ? 'source'
     group by 1, 2, 3
     order by 1, 2, 3
    on conflict (workspace_id, domain, since) do update set n = domain_verdict.n + excluded.n`.execute(tx)
}

export interface HeldDomain {
  readonly workspaceId: WorkspaceId
  readonly domain: string
  readonly addresses: number
  readonly since: Date
  readonly lastAt: Date
  readonly samples: readonly string[]
  /** What was said most often. */
  readonly reply: string
  /** All that the domain said since an hour before the first of these, and how many addresses of it were unknown in that time. */
  readonly verdicts: number
  readonly unknown: number
}

const MAX_DOMAINS = 200

export async function selectHeld(db: Db | Tx, workspaceId: WorkspaceId | null): Promise<HeldDomain[]> {
  const { rows } = await sql<HeldDomain>`
    with held as (
      select workspace_id, domain, count(distinct address) as addresses, min(seen_at) as since, max(seen_at) as last_at,
             (array_agg(distinct address))[1:5] as samples, mode() within group (order by coalesce(nullif(reply, ''), note)) as reply
        from suppression_evidence
       where state = 'held' and (${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid)
       group by workspace_id, domain
       order by min(seen_at) desc
       limit ${sql.lit(MAX_DOMAINS)}
    )
    select h.workspace_id as "workspaceId", h.domain, h.addresses, h.since, h.last_at as "lastAt", h.samples, h.reply,
           (select coalesce(sum(n), 0) from domain_verdict as v
             where v.workspace_id = h.workspace_id and v.domain = h.domain and v.since > h.since - interval '70 minutes') as verdicts,
           (select count(distinct e.address) from suppression_evidence as e
             where e.workspace_id = h.workspace_id and e.domain = h.domain and e.kind = 'unknown_address' and e.state in ('held', 'applied')
               and e.seen_at > h.since - interval '70 minutes') as unknown
      from held as h
     order by h.since desc`.execute(db)
  return rows
}

export interface HeldRow {
  readonly address: string
  readonly deliveryId: string
  readonly note: string
  readonly reply: string
  readonly seenAt: Date
}

/** Ends the wait of everything held of a domain, `limit` at a time. */
export async function decideEvidence(
  tx: Tx,
  workspaceId: WorkspaceId,
  domain: string,
  to: 'applied' | 'discarded',
  by: string | null,
  limit: number,
): Promise<HeldRow[]> {
  const { rows } = await sql<HeldRow>`
    update suppression_evidence set state = ${to}, decided_by = ${by}
     where (workspace_id, id) in (
       select workspace_id, id from suppression_evidence
        where workspace_id = ${workspaceId} and domain = ${domain} and state = 'held' order by id limit ${limit} for update
     )
    returning address, delivery_id as "deliveryId", note, reply, seen_at as "seenAt"`.execute(tx)
  return rows
}

/** Of these mailboxes, those that were full on at least `days` different days (in UTC). */
export async function selectOftenFull(
  tx: Tx,
  workspaceId: WorkspaceId,
  addresses: readonly string[],
  days: number,
  since: Date,
): Promise<Set<string>> {
  const { rows } = await sql<{ address: string }>`
    select address from suppression_evidence
     where workspace_id = ${workspaceId} and address = any (${textArray(addresses)}::text[]) and kind = 'mailbox_full' and seen_at > ${since}
     group by address
    having count(distinct (seen_at at time zone 'UTC')::date) >= ${days}`.execute(tx)
  return new Set(rows.map(({ address }) => address))
}

/** What is held waits for a person, however old it is. */
export async function deleteOldEvidence(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from suppression_evidence
     where (workspace_id, id) in (
       select workspace_id, id from suppression_evidence where seen_at < ${before} and state <> 'held' order by seen_at limit ${limit} for update skip locked
     )`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

export async function deleteOldVerdicts(tx: Tx, before: Date): Promise<void> {
  await sql`delete from domain_verdict where since < ${before}`.execute(tx)
}
