/** What acts write: set by set, whatever the number of mails. */
import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { Stood } from '../../helpdesk/triage/take-out.ts'
import type { InboundMailId, InboxId, ItemId, WorkspaceId } from '../../lib/ids.ts'
import type { QuarantineStage, Wish } from '../inbound-mail.ts'
import { type Actable, type ArrivalAct, UNDOABLE_ACTS } from './arrival.ts'

export interface LockedMail extends Actable {
  readonly id: InboundMailId
  readonly stage: QuarantineStage | null
}

const COLUMNS = sql.raw(
  `id, state, outcome, reason, stage, inbox_id as "inboxId", json_build_object('address', from_address) as "from"`,
)

/** In the order of their ids, so that two acts on the same mails do not wait for each other in a circle. */
export async function lockMails(tx: Tx, workspaceId: WorkspaceId, ids: readonly InboundMailId[]): Promise<LockedMail[]> {
  const { rows } = await sql<LockedMail>`
    select ${COLUMNS} from inbound_mail
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])
     order by id
       for update`.execute(tx)
  return rows
}

/** The same without holding them: for what is only counted. */
export async function selectMails(tx: Tx, workspaceId: WorkspaceId, ids: readonly InboundMailId[]): Promise<LockedMail[]> {
  const { rows } = await sql<LockedMail>`
    select ${COLUMNS} from inbound_mail where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  return rows
}

/** Who did what, and what had become of each before. */
export async function insertActs(
  tx: Tx,
  workspaceId: WorkspaceId,
  {
    id,
    act,
    by,
    ruleId,
    stood = null,
  }: {
    readonly id: string
    readonly act: ArrivalAct | 'undo'
    readonly by: string
    readonly ruleId: string | null
    readonly stood?: Stood | null
  },
  ids: readonly InboundMailId[],
  now: Date,
): Promise<void> {
  await sql`
    insert into inbound_act (workspace_id, id, inbound_id, act, by, at, rule_id, before)
    select workspace_id, ${id}, id, ${act}, ${by}, ${now}, ${ruleId},
           jsonb_build_object('outcome', outcome, 'reason', reason, 'stage', stage, 'detail', detail, 'at', settled_at, 'by', settled_by,
                              'attempts', attempts, 'inbox_id', inbox_id, 'rule_id', rule_id, 'stood', ${stood && JSON.stringify(stood)}::jsonb)
      from inbound_mail
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
}

/** What ended is taken out of the counts of the day on which it did: they are the sum of what has ended. */
async function uncount(tx: Tx, workspaceId: WorkspaceId, ids: readonly InboundMailId[]): Promise<void> {
  await sql`
    insert into inbound_count (workspace_id, inbox_id, day, outcome, n)
    select workspace_id, inbox_id, (settled_at at time zone 'UTC')::date, ${COUNTED}, -count(*)
      from inbound_mail
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and outcome is not null
     group by 1, 2, 3, 4`.execute(tx)
}
const COUNTED = sql.raw("outcome || coalesce(':' || reason, '')")

async function count(tx: Tx, workspaceId: WorkspaceId, ids: readonly InboundMailId[]): Promise<void> {
  await sql`
    insert into inbound_count (workspace_id, inbox_id, day, outcome, n)
    select workspace_id, inbox_id, (settled_at at time zone 'UTC')::date, ${COUNTED}, count(*)
      from inbound_mail
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and outcome is not null
     group by 1, 2, 3, 4`.execute(tx)
}

/**
 * Back to what waits, with no try counted: whoever takes in does as is wished. What it was for is asked anew of the source it came from, whose
 * setting may be what was mended.
 */
export async function letWait(
  tx: Tx,
  workspaceId: WorkspaceId,
  wishes: readonly { readonly id: InboundMailId; readonly wish: Wish }[],
  now: Date,
): Promise<void> {
  const ids = wishes.map(({ id }) => id)
  await uncount(tx, workspaceId, ids)
  await sql`
    update inbound_mail as m
       set state = 'received', due_at = ${now}, attempts = 0, wish = w.wish, outcome = null, reason = null, stage = null, detail = null, rule_id = null,
           settled_at = null, settled_by = null,
           arrived_for = case when exists (select from inbound_source as s where s.workspace_id = m.workspace_id and s.id = m.source_id)
                              then (select s.inbox_id from inbound_source as s where s.workspace_id = m.workspace_id and s.id = m.source_id)
                              else m.arrived_for end
      from unnest(${plainArray(ids)}::uuid[], ${wishes.map(({ wish }) => JSON.stringify(wish))}::jsonb[]) as w(id, wish)
     where m.workspace_id = ${workspaceId} and m.id = w.id`.execute(tx)
}

