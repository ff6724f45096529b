import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addSuppression, listSuppressions, SuppressionStream } from '../../src/api/endpoints/suppressions.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

export function AddSuppression({ initial, onClose }: { initial: string; onClose: () => void }) {
  const [address, setAddress] = useState(initial)
  const [stream, setStream] = useState<string>('all')
  const [note, setNote] = useState('')
  const add = useAction(addSuppression, {
    quiet: true,
    changes: [listSuppressions],
    onDone: (added) => {
      toast('good', t.suppressions.added(added.address))
      onClose()
    },
  })
  const errors = errorsFor(add.error, ['/address', '/note'])
  return (
    <Dialog title={t.suppressions.addTitle} onClose={onClose}>
      <Form
        problem={errors.rest}
        onSubmit={() =>
          add.mutate({ body: { address: address.trim(), stream: SuppressionStream.parse(stream), note: note.trim() } })
        }
      >
        <p>{t.suppressions.addLead}</p>
        <TextInput
          label={t.suppressions.address}
          value={address}
          error={errors.of('/address')}
          data-autofocus
          required
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <Select
          label={t.suppressions.stream}
          value={stream}
          allowDeselect={false}
          data={SuppressionStream.options.map((value) => ({
            value,
            label: value === 'all' ? t.suppressions.all : t.streams[value],
          }))}
          onChange={(value) => setStream(value ?? 'all')}
        />
        <TextInput
          label={t.suppressions.note}
          description={t.suppressions.noteHint}
          value={note}
          error={errors.of('/note')}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t.suppressions.add}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
