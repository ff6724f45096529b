import type { Tx } from '../../db/database.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import type { InboxId, WorkspaceId } from '../../lib/ids.ts'
import { selectWithWork } from './act-queries.ts'

/** One incident an inbox, however many mails were put aside there. */
function quarantineKey(inboxId: InboxId | null): string {
  return `inbound.quarantined:${inboxId ?? 'no inbox'}`
}

export interface PutAside {
  readonly inboxId: InboxId | null
  readonly sentence: string
  readonly evidence: Readonly<Record<string, unknown>>
}

/** It tells the latest, and how often it was seen. */
export async function raisePutAside(
  tx: Tx,
  workspaceId: WorkspaceId,
  { inboxId, sentence, evidence }: PutAside,
  now: Date,
): Promise<void> {
  await raiseIncident(
    tx,
    {
      workspaceId,
      key: quarantineKey(inboxId),
      kind: 'inbound.quarantined',
      severity: 'warning',
      title: 'Mail that came in was put aside',
      sentence,
      hint: 'It is kept as it came, and everything behind it went on. In the quarantine it can be taken in once more, made a conversation, or ignored.',
      subject: inboxId === null ? null : { kind: 'inbox', id: inboxId },
      evidence,
    },
    now,
  )
}

/** The trouble of an inbox is over when nothing of it lies in the quarantine, and nothing that somebody took out of it still waits. */
export async function clearWhenEmpty(
  tx: Tx,
  workspaceId: WorkspaceId,
  inboxIds: readonly (InboxId | null)[],
  now: Date,
): Promise<void> {
  const distinct = [...new Set(inboxIds)]
  const left = await selectWithWork(tx, workspaceId, distinct)
  for (const inboxId of distinct) if (!left.has(inboxId)) await clearIncident(tx, workspaceId, quarantineKey(inboxId), now)
}
