import { useState } from 'react'
import { changeInbox, getInbox, type Inbox, listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { toast } from '../ui/toasts.tsx'

/** Some of the settings of an inbox as they are being changed: saved together, and no others with them. */
export function useSection<K extends keyof Inbox & string>(inbox: Inbox, names: readonly K[], pointers: readonly string[] = []) {
  const [draft, setDraft] = useState<Pick<Inbox, K>>(() => pick(inbox, names))
  const change = useAction(changeInbox, {
    quiet: true,
    changes: [listInboxes, getInbox],
    onDone: (after) => {
      setDraft(pick(after, names))
      toast('good', t.inboxes.saved(after.name))
    },
  })
  const errors = errorsFor(change.error, [...names.map((name) => `/${name}`), ...pointers])
  return {
    draft,
    set: (part: Partial<Pick<Inbox, K>>) => setDraft((now) => ({ ...now, ...part })),
    save: () => change.mutate({ params: { id: inbox.id }, body: draft as object }),
    errors,
    isSaving: change.isPending,
  }
}

export type Section<K extends keyof Inbox & string> = ReturnType<typeof useSection<K>>

function pick<K extends keyof Inbox & string>(inbox: Inbox, names: readonly K[]): Pick<Inbox, K> {
  return Object.fromEntries(names.map((name) => [name, inbox[name]])) as Pick<Inbox, K>
}
