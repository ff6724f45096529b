/** What the link in the mail leads to. Looking changes nothing, whoever looks; its button settles the submission once. */
import type { Db, Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { type ApplyDeps, applySubmission } from './apply.ts'
import { type Shown, showVersion } from './published.ts'
import { mayConfirm, type Submission, type SubmissionId } from './submission.ts'
import { lockSubmission, selectSubmissionAt, settleSubmission } from './submission-queries.ts'

export interface Confirming {
  readonly said: Submission
  /** In the version that was sent. */
  readonly shown: Shown
}

/** Null: nothing that is still known here. */
export async function findConfirming(db: Db, id: SubmissionId): Promise<Confirming | null> {
  const said = await selectSubmissionAt(db, id)
  const shown = said && (await showVersion(db, { workspaceId: said.workspaceId, id: said.formId }, said.version))
  return said && shown ? { said, shown } : null
}

/** Answers what it is afterwards; pressed again, it is what it was. */
export async function confirmSubmission(
  tx: Tx,
  deps: ApplyDeps,
  { said: { workspaceId, id }, shown }: Confirming,
  ip: string,
  now: Date,
): Promise<Submission['state'] | null> {
  const said = await lockSubmission(tx, workspaceId, id)
  if (!said) return null
  if (!mayConfirm(said, now)) return said.state === 'waiting' ? 'expired' : said.state
  const settledIp = shown.settings.keep_ip ? ip : null
  const contactId = await applySubmission(tx, deps, shown, said, { isConfirmed: true, ip: settledIp }, now)
  await settleSubmission(tx, { workspaceId, id, state: 'confirmed', settledAt: now, settledIp, contactId })
  return 'confirmed'
}

/** "That was not me": this link is over, and no form sends to this address for a while. */
export async function denySubmission(
  tx: Tx,
  { said: { workspaceId, id }, shown }: Confirming,
  now: Date,
): Promise<Submission['state'] | null> {
  const said = await lockSubmission(tx, workspaceId, id)
  if (said?.state !== 'waiting') return said?.state ?? null
  await settleSubmission(tx, { workspaceId, id, state: 'denied', settledAt: now, settledIp: null, contactId: null })
  const data = { name: shown.form.name, submission_id: id }
  await append(tx, { type: 'form.denied', workspaceId, subjectId: said.formId, data }, now)
  return 'denied'
}
