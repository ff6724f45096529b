import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { countConversations, listConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import {
  type ChangeFields,
  changeConversation,
  getConversationChoices,
  type Seen,
  type Undo,
  undoActs,
} from '../../../src/api/endpoints/triage.ts'
import { type BodyOf, call } from '../../api.ts'
import { keyOf } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { toast } from '../../ui/toasts.tsx'

/** The acts that `z` takes back, the last one last. They outlive the page that did them; what is too old the server refuses. */
const past: (readonly Undo[])[] = []
const KEPT = 20

interface Done {
  readonly undo: readonly Undo[]
}

export function refreshConversations(client: QueryClient): void {
  for (const endpoint of [getConversation, listConversations, countConversations, getConversationChoices])
    void client.invalidateQueries({ queryKey: keyOf(endpoint) })
}

/** Acts on a conversation: each says what was done and offers to take it back; a refusal says why. */
export function useTriage(conversation: ConversationView) {
  const client = useQueryClient()

  async function takeBack(acts: readonly Undo[]): Promise<void> {
    const at = past.indexOf(acts)
    if (at >= 0) past.splice(at, 1)
    try {
      await call(undoActs, { body: { acts: encoded(acts) } })
      toast('good', t.triage.undone)
    } catch (error) {
      tell(error)
    }
    refreshConversations(client)
  }

  /** `onRefused`: true when it was answered otherwise than by saying so. */
  async function run<D extends Done>(
    acting: Promise<D>,
    says: string | ((done: D) => string),
    onRefused: (error: unknown) => boolean = () => false,
  ): Promise<D | null> {
    try {
      const done = await acting
      refreshConversations(client)
      if (done.undo.length === 0) return done
      past.push(done.undo)
      past.splice(0, Math.max(0, past.length - KEPT))
      toast('good', typeof says === 'string' ? says : says(done), { label: t.triage.undo, run: () => void takeBack(done.undo) })
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
    undoLast() {
      const last = past.at(-1)
      if (last) void takeBack(last)
      else toast('bad', t.triage.nothingToUndo)
    },
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

/** As it travels: dates are text. */
function encoded(acts: readonly Undo[]): BodyOf<typeof undoActs>['acts'] {
  return JSON.parse(JSON.stringify(acts))
}