export async function settleIgnored(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly InboundMailId[],
  {
    reason,
    detail,
    by,
    ruleId,
  }: { readonly reason: string; readonly detail: string; readonly by: string; readonly ruleId: string | null },
  now: Date,
): Promise<void> {
  await uncount(tx, workspaceId, ids)
  await sql`
    update inbound_mail
       set state = 'settled', outcome = 'ignored', reason = ${reason}, stage = null, detail = ${detail}, rule_id = ${ruleId}, settled_at = ${now},
           settled_by = ${by}
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  await count(tx, workspaceId, ids)
}

export interface Undoable {
  readonly id: InboundMailId
  readonly act: ArrivalAct
  readonly inboxId: InboxId | null
  readonly ruleId: string | null
  readonly from: string
  /** What of the act is left to be taken back: ignored by it; what it wished waits; it is in a conversation by it. Null: something happened since. */
  readonly now: 'ignored' | 'waits' | 'taken_in' | null
  readonly itemId: ItemId | null
  readonly before: {
    readonly outcome: 'quarantined' | 'ignored'
    readonly stage: string | null
    readonly reason: string | null
    readonly inbox_id: InboxId | null
    readonly stood?: Stood | null
  }
}

const UNDOABLE = sql.raw(UNDOABLE_ACTS.map((act) => `'${act}'`).join(', '))

/** What an act was done to, locked; what was undone before is left out. */
export async function lockActed(tx: Tx, workspaceId: WorkspaceId, actId: string): Promise<Undoable[]> {
  const { rows } = await sql<Undoable>`
    select m.id, a.act, m.inbox_id as "inboxId", a.rule_id as "ruleId", m.from_address as "from", a.before, m.item_id as "itemId",
           case when exists (select from inbound_act as l
                              where l.workspace_id = m.workspace_id and l.inbound_id = m.id and (l.at, l.id) > (a.at, a.id)) then null
                when a.act in ('ignore', 'ignore_sender') then case when m.outcome = 'ignored' and m.settled_at = a.at then 'ignored' end
                when m.state = 'received' and m.wish is not null then 'waits'
                when m.outcome in ('conversation_started', 'reply_added') and m.settled_by = a.by then 'taken_in'
           end as now
      from inbound_act as a join inbound_mail as m on m.workspace_id = a.workspace_id and m.id = a.inbound_id
     where a.workspace_id = ${workspaceId} and a.id = ${actId} and a.undone_at is null and a.act in (${UNDOABLE})
     order by m.id
       for update of m, a`.execute(tx)
  return rows
}

/** As it was before that act. */
export async function putBack(
  tx: Tx,
  workspaceId: WorkspaceId,
  actId: string,
  ids: readonly InboundMailId[],
  now: Date,
): Promise<void> {
  await uncount(tx, workspaceId, ids)
  await sql`
    update inbound_mail as m
       set state = case a.before ->> 'outcome' when 'quarantined' then 'quarantined' else 'settled' end, outcome = a.before ->> 'outcome',
           reason = a.before ->> 'reason', stage = a.before ->> 'stage', detail = a.before ->> 'detail', rule_id = (a.before ->> 'rule_id')::uuid,
           inbox_id = (a.before ->> 'inbox_id')::uuid,
           attempts = (a.before ->> 'attempts')::int, settled_at = (a.before ->> 'at')::timestamptz, settled_by = a.before ->> 'by',
           due_at = null, wish = null, conversation_id = null, item_id = null, matched_by = null
      from inbound_act as a
     where a.workspace_id = ${workspaceId} and a.id = ${actId} and m.workspace_id = a.workspace_id and m.id = a.inbound_id
       and m.id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  await sql`
    update inbound_act set undone_at = ${now}
     where workspace_id = ${workspaceId} and id = ${actId} and inbound_id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  await count(tx, workspaceId, ids)
}

/** Those of these inboxes that still have something in the quarantine, or something that was taken out of it and waits. */
export async function selectWithWork(
  tx: Tx,
  workspaceId: WorkspaceId,
  inboxIds: readonly (InboxId | null)[],
): Promise<ReadonlySet<InboxId | null>> {
  const { rows } = await sql<{ id: InboxId | null }>`
    select i.id
      from unnest(${inboxIds}::uuid[]) as i(id)
     where exists (select from inbound_mail as m
                    where m.workspace_id = ${workspaceId} and m.state = 'quarantined' and m.inbox_id is not distinct from i.id)
        or exists (select from inbound_mail as m
                    where m.workspace_id = ${workspaceId} and m.wish is not null and (m.wish ->> 'was')::uuid is not distinct from i.id)`.execute(
    tx,
  )
  return new Set(rows.map(({ id }) => id))
}
