import { useQueryClient } from '@tanstack/react-query'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { type ChangeFields, changeConversation, type Seen, type Undo } from '../../../src/api/endpoints/triage.ts'
import { type BodyOf, call } from '../../api.ts'
import { toast } from '../../ui/toasts.tsx'
import { refreshConversations, useUndo, wayBackOf } from '../undo.ts'

interface Done {
  readonly undo: readonly Undo[]
}

/** Acts on a conversation: each says what was done and offers to take it back; a refusal says why. */
export function useTriage(conversation: ConversationView) {
  const client = useQueryClient()
  const undoing = useUndo()

  /** `onRefused`: true when it was answered otherwise than by saying so. */
  async function run<D extends Done>(
    acting: Promise<D>,
    says: string | ((done: D) => string),
    onRefused: (error: unknown) => boolean = () => false,
  ): Promise<D | null> {
    try {
      const done = await acting
      refreshConversations(client)
      const way = wayBackOf(done.undo)
      if (way) undoing.done(typeof says === 'string' ? says : says(done), way)
      return done
    } catch (error) {
      if (!onRefused(error)) tell(error)
      refreshConversations(client)
      return null
    }
  }

  return {
    run,
    /** With what this page shows of the same: somebody who was quicker is not written over. */
    change(wish: Wish, says: string, onRefused?: (error: unknown) => boolean) {
      const body = { ...wish, if: seenOf(conversation, wish) } as BodyOf<typeof changeConversation>
      return run(call(changeConversation, { params: { id: conversation.id }, body }), says, onRefused)
    },
    undoLast: undoing.undoLast,
  }
}

export type Triage = ReturnType<typeof useTriage>
export type Wish = Partial<Omit<ChangeFields, 'due_at' | 'snoozed_until'>> & {
  readonly due_at?: string | null
  readonly snoozed_until?: string | null
}

export function tell(error: unknown): void {
  toast('bad', error instanceof Error ? error.message : String(error))
}

function seenOf(c: ConversationView, wish: Wish): Record<string, unknown> {
  const shown: Record<keyof Omit<Seen, 'fields'>, unknown> = {
    inbox_id: c.inbox.id,
    subject: c.subject,
    status: c.status,
    label_id: c.label?.id ?? null,
    priority: c.priority,
    assignee_id: c.assignee?.id ?? null,
    team_id: c.team?.id ?? null,
    requester: c.requester.address,
    due_at: c.due_at?.toISOString() ?? null,
    snoozed_until: c.snoozed_until?.toISOString() ?? null,
    auto_reply_off: c.auto_reply_off,
  }
  const seen = Object.entries(shown).filter(([key]) => key in wish)
  const fields = wish.fields && Object.fromEntries(Object.keys(wish.fields).map((id) => [id, c.fields[id] ?? null]))
  return { ...Object.fromEntries(seen), ...(fields && { fields }) }
}
