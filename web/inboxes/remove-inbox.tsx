import { Button, Select } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type Inbox, listInboxes, removeInbox } from '../../src/api/endpoints/inboxes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'

/** An empty inbox goes at once; the conversations of another go somewhere first, request by request until all have gone. */
export function RemoveInbox({ inbox, onClose }: { inbox: Inbox; onClose: () => void }) {
  const navigate = useNavigate()
  const [moveTo, setMoveTo] = useState<string | null>(null)
  const [moved, setMoved] = useState(0)
  const others = (useEndpoint(listInboxes, {}).data?.items ?? []).filter(({ id, closed_at }) => id !== inbox.id && !closed_at)
  const remove = useAction(removeInbox, {
    quiet: true,
    changes: [listInboxes],
    onDone: (done) => {
      setMoved((before) => before + done.moved)
      if (!done.removed) return run()
      toast('good', t.inboxes.removed(inbox.name))
      void navigate({ to: '/settings/inboxes' })
    },
  })
  function run() {
    remove.mutate({ params: { id: inbox.id }, body: moveTo ? { move_to: moveTo as Id<'inbox'> } : {} })
  }
  const errors = errorsFor(remove.error, ['/move_to'])
  return (
    <Dialog title={t.inboxes.removeTitle(inbox.name)} onClose={onClose}>
      <Form onSubmit={run} problem={errors.rest}>
        <p>{t.inboxes.removeBody}</p>
        <Select
          label={t.inboxes.moveTo}
          description={t.inboxes.moveToHint}
          value={moveTo}
          error={errors.of('/move_to')}
          clearable
          searchable
          data={others.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setMoveTo}
        />
        {moved > 0 && <Note tone="calm">{t.inboxes.moving(moved)}</Note>}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" color="red" loading={remove.isPending}>
            {t.inboxes.removeAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
