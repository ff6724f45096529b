import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { countConversations, listConversations, searchConversations } from '../../src/api/endpoints/conversation-lists.ts'
import { getConversation } from '../../src/api/endpoints/conversations.ts'
import { listViews } from '../../src/api/endpoints/saved-views.ts'
import { getConversationChoices, type Undo, undoActs } from '../../src/api/endpoints/triage.ts'
import { type BodyOf, call } from '../api.ts'
import { keyOf } from '../query.ts'
import { t } from '../texts/texts.ts'
import { toast } from '../ui/toasts.tsx'

type WayBack = () => Promise<unknown>

/** The acts that `z` takes back, the last one last. They outlive the page that did them; what is too old the server refuses. */
const past: WayBack[] = []
const KEPT = 20

/** All that shows conversations, lists and numbers asks again. */
export function refreshConversations(client: QueryClient): void {
  const shown = [getConversation, getConversationChoices, listConversations, countConversations, listViews, searchConversations]
  for (const endpoint of shown) void client.invalidateQueries({ queryKey: keyOf(endpoint) })
}

/** What leads back from acts of the server. */
export function wayBackOf(acts: readonly Undo[]): WayBack | null {
  // As it travels: dates are text.
  const body = { acts: JSON.parse(JSON.stringify(acts)) as BodyOf<typeof undoActs>['acts'] }
  return acts.length === 0 ? null : () => call(undoActs, { body })
}

/** Taking back, the same for one conversation and for many: by the notice that says what was done, and by its key. */
export function useUndo() {
  const client = useQueryClient()
  async function takeBack(way: WayBack): Promise<void> {
    const at = past.indexOf(way)
    if (at >= 0) past.splice(at, 1)
    try {
      await way()
      toast('good', t.triage.undone)
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error))
    }
    refreshConversations(client)
  }
  return {
    /** Says what was done, and offers to take it back. */
    done(says: string, way: WayBack | null): void {
      if (way === null) {
        toast('good', says)
        return
      }
      past.push(way)
      past.splice(0, Math.max(0, past.length - KEPT))
      toast('good', says, { label: t.triage.undo, run: () => void takeBack(way) })
    },
    undoLast(): void {
      const last = past.at(-1)
      if (last) void takeBack(last)
      else toast('bad', t.triage.nothingToUndo)
    },
  }
}
