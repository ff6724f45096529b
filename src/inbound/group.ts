/**
 * Which of the mails that were read are written together. Pure.
 *
 * Those of one group do not see one another. So a mail that answers or repeats one that is not written yet waits until it is, and an answer also waits
 * while mails that came before it are still being read, since one of them may be what it answers. All else goes as soon as it was read, so that a mail
 * that takes long to read holds up nothing but answers.
 */
import type { InboundMailId, WorkspaceId } from '../lib/ids.ts'

export interface Groupable {
  readonly id: InboundMailId
  readonly workspaceId: WorkspaceId
  readonly messageId: string | null
  /** What it says it answers. */
  readonly references: readonly string[]
}

export interface UnderWay {
  /** Message-IDs of the mails that are being written. */
  readonly writing: ReadonlySet<string>
  /** The oldest of those that are being read, of any workspace; null: none. */
  readonly oldestUnread: InboundMailId | null
}

/** Of the oldest that may go, and as many of its workspace as may go with it, in the order in which they came. */
export function nextGroup<Mail extends Groupable>(
  ready: readonly Mail[],
  { writing, oldestUnread }: UnderWay,
  limit: number,
): Mail[] {
  const group: Mail[] = []
  const unwritten = new Set(writing)
  for (const mail of ready.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const isOfGroup = group[0] === undefined || group[0].workspaceId === mail.workspaceId
    const isAnswer = mail.references.length > 0
    const waits =
      (mail.messageId !== null && unwritten.has(mail.messageId)) ||
      mail.references.some((id) => unwritten.has(id)) ||
      (isAnswer && oldestUnread !== null && oldestUnread < mail.id)
    if (isOfGroup && !waits) group.push(mail)
    if (mail.messageId !== null) unwritten.add(mail.messageId)
    if (group.length === limit) break
  }
  return group
}
