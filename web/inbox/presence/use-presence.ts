/** This page says that it is there: when that changes, and every 20 seconds while it can be seen. What others do comes back with it. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { bePresent, getConversationPresence, listPresence, type Present } from '../../../src/api/endpoints/presence.ts'
import type { ConversationId } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { keyOf, useEndpoint } from '../../query.ts'

const BEAT_MS = 20_000
/** Who has not typed for so long has stopped writing. */
const WRITES_FOR_MS = 15_000

/** Which conversations something is being written in, on this page. */
const writing = new Map<string, number>()
const listeners = new Set<() => void>()

/** The composer calls it at every key. */
export function saysWriting(conversationId: string): void {
  const was = writing.get(conversationId)
  window.clearTimeout(was)
  writing.set(
    conversationId,
    window.setTimeout(() => stopWriting(conversationId), WRITES_FOR_MS),
  )
  if (was === undefined) for (const listener of listeners) listener()
}

/** It was sent, or put away. */
export function stopWriting(conversationId: string): void {
  window.clearTimeout(writing.get(conversationId))
  if (writing.delete(conversationId)) for (const listener of listeners) listener()
}

function useIsWriting(conversationId: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => writing.has(conversationId),
  )
}

/** Says it for as long as the component is there. */
export function useBePresent(conversationId: ConversationId): void {
  const client = useQueryClient()
  const isWriting = useIsWriting(conversationId)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation is another page
  const page = useMemo(newPage, [conversationId])
  useEffect(() => {
    // A beat that is lost is followed by another; there is nothing to say about it.
    const beat = () => {
      if (document.visibilityState !== 'visible') return
      call(bePresent, { params: { id: conversationId }, body: { page, doing: isWriting ? 'writing' : 'looking' } })
        .then(({ items }) => client.setQueryData(keyOf(getConversationPresence, { id: conversationId }), { items, next: null }))
        .catch(() => {})
    }
    beat()
    const timer = window.setInterval(beat, BEAT_MS)
    document.addEventListener('visibilitychange', beat)
    return () => {
      window.clearInterval(timer)
      document.removeEventListener('visibilitychange', beat)
    }
  }, [client, conversationId, page, isWriting])
  useEffect(() => {
    const leave = () => leaveAtOnce(conversationId, page)
    const onHidden = () => document.visibilityState === 'hidden' && leave()
    document.addEventListener('visibilitychange', onHidden)
    window.addEventListener('pagehide', leave)
    return () => {
      document.removeEventListener('visibilitychange', onHidden)
      window.removeEventListener('pagehide', leave)
      leave()
    }
  }, [conversationId, page])
}

/** A UUID; browsers make one themselves only where the page came by https. */
function newPage(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Outlives the page. */
function leaveAtOnce(conversationId: string, page: string): void {
  void fetch(bePresent.path.replace(':id', conversationId), {
    method: 'POST',
    keepalive: true,
    headers: { 'content-type': 'application/json', 'x-waybill': '1' },
    body: JSON.stringify({ page, doing: 'gone' }),
  }).catch(() => {})
}

/** Who else is in a conversation now. What they said ends by itself, whether the line says so or not. */
export function useOthers(conversationId: ConversationId): readonly Present[] {
  const { data } = useEndpoint(getConversationPresence, { id: conversationId }, { everyMs: 60_000 })
  return data?.items ?? []
}

/** The same for a row of a list: one question for all of them. */
export function useOthersInRow(conversationId: string): readonly Present[] {
  const { data } = useEndpoint(listPresence, {}, { everyMs: 60_000 })
  return (data?.items ?? []).filter(({ conversation_id }) => conversation_id === conversationId)
}
