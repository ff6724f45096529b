/** Much mail that belongs to no conversation, in an inbox that starts none by mail: told where its inbox wishes so, and over when it is less again. */
import type { Database, Tx } from '../db/database.ts'
import { ENGINE } from '../db/database.ts'
import { type Inbox, isUpdateOnly } from '../helpdesk/inbox.ts'
import { findInbox } from '../helpdesk/inboxes.ts'
import { clearIncident, openKeysOf, raiseIncident } from '../incidents/incidents.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { MINUTE } from '../lib/clock.ts'
import type { InboxId, WorkspaceId } from '../lib/ids.ts'
import { countNoMatch } from './queries.ts'

const KIND = 'inbound.no_match'
const keyOf = (id: InboxId) => `${KIND}:${id}`

/** From the number on that its inbox names, mail that belongs to nothing is a trouble: perhaps a form writes to the wrong address. */
export async function tellNoMatch(tx: Tx, { workspaceId, id, name, noMatchAlert }: Inbox, now: Date): Promise<void> {
  if (noMatchAlert === null) return
  const today = (await countNoMatch(tx, workspaceId, id, now)) + 1
  if (today < noMatchAlert) return
  await raiseIncident(
    tx,
    {
      workspaceId,
      key: keyOf(id),
      kind: KIND,
      severity: 'warning',
      title: `Much of the mail to ${name} belongs to no conversation`,
      sentence: `${today} mails today (UTC) belong to no conversation, and this inbox starts none by mail.`,
      hint: 'See who writes to it. Let the inbox start conversations by mail, or ask those who write to answer to a mail of yours.',
      subject: { kind: 'inbox', id },
      evidence: { today, alert_at: noMatchAlert },
    },
    now,
  )
}

/** A new day (UTC), another setting, or somebody who dealt with those in the quarantine ends it. */
export function noMatchJobs(database: Database): PeriodicJob[] {
  const run = (now: Date) =>
    database.transaction(ENGINE, async (tx) => {
      for (const { workspaceId, key } of await openKeysOf(tx, KIND))
        if (!(await isMuch(tx, workspaceId, key.slice(KIND.length + 1) as InboxId, now)))
          await clearIncident(tx, workspaceId, key, now)
    })
  return [{ name: 'inbound.no_match', everyMs: MINUTE, run }]
}

async function isMuch(tx: Tx, workspaceId: WorkspaceId, id: InboxId, now: Date): Promise<boolean> {
  const inbox = await findInbox(tx, workspaceId, id)
  if (!inbox || inbox.noMatchAlert === null || !isUpdateOnly(inbox)) return false
  return (await countNoMatch(tx, workspaceId, id, now)) >= inbox.noMatchAlert
}
