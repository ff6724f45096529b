import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { listDrafts, undoSend } from '../../../src/api/endpoints/answers.ts'
import { getConversation } from '../../../src/api/endpoints/conversations.ts'
import type { ItemId } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { keyOf } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { toast } from '../../ui/toasts.tsx'

/** Takes back what has not left, and goes to where it is written on. It is asked for from a notice too, when what sent it is gone from the page. */
export function useUndoSend() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return async ({ number, itemId }: { number: number; itemId: ItemId }) => {
    const id = String(number)
    try {
      const { mode, draft_id } = await call(undoSend, { params: { id, item_id: itemId } })
      toast('good', t.conversation.undone)
      await client.invalidateQueries({ queryKey: keyOf(listDrafts) })
      if (mode === 'new') return void navigate({ to: '/conversations/new', search: { draft: draft_id } })
      void client.invalidateQueries({ queryKey: keyOf(getConversation) })
      void navigate({ to: '/conversations/$number', params: { number: id } })
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error))
    }
  }
}
