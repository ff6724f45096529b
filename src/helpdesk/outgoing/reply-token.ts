import type { ItemId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { readSignedId, signId } from '../../lib/signed-id.ts'

/** What an answer that carries it answers: a mail to a customer (the id of its item), or a notification (the id of its row). */
export type ReplyPurpose = 'reply' | 'notification'

export interface ReplyToken {
  readonly purpose: ReplyPurpose
  readonly id: ItemId | string
}

/** Of this server's secret: no token outlives it, and none of another server means anything here. */
export function replyKey(secrets: Pick<Secrets, 'hmac'>): Buffer {
  return secrets.hmac('reply-token', '1')
}

export function signReply(itemId: ItemId, key: Uint8Array): string {
  return signId('reply', itemId, key)
}

export function signToken({ purpose, id }: ReplyToken, key: Uint8Array): string {
  return signId(purpose, id, key)
}

/** Null for everything that was not signed here. Whoever may use it, and for what, is asked by whoever reads it. */
export function readReplyToken(token: string, keys: readonly Uint8Array[]): ReplyToken | null {
  const lower = token.toLowerCase()
  for (const purpose of ['reply', 'notification'] as const) {
    const id = readSignedId(purpose, lower, keys)
    if (id !== null) return { purpose, id }
  }
  return null
}
