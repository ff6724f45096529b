/** What somebody looks at is no news to them any more: said when a conversation is shown, and again when something is added while they look. */
import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import {
  type ConversationRow,
  countConversations,
  listConversations,
  readAllConversations,
  readConversation,
  searchConversations,
} from '../../src/api/endpoints/conversation-lists.ts'
import type { ConversationView } from '../../src/api/endpoints/conversations.ts'
import { call } from '../api.ts'
import { keyOf, useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'

/** Once for what is shown: whoever marks it as unread while it stands there has it so. */
export function useMarkRead({ id, last_at }: Pick<ConversationView, 'id' | 'last_at'>): void {
  const client = useQueryClient()
  const through = last_at.toISOString()
  useEffect(() => {
    const tell = () => {
      document.removeEventListener('visibilitychange', look)
      call(readConversation, { params: { id }, body: { through } }).then(
        () => showRead(client, id),
        // It stays unread: nothing is lost, and nobody has to do anything.
        () => {},
      )
    }
    // A tab in the background is not read.
    const look = () => {
      if (document.visibilityState === 'visible') tell()
    }
    document.addEventListener('visibilitychange', look)
    look()
    return () => document.removeEventListener('visibilitychange', look)
  }, [client, id, through])
}

interface Pages {
  readonly items: readonly ConversationRow[]
  readonly next: string | null
}

/** The lists that are loaded show it at once, without being asked for again. */
function showRead(client: QueryClient, id: string): void {
  let wasUnread = false
  const read = (row: ConversationRow) => {
    if (row.id !== id || !row.unread) return row
    wasUnread = true
    return { ...row, unread: false }
  }
  for (const endpoint of [listConversations, searchConversations])
    client.setQueriesData<InfiniteData<Pages>>({ queryKey: keyOf(endpoint) }, (data) => {
      if (!data?.pages?.some(({ items }) => items.some((row) => row.id === id && row.unread))) return data
      return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(read) })) }
    })
  if (wasUnread) void client.invalidateQueries({ queryKey: keyOf(countConversations) })
}

export function useReadAll(): () => void {
  const ask = useAsk()
  const act = useAction(readAllConversations, {
    changes: [listConversations, countConversations, searchConversations],
    onDone: () => toast('good', t.inboxList.readAllDone),
  })
  return async () => {
    const { readAllAsk: title, readAllBody: body } = t.inboxList
    if (await ask({ title, body, act: t.inboxList.act.readAll })) act.mutate({})
  }
}
