import { useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import {
  type ConversationRow,
  changeManyConversations,
  countConversations,
  listConversations,
  searchConversations,
} from '../../../src/api/endpoints/conversation-lists.ts'
import { listViews } from '../../../src/api/endpoints/saved-views.ts'
import { undoActs } from '../../../src/api/endpoints/triage.ts'
import { type BodyOf, call, type Problem, type ReplyOf } from '../../api.ts'
import { keyOf } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { toast } from '../../ui/toasts.tsx'

type Body = BodyOf<typeof changeManyConversations>
export type Wish = Omit<Body, 'ids'>

/** Does one thing to conversations, says what came of it, and offers to take it back. */
export function useBulk(): (rows: readonly ConversationRow[], wish: Wish) => Promise<boolean> {
  const client = useQueryClient()
  const refresh = () => {
    for (const endpoint of [listConversations, countConversations, listViews, searchConversations])
      void client.invalidateQueries({ queryKey: keyOf(endpoint) })
  }
  const takeBack = async (run: () => Promise<unknown>) => {
    try {
      await run()
      refresh()
    } catch (problem) {
      tell(problem as Problem)
    }
  }
  return async (rows, wish) => {
    if (rows.length === 0) return false
    const body = { ...wish, ids: rows.map(({ id }) => id) }
    try {
      const { changed, refused, undo } = await call(changeManyConversations, { body })
      refresh()
      const [first] = refused
      const back = wayBack({ ...body, ids: changed }, undo)
      if (first) toast('bad', t.inboxList.doneSome(changed.length, refused.length, first.detail))
      else toast('good', t.inboxList.done(changed.length), back && { label: t.inboxList.undo, run: () => void takeBack(back) })
      return true
    } catch (problem) {
      tell(problem as Problem)
      return false
    }
  }
}

/** A star is nobody else's business: it has no undo of the server's, and needs none. */
function wayBack(body: Body, undo: ReplyOf<typeof changeManyConversations>['undo']): (() => Promise<unknown>) | undefined {
  if (body.ids.length === 0) return undefined
  if (body.act === 'star' || body.act === 'unstar')
    return () => call(changeManyConversations, { body: { ids: body.ids, act: body.act === 'star' ? 'unstar' : 'star' } })
  const acts = z.encode(undoActs.body.shape.acts, undo)
  return undo.length > 0 ? () => call(undoActs, { body: { acts } }) : undefined
}

function tell(problem: Problem): void {
  toast('bad', problem.message)
}
