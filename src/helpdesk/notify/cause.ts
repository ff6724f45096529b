/** What happens that agents are told of. */
import type { ItemId, UserId } from '../../lib/ids.ts'
import type { Conversation } from '../conversation.ts'

export const CAUSE_EVENTS = [
  'conversation_started',
  'customer_replied',
  'agent_replied',
  'note_added',
  'forwarded',
  'assigned',
  'mentioned',
  'moved',
  'snooze_over',
  'send_failed',
] as const
export type CauseEvent = (typeof CAUSE_EVENTS)[number]

export interface Cause {
  readonly event: CauseEvent
  /** As it is afterwards. */
  readonly conversation: Conversation
  /** What was written, or the line that tells what was done. Null where nothing stands in the conversation. */
  readonly itemId: ItemId | null
  /** Who did it: they are told nothing. Null: a customer, or Waybill itself. */
  readonly actor: UserId | null
  /** Who is named in what was written: told that they are mentioned, and followers from then on. */
  readonly mentioned?: readonly UserId[]
  /** Of `send_failed`: whose answer it was. */
  readonly author?: UserId | null
  /** Its item is written in this very transaction and tells of nothing else: nobody can have been told of it before. */
  readonly isFirst?: boolean
}
