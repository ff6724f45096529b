import { useQueryClient } from '@tanstack/react-query'
import { type ConversationRow, changeManyConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { type BodyOf, call } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import { toast } from '../../ui/toasts.tsx'
import { refreshConversations, useUndo, wayBackOf } from '../undo.ts'

type Body = BodyOf<typeof changeManyConversations>
export type Wish = Omit<Body, 'ids'>

/** Does one thing to conversations, says what came of it, and offers to take it back. */
export function useBulk(): (rows: readonly ConversationRow[], wish: Wish) => Promise<boolean> {
  const client = useQueryClient()
  const undoing = useUndo()
  return async (rows, wish) => {
    if (rows.length === 0) return false
    const body = { ...wish, ids: rows.map(({ id }) => id) }
    try {
      const { changed, refused, undo } = await call(changeManyConversations, { body })
      refreshConversations(client)
      const [first] = refused
      const way = ownBack({ ...body, ids: changed }) ?? wayBackOf(undo)
      if (changed.length > 0 || !first) undoing.done(t.inboxList.done(changed.length), way)
      if (first) toast('bad', t.inboxList.doneSome(changed.length, refused.length, first.detail))
      return true
    } catch (problem) {
      toast('bad', problem instanceof Error ? problem.message : String(problem))
      return false
    }
  }
}

/** Stars and what is unread are nobody else's business: the server keeps no way back, and none is needed. */
const BACK: Partial<Record<NonNullable<Body['act']>, NonNullable<Body['act']>>> = {
  star: 'unstar',
  unstar: 'star',
  read: 'unread',
  unread: 'read',
}

function ownBack(body: Body) {
  const act = BACK[body.act ?? 'change']
  if (!act) return null
  return () => call(changeManyConversations, { body: { ids: body.ids, act } })
}
