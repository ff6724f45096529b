import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listSuppressions, SuppressionReason, undoSuppressions } from '../../src/api/endpoints/suppressions.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'

const NOTHING = { reason: '', text: '', domain: '', from: '', to: '' }

/** Counts what fits, then takes exactly that off the list. */
export function UndoSuppressions({ onClose }: { onClose: () => void }) {
  const [given, setGiven] = useState(NOTHING)
  const count = useAction(undoSuppressions, { quiet: true })
  const undo = useAction(undoSuppressions, {
    quiet: true,
    changes: [listSuppressions],
    onDone: ({ count: n, more }) => {
      toast('good', [t.suppressions.undone(n), more ? t.suppressions.undoMore : ''].join(' ').trim())
      onClose()
    },
  })
  /** What was counted is about what was chosen then. */
  const set = (change: Partial<typeof NOTHING>) => {
    setGiven({ ...given, ...change })
    count.reset()
  }
  const error = undo.error ?? count.error
  return (
    <Dialog title={t.suppressions.undoTitle} onClose={onClose}>
      <Form
        problem={error?.message ?? null}
        onSubmit={() => (count.data ? undo : count).mutate({ body: { ...criteriaOf(given), preview: !count.data } })}
      >
        <p>{t.suppressions.undoLead}</p>
        <Select
          label={t.suppressions.columns.reason}
          value={given.reason}
          allowDeselect={false}
          data={[
            { value: '', label: t.suppressions.anyReason },
            ...SuppressionReason.options.map((value) => ({ value, label: t.suppressions.reasons[value] })),
          ]}
          onChange={(reason) => set({ reason: reason ?? '' })}
        />
        <TextInput
          label={t.suppressions.undoText}
          value={given.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
        />
        <TextInput
          label={t.suppressions.undoDomain}
          value={given.domain}
          onChange={(event) => set({ domain: event.currentTarget.value })}
        />
        <FormRow half>
          <TextInput
            type="datetime-local"
            label={t.suppressions.undoFrom}
            value={given.from}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            label={t.suppressions.undoTo}
            value={given.to}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
        </FormRow>
        {count.data && <Note tone="calm">{t.suppressions.undoCounted(count.data.count)}</Note>}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button
            type="submit"
            {...(count.data && { color: 'red' })}
            loading={count.isPending || undo.isPending}
            disabled={count.data?.count === 0}
          >
            {count.data ? t.suppressions.undoAct(count.data.count) : t.suppressions.undoCount}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function criteriaOf({ reason, text, domain, from, to }: typeof NOTHING) {
  return {
    ...(reason && { reason: SuppressionReason.parse(reason) }),
    ...(text.trim() && { text: text.trim() }),
    ...(domain.trim() && { domain: domain.trim() }),
    ...(from && { from: new Date(from).toISOString() }),
    ...(to && { to: new Date(to).toISOString() }),
  }
}
