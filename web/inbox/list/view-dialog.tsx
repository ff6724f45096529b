import { Button, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { changeView, createView, listViews, type SavedView } from '../../../src/api/endpoints/saved-views.ts'
import type { ConversationFilter, Sort } from '../../../src/helpdesk/list/filter.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from './bulk-bar.module.css'

interface Props {
  /** What is shown now: what a new view keeps, and an old one may take over. */
  readonly shown: { readonly filter: ConversationFilter; readonly sort: Sort }
  readonly view: SavedView | null
  readonly onClose: () => void
  readonly onSaved: (view: SavedView) => void
}

/** Names a view, and says for whom it is. */
export function ViewDialog({ shown, view, onClose, onSaved }: Props) {
  const words = t.inboxList.view
  const [name, setName] = useState(view?.name ?? '')
  const [shared, setShared] = useState(view?.shared ?? false)
  const onDone = (saved: SavedView) => {
    toast('good', words.saved)
    onSaved(saved)
  }
  const create = useAction(createView, { changes: [listViews], onDone, quiet: true })
  const change = useAction(changeView, { changes: [listViews], onDone, quiet: true })
  const error = create.error ?? change.error
  function save() {
    if (view) change.mutate({ params: { id: view.id }, body: { name: name.trim(), shared } })
    else create.mutate({ body: { name: name.trim(), shared, ...shown } })
  }
  return (
    <Dialog title={view ? words.edit : t.inboxList.saveView} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        {error && (
          <Note tone="bad" alert>
            {error.message}
          </Note>
        )}
        <TextInput
          label={words.name}
          placeholder={words.nameHint}
          value={name}
          maxLength={100}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Switch
          label={words.shared}
          description={words.sharedHint}
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
        <Button type="submit" disabled={name.trim() === ''} loading={create.isPending || change.isPending}>
          {words.save}
        </Button>
      </form>
    </Dialog>
  )
}
