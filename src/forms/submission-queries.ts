import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import { isSuppressedIn } from '../delivery/suppression/suppress.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import type { FormId } from './form.ts'
import type { Submission, SubmissionId } from './submission.ts'

const SUBMISSION = sql.raw(
  `s.workspace_id as "workspaceId", s.id, s.form_id as "formId", s.version, s.state, s.reason, s.address, s.answers, s.lists, s.consents, host(s.ip) as ip, s.page,
   s.at, s.confirm_by as "confirmBy", s.settled_at as "settledAt", host(s.settled_ip) as "settledIp", s.contact_id as "contactId", s.message_id as "messageId"`,
)

export async function insertSubmission(tx: Tx, s: Submission): Promise<void> {
  await sql`
    insert into form_submission (workspace_id, id, form_id, version, state, reason, address, answers, lists, consents, ip, page, at, confirm_by,
                                 settled_at, settled_ip, contact_id, message_id)
    values (${s.workspaceId}, ${s.id}, ${s.formId}, ${s.version}, ${s.state}, ${s.reason}, ${s.address}, ${JSON.stringify(s.answers)}::jsonb,
            ${plainArray(s.lists)}::uuid[], ${JSON.stringify(s.consents)}::jsonb, ${s.ip}::inet, ${s.page}, ${s.at}, ${s.confirmBy}, ${s.settledAt},
            ${s.settledIp}::inet, ${s.contactId}, ${s.messageId})`.execute(tx)
}

export async function settleSubmission(
  tx: Tx,
  s: Pick<Submission, 'workspaceId' | 'id' | 'state' | 'settledAt' | 'settledIp' | 'contactId'>,
): Promise<void> {
  await sql`
    update form_submission set state = ${s.state}, settled_at = ${s.settledAt}, settled_ip = ${s.settledIp}::inet, contact_id = ${s.contactId}
     where workspace_id = ${s.workspaceId} and id = ${s.id}`.execute(tx)
}

/** Of whatever workspace: the token says that it is ours. */
export async function selectSubmissionAt(db: Db, id: SubmissionId): Promise<Submission | null> {
  const { rows } = await sql<Submission>`select ${SUBMISSION} from form_submission as s where s.id = ${id} limit 1`.execute(db)
  return rows[0] ?? null
}

export async function lockSubmission(tx: Tx, workspaceId: WorkspaceId, id: SubmissionId): Promise<Submission | null> {
  const { rows } = await sql<Submission>`
    select ${SUBMISSION} from form_submission as s where s.workspace_id = ${workspaceId} and s.id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

/** Newest first. */
export async function selectSubmissions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: { readonly formId: FormId; readonly state: string | null; readonly after: string | null; readonly limit: number },
): Promise<Submission[]> {
  const { rows } = await sql<Submission>`
    select ${SUBMISSION} from form_submission as s
     where s.workspace_id = ${workspaceId} and s.form_id = ${filter.formId} and (${filter.state}::text is null or s.state = ${filter.state})
       and (${filter.after}::uuid is null or s.id < ${filter.after}::uuid)
     order by s.id desc limit ${filter.limit}`.execute(db)
  return rows
}

export interface StateCount {
  readonly formId: FormId
  readonly state: Submission['state']
  readonly n: number
}

/** Of the last `since`: what a list of forms shows. */
export async function countSubmissions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly FormId[],
  since: Date,
): Promise<StateCount[]> {
  const { rows } = await sql<StateCount>`
    select form_id as "formId", state, count(*)::int as n from form_submission
     where workspace_id = ${workspaceId} and form_id = any (${plainArray(ids)}::uuid[]) and at >= ${since} group by 1, 2`.execute(
    db,
  )
  return rows
}

/** Whether whoever has this address said within this time that it was not them. */
export async function wasDenied(tx: Tx, workspaceId: WorkspaceId, address: string, since: Date): Promise<boolean> {
  const { rows } = await sql`
    select from form_submission where workspace_id = ${workspaceId} and address = ${address} and at >= ${since} and state = 'denied' limit 1`.execute(
    tx,
  )
  return rows.length > 0
}

export async function expireWaiting(tx: Tx, limit: number, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update form_submission set state = 'expired', settled_at = ${now}
     where (workspace_id, id) in (select workspace_id, id from form_submission where state = 'waiting' and confirm_by <= ${now}
                                   limit ${limit} for update skip locked)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** What came to nothing is not kept for ever: it has addresses of people who never agreed to anything. */
export async function deleteOld(tx: Tx, limit: number, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_submission
     where (workspace_id, id) in (select workspace_id, id from form_submission where state in ('refused', 'expired', 'denied') and at < ${before}
                                   limit ${limit} for update skip locked)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** What they typed into forms goes with them. */
export async function deleteSubmissionsOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  { ids, addresses }: { readonly ids: readonly ContactId[]; readonly addresses: readonly string[] },
): Promise<void> {
  await sql`
    delete from form_submission
     where workspace_id = ${workspaceId} and (contact_id = any (${plainArray(ids)}::uuid[]) or address = any (${addresses as string[]}::text[]))`.execute(
    tx,
  )
}

/** Whether one of these lists is not to be sent to this address: somebody left it, who need not be a contact any more. */
export async function hasLeft(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
  scopes: readonly `list:${string}`[],
  now: Date,
): Promise<boolean> {
  const { rows } = await sql<{
    is: boolean
  }>`select ${isSuppressedIn(workspaceId, sql`${address}::text`, scopes, now)} as is`.execute(tx)
  return rows[0]?.is === true
}

/** What somebody typed into forms, newest first: what is told to them. */
export async function selectSubmissionsOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { contactId, addresses }: { readonly contactId: ContactId; readonly addresses: readonly string[] },
  limit: number,
): Promise<Submission[]> {
  const { rows } = await sql<Submission>`
    select ${SUBMISSION} from form_submission as s
     where s.workspace_id = ${workspaceId} and (s.contact_id = ${contactId} or s.address = any (${addresses as string[]}::text[])) order by s.id desc limit ${limit}`.execute(
    db,
  )
  return rows
}
