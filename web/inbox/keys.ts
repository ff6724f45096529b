/**
 * Every key of the inbox, one meaning each. The list and the conversation beside it are one page, so no key may mean two things in the area, nor what
 * the shell means by it anywhere; `test/web/inbox/keys.test.ts` holds that. The help shows those of them that hold where it is opened.
 */
import { t } from '../texts/texts.ts'
import { useKeys } from '../ui/keys.ts'

export const INBOX_KEYS = {
  next: { keys: 'j', group: 'list' },
  previous: { keys: 'k', group: 'list' },
  select: { keys: 'x', group: 'list' },
  selectAll: { keys: 'X', group: 'list' },
  selectNone: { keys: 'Escape', group: 'list' },
  begin: { keys: 'c', group: 'list' },
  close: { keys: 'e', group: 'act' },
  snooze: { keys: 'b', group: 'act' },
  assign: { keys: 'a', group: 'act' },
  assignMe: { keys: 'i', group: 'act' },
  label: { keys: 'l', group: 'act' },
  priority: { keys: 'p', group: 'act' },
  star: { keys: 's', group: 'act' },
  spam: { keys: '!', group: 'act' },
  unread: { keys: 'u', group: 'act' },
  remove: { keys: '#', group: 'act' },
  undo: { keys: 'z', group: 'act' },
  print: { keys: 'mod+p', group: 'act' },
  reply: { keys: 'r', group: 'write' },
  note: { keys: 'n', group: 'write' },
  forward: { keys: 'f', group: 'write' },
  send: { keys: 'mod+Enter', group: 'write' },
} as const satisfies Readonly<Record<string, { readonly keys: string; readonly group: 'list' | 'act' | 'write' }>>

export type InboxKey = keyof typeof INBOX_KEYS

/**
 * The keys that hold while the component is there. `selected`: what is chosen in the list comes before what is open beside it, whichever of them was
 * there first.
 */
export function useInboxKeys(
  handlers: Readonly<Partial<Record<InboxKey, () => void>>>,
  { selected = false }: { readonly selected?: boolean } = {},
): void {
  const names = Object.keys(handlers) as InboxKey[]
  useKeys(
    names.flatMap((name) => {
      const run = handlers[name]
      const { keys, group } = INBOX_KEYS[name]
      return run ? [{ keys, label: t.inboxKeys[name], group: t.inboxKeys.groups[group], run, isFirst: selected }] : []
    }),
  )
}
