/** A mail as the helpdesk takes it in: read, its files stored, whose inbox it is known. Plain data. */
import type { InboundMailId, WorkspaceId } from '../lib/ids.ts'
import type { Automatic } from '../mail/automatic.ts'
import type { Correspondent } from '../mail/received-head.ts'
import type { ReplyKeys } from '../mail/reply-keys.ts'
import type { VisibleText } from '../mail/visible-text.ts'
import type { ItemFile } from './item.ts'

export interface Incoming {
  readonly workspaceId: WorkspaceId
  readonly inboundId: InboundMailId
  readonly rfcMessageId: string | null
  readonly from: Correspondent
  readonly replyTo: readonly Correspondent[]
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly subject: string
  readonly body: VisibleText
  readonly files: readonly ItemFile[]
  readonly keys: ReplyKeys
  readonly automatic: Automatic | null
  readonly authentication: unknown
}
