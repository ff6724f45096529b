import { Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import type { FieldDefinition } from '../../src/api/endpoints/triage.ts'
import {
  changeCustomField,
  createCustomField,
  listCustomFields,
  orderCustomFields,
  removeCustomField,
} from '../../src/api/endpoints/triage-settings.ts'
import { FIELD_TYPES, type FieldType } from '../../src/helpdesk/triage/custom-field.ts'
import type { InboxId } from '../../src/lib/ids.ts'
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
import { AddButton, movedUp, RowActs, SaveActs, UpButton } from './parts.tsx'

export function FieldsPanel({ because }: { because: string | null }) {
  const query = useEndpoint(listCustomFields, {})
  const inboxes = useEndpoint(listInboxes, {}).data?.items ?? []
  const ask = useAsk()
  const remove = useAction(removeCustomField, { changes: [listCustomFields] })
  const order = useAction(orderCustomFields, { changes: [listCustomFields] })
  const [open, setOpen] = useState<FieldDefinition | 'new' | null>(null)
  const says = t.deskSettings
  async function onRemove({ id, name }: FieldDefinition) {
    if (await ask({ title: says.askField(name), body: says.askFieldBody, act: says.remove, danger: true }))
      remove.mutate({ params: { id } }, { onSuccess: () => toast('good', says.removed(name)) })
  }
  const inboxOf = (id: InboxId | null) => inboxes.find((inbox) => inbox.id === id)?.name ?? says.everyInbox
  const add = (
    <AddButton because={because} onClick={() => setOpen('new')}>
      {says.addField}
    </AddButton>
  )
  return (
    <Panel title={says.fields} aside={add}>
      <p className={styles.lead}>{says.fieldsLead}</p>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{says.noFields}</p>
          ) : (
            <Rows
              label={says.fields}
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { key: 'name', header: says.name, cell: ({ name, is_required }) => (is_required ? `${name} *` : name) },
                { key: 'type', header: says.type, cell: ({ type }) => says.types[type] },
                { key: 'inbox', header: says.inbox, cell: ({ inbox_id }) => inboxOf(inbox_id) },
                {
                  key: 'acts',
                  header: t.common.acts,
                  isHidden: true,
                  end: true,
                  cell: (field) => (
                    <span className={styles.acts}>
                      {items.indexOf(field) > 0 && (
                        <UpButton
                          name={field.name}
                          because={because}
                          onClick={() => order.mutate({ body: { ids: movedUp(items, items.indexOf(field)) } })}
                        />
                      )}
                      <RowActs
                        name={field.name}
                        because={because}
                        onEdit={() => setOpen(field)}
                        onRemove={() => void onRemove(field)}
                      />
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loadable>
      {open && <FieldDialog field={open === 'new' ? null : open} inboxes={inboxes} onClose={() => setOpen(null)} />}
    </Panel>
  )
}

interface DialogProps {
  readonly field: FieldDefinition | null
  readonly inboxes: readonly { readonly id: InboxId; readonly name: string }[]
  readonly onClose: () => void
}

function FieldDialog({ field, inboxes, onClose }: DialogProps) {
  const [name, setName] = useState(field?.name ?? '')
  const [type, setType] = useState<FieldType>(field?.type ?? 'text')
  const [inbox, setInbox] = useState<string | null>(field?.inbox_id ?? null)
  const [options, setOptions] = useState(field?.options.join('\n') ?? '')
  const [isRequired, setRequired] = useState(field?.is_required ?? false)
  const [inList, setInList] = useState(field?.in_list ?? false)
  const says = t.deskSettings
  const hasOptions = type === 'choice' || type === 'choices'
  const common = {
    quiet: true,
    changes: [listCustomFields],
    onDone: (saved: FieldDefinition) => {
      toast('good', says.saved(saved.name))
      onClose()
    },
  }
  const create = useAction(createCustomField, common)
  const change = useAction(changeCustomField, common)
  const errors = errorsFor(create.error ?? change.error, ['/name', '/options'])
  function submit() {
    const lines = options.split('\n').map((line) => line.trim())
    const body = {
      name: name.trim(),
      inbox_id: inbox as InboxId | null,
      options: hasOptions ? lines.filter((line) => line !== '') : [],
      is_required: isRequired,
      in_list: inList,
    }
    if (field) change.mutate({ params: { id: field.id }, body })
    else create.mutate({ body: { ...body, type } })
  }
  return (
    <Dialog title={field ? says.editOf(field.name) : says.addField} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={says.name}
          value={name}
          error={errors.of('/name')}
          maxLength={100}
          required
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={says.type}
          disabled={field !== null}
          allowDeselect={false}
          data={FIELD_TYPES.map((value) => ({ value, label: says.types[value] }))}
          value={type}
          onChange={(value) => value && setType(value as FieldType)}
        />
        {hasOptions && (
          <Textarea
            label={says.options}
            value={options}
            error={errors.of('/options')}
            autosize
            minRows={3}
            maxRows={10}
            onChange={(event) => setOptions(event.currentTarget.value)}
          />
        )}
        <Select
          label={says.inbox}
          placeholder={says.everyInbox}
          clearable
          data={inboxes.map(({ id, name: label }) => ({ value: id, label }))}
          value={inbox}
          onChange={setInbox}
        />
        <Checkbox label={says.required} checked={isRequired} onChange={(event) => setRequired(event.currentTarget.checked)} />
        <Checkbox label={says.inList} checked={inList} onChange={(event) => setInList(event.currentTarget.checked)} />
        <SaveActs busy={create.isPending || change.isPending} onClose={onClose} />
      </Form>
    </Dialog>
  )
}
