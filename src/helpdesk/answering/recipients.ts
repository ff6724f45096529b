/**
 * Whom an answer goes to. Pure: the page offers by it, the server warns by it.
 *
 * An answer goes to who asks, and to those who were addressed in the last message beside us. Addresses of ours never stand among them: an answer to
 * ourselves is how loops begin. Where a sender wants answers elsewhere, that is offered, never taken over by itself.
 */
import type { Correspondent } from '../../mail/received-head.ts'
import type { ItemKind, Recipients } from '../item.ts'

export interface SaidItem {
  readonly kind: ItemKind
  readonly from: Correspondent
  readonly replyTo: readonly string[]
  readonly recipients: Recipients
  readonly hiddenAt: Date | null
}

export interface AnswerRecipients {
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
}

export interface AnswerContext {
  readonly requester: Correspondent
  /** Of this inbox, in lower case: its own and its aliases. */
  readonly ours: readonly string[]
  /** Who was taken out, in lower case. */
  readonly removed: readonly string[]
}

/** `items` oldest first. Forwards are between us and somebody else: who got one is not in the conversation. */
export function answerRecipients(items: readonly SaidItem[], { requester, ours, removed }: AnswerContext): AnswerRecipients {
  const last = items.findLast((item) => (item.kind === 'customer' || item.kind === 'reply') && item.hiddenAt === null)
  const keep = keeper([...ours, ...removed])
  const to = keep([requester])
  // Somebody else than who asks wrote last: he is answered too, beside the one who asks.
  const beside = last?.kind === 'customer' ? [last.from, ...last.recipients.to, ...last.recipients.cc] : []
  const before = last?.kind === 'reply' ? [...last.recipients.to, ...last.recipients.cc] : []
  return { to, cc: keep([...beside, ...before]) }
}

/** Each address once, none of `except`. */
function keeper(except: readonly string[]): (people: readonly Correspondent[]) => Correspondent[] {
  const seen = new Set(except.map((address) => address.toLowerCase()))
  return (people) =>
    people.filter(({ address }) => {
      const key = address.toLowerCase()
      if (!address.includes('@') || seen.has(key)) return false
      seen.add(key)
      return true
    })
}

export interface RecipientChange {
  /** In the answer, but nobody who had the last message. */
  readonly added: readonly string[]
  /** Had the last message, and would not get the answer. */
  readonly missing: readonly string[]
}

/** How the recipients of an answer differ from who took part in the last message: what a writer is warned of. */
export function recipientChange(
  chosen: { readonly to: readonly string[]; readonly cc: readonly string[]; readonly bcc: readonly string[] },
  usual: AnswerRecipients,
): RecipientChange {
  const given = [...chosen.to, ...chosen.cc, ...chosen.bcc].map((address) => address.toLowerCase())
  const before = [...usual.to, ...usual.cc].map(({ address }) => address.toLowerCase())
  return {
    added: [...new Set(given.filter((address) => !before.includes(address)))],
    missing: before.filter((address) => !given.includes(address)),
  }
}
