import { Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Label } from '../../src/api/endpoints/triage.ts'
import {
  changeStatusLabel,
  createStatusLabel,
  listStatusLabels,
  orderStatusLabels,
  removeStatusLabel,
} from '../../src/api/endpoints/triage-settings.ts'
import type { Color } from '../../src/helpdesk/triage/tag.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './desk-settings.module.css'
import { AddButton, Chip, ColorSelect, movedUp, RowActs, SaveActs, UpButton } from './parts.tsx'

export function LabelsPanel({ because }: { because: string | null }) {
  const query = useEndpoint(listStatusLabels, {})
  const ask = useAsk()
  const remove = useAction(removeStatusLabel, { changes: [listStatusLabels] })
  const order = useAction(orderStatusLabels, { changes: [listStatusLabels] })
  const [open, setOpen] = useState<Label | 'new' | null>(null)
  const says = t.deskSettings
  async function onRemove({ id, name }: Label) {
    if (await ask({ title: says.askLabel(name), body: says.askLabelBody, act: says.remove, danger: true }))
      remove.mutate({ params: { id } }, { onSuccess: () => toast('good', says.removed(name)) })
  }
  const add = (
    <AddButton because={because} onClick={() => setOpen('new')}>
      {says.addLabel}
    </AddButton>
  )
  return (
    <Panel title={says.labels} aside={add}>
      <p className={styles.lead}>{says.labelsLead}</p>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{says.noLabels}</p>
          ) : (
            <Rows
              label={says.labels}
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { key: 'name', header: says.name, cell: (label) => <Chip {...label} /> },
                { key: 'status', header: says.status, cell: ({ status }) => t.triage.statuses[status] },
                {
                  key: 'acts',
                  header: t.common.acts,
                  isHidden: true,
                  end: true,
                  cell: (label) => (
                    <span className={styles.acts}>
                      {items.indexOf(label) > 0 && (
                        <UpButton
                          name={label.name}
                          because={because}
                          onClick={() => order.mutate({ body: { ids: movedUp(items, items.indexOf(label)) } })}
                        />
                      )}
                      <RowActs
                        name={label.name}
                        because={because}
                        onEdit={() => setOpen(label)}
                        onRemove={() => void onRemove(label)}
                      />
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loadable>
      {open && <LabelDialog label={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </Panel>
  )
}

function LabelDialog({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const [name, setName] = useState(label?.name ?? '')
  const [status, setStatus] = useState<Label['status']>(label?.status ?? 'pending')
  const [color, setColor] = useState<Color>((label?.color as Color | undefined) ?? 'grey')
  const says = t.deskSettings
  const options = {
    quiet: true,
    changes: [listStatusLabels],
    onDone: (saved: Label) => {
      toast('good', says.saved(saved.name))
      onClose()
    },
  }
  const create = useAction(createStatusLabel, options)
  const change = useAction(changeStatusLabel, options)
  const errors = errorsFor(create.error ?? change.error, ['/name'])
  function submit() {
    if (label) change.mutate({ params: { id: label.id }, body: { name: name.trim(), color } })
    else create.mutate({ body: { name: name.trim(), status, color } })
  }
  return (
    <Dialog title={label ? says.editOf(label.name) : says.addLabel} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={says.name}
          value={name}
          error={errors.of('/name')}
          maxLength={50}
          required
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={says.status}
          disabled={label !== null}
          allowDeselect={false}
          data={(['open', 'pending', 'closed'] as const).map((value) => ({ value, label: t.triage.statuses[value] }))}
          value={status}
          onChange={(value) => value && setStatus(value as Label['status'])}
        />
        <ColorSelect color={color} onChange={setColor} />
        <SaveActs busy={create.isPending || change.isPending} onClose={onClose} />
      </Form>
    </Dialog>
  )
}
