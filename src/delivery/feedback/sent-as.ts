import type { Tx } from '../../db/database.ts'
import { type DeliveryId, isId, type MessageId, type WorkspaceId } from '../../lib/ids.ts'
import { selectMailedAs, selectSentAs } from './find-queries.ts'

/** A message of ours by the Message-ID with which it left. */
export interface SentAs {
  readonly rfcId: string
  readonly messageId: MessageId
  /** A provider put its own Message-ID in the place of ours. */
  readonly isAlias: boolean
  /** What the helpdesk sent it for; null for all other mail. */
  readonly purpose: string | null
}

/** Which of these Message-IDs, in angle brackets or not, are of messages that left this workspace. */
export async function findSentAs(tx: Tx, workspaceId: WorkspaceId, rfcIds: readonly string[]): Promise<SentAs[]> {
  return rfcIds.length === 0 ? [] : await selectSentAs(tx, workspaceId, rfcIds)
}

/** A mail of a mailing: each delivery left under a Message-ID of its own. */
export interface MailedAs {
  readonly deliveryId: DeliveryId
  readonly rfcId: string
  readonly messageId: MessageId
  readonly recipient: string
  readonly origin: Readonly<Record<string, unknown>>
}

/** Which of these are deliveries of mailings that left this workspace: by Message-ID, ours or the one that a provider put in its place, or by their own id. */
export async function findMailedAs(
  tx: Tx,
  workspaceId: WorkspaceId,
  { rfcIds, deliveryIds }: { readonly rfcIds: readonly string[]; readonly deliveryIds: readonly DeliveryId[] },
): Promise<MailedAs[]> {
  const named = rfcIds.flatMap((rfcId) => {
    const found = /^<([0-9a-f-]{36})@([^<>\s@]+)>$/i.exec(rfcId)
    return found?.[1] && isId(found[1]) ? [{ rfcId, id: found[1].toLowerCase(), domain: (found[2] ?? '').toLowerCase() }] : []
  })
  return rfcIds.length + deliveryIds.length === 0 ? [] : await selectMailedAs(tx, workspaceId, { named, rfcIds, deliveryIds })
}
