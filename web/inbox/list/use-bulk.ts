import { useQueryClient } from '@tanstack/react-query'
import {
  type ConversationRow,
  changeManyConversations,
  countConversations,
  listConversations,
  searchConversations,
} from '../../../src/api/endpoints/conversation-lists.ts'
import { listViews } from '../../../src/api/endpoints/saved-views.ts'
import { type BodyOf, call, type Problem } from '../../api.ts'
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
  async function act(bodies: readonly Body[]) {
    const answers = []
    for (const body of bodies) answers.push(await call(changeManyConversations, { body }))
    refresh()
    return { changed: answers.flatMap(({ changed }) => changed), refused: answers.flatMap(({ refused }) => refused) }
  }
  return async (rows, wish) => {
    if (rows.length === 0) return false
    try {
      const { changed, refused } = await act([{ ...wish, ids: rows.map(({ id }) => id) }])
      const back = inverseOf(
        rows.filter(({ id }) => changed.includes(id)),
        wish,
      )
      const undo = back.length > 0 && { label: t.inboxList.undo, run: () => void act(back).catch(tell) }
      const [first] = refused
      if (first) toast('bad', t.inboxList.doneSome(changed.length, refused.length, first.detail))
      else toast('good', t.inboxList.done(changed.length), undo || undefined)
      return true
    } catch (problem) {
      tell(problem as Problem)
      return false
    }
  }
}

function tell(problem: Problem): void {
  toast('bad', problem.message)
}

/** What puts the rows back as they were: one request for all that were alike. Empty where there is no way back from here. */
export function inverseOf(rows: readonly ConversationRow[], { act = 'change', set = {} }: Wish): Body[] {
  const ids = rows.map(({ id }) => id)
  const inverse = { delete: 'restore', restore: 'delete', star: 'unstar', unstar: 'star' } as const
  if (ids.length === 0) return []
  if (act !== 'change') return [{ ids, act: inverse[act] }]
  const before = (row: ConversationRow): NonNullable<Wish['set']> => ({
    ...(set.status !== undefined && {
      status: row.status,
      ...(row.label && { label_id: row.label.id }),
      ...(row.snoozed_until && { snoozed_until: row.snoozed_until.toISOString() }),
    }),
    ...(set.assignee_id !== undefined && { assignee_id: row.assignee?.id ?? null }),
    ...(set.team_id !== undefined && { team_id: row.team?.id ?? null }),
    ...(set.priority !== undefined && { priority: row.priority }),
    ...(set.inbox_id !== undefined && { inbox_id: row.inbox_id }),
    ...(set.snoozed_until !== undefined && { snoozed_until: row.snoozed_until?.toISOString() ?? null }),
    ...(set.add_tags && { remove_tags: set.add_tags.filter((tag) => !row.tags.includes(tag)) }),
    ...(set.remove_tags && { add_tags: set.remove_tags.filter((tag) => row.tags.includes(tag)) }),
  })
  const alike = Map.groupBy(rows, (row) => JSON.stringify(before(row)))
  return [...alike].map(([key, group]) => ({ ids: group.map(({ id }) => id), set: JSON.parse(key) }))
}
