import { sql } from 'kysely'
import type { Tx } from '../../../db/database.ts'
import type { MxRecord } from '../../../dns/resolver.ts'
import type { WorkspaceId } from '../../../lib/ids.ts'

/** A receiver that is written to, by the domain of it that most mail goes to. */
export interface FrequentReceiver {
  readonly domain: string
  /** As they were when the domain was last looked up; empty where it has none, or was not looked up yet. */
  readonly mxHosts: readonly MxRecord[]
}

/** Enough to tell who is written to most, and few enough to be counted while somebody waits. */
const LATEST = 2_000

/** The latest deliveries by their primary key, whatever became of them, rolled up by who runs the mail servers. */
export async function selectFrequentReceivers(tx: Tx, workspaceId: WorkspaceId, limit: number): Promise<FrequentReceiver[]> {
  const { rows } = await sql<FrequentReceiver>`
    with latest as (
      select lower(substring(recipient from '[^@]*$')) as domain
        from delivery
       where workspace_id = ${workspaceId}
       order by id desc
       limit ${sql.lit(LATEST)}
    ), counted as (
      select domain, count(*) as mails from latest group by domain
    ), ranked as (
      select counted.domain, known.mx_hosts,
             sum(mails) over (partition by coalesce(known.receiver, counted.domain)) as mails_of_receiver,
             row_number() over (partition by coalesce(known.receiver, counted.domain) order by mails desc, counted.domain) as place
        from counted
        left join recipient_domain known on known.domain = counted.domain
       where known.null_mx is not true and known.trouble is distinct from 'nxdomain'
    )
    select domain, coalesce(mx_hosts, '[]') as "mxHosts"
      from ranked
     where place = 1
     order by mails_of_receiver desc, domain
     limit ${limit}`.execute(tx)
  return rows
}
