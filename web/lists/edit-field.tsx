import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addContactField, type ContactField, changeContactField, listContactFields } from '../../src/api/endpoints/lists.ts'
import { FIELD_TYPES, type FieldType } from '../../src/contacts/custom-data.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

export function EditField({ field, onClose }: { field: ContactField | null; onClose: () => void }) {
  const [label, setLabel] = useState(field?.label ?? '')
  const [key, setKey] = useState(field?.key ?? '')
  const [type, setType] = useState<FieldType>(field?.type ?? 'text')
  const [options, setOptions] = useState(field?.options.join('\n') ?? '')
  const [required, setRequired] = useState(field?.is_required ?? false)
  const done = (saved: ContactField) => {
    toast('good', t.lists.saved(saved.label))
    onClose()
  }
  const add = useAction(addContactField, { quiet: true, changes: [listContactFields], onDone: done })
  const change = useAction(changeContactField, { quiet: true, changes: [listContactFields], onDone: done })
  const errors = errorsFor(add.error ?? change.error, ['/label', '/key', '/options'])
  const isChoice = type === 'choice' || type === 'choices'
  function submit() {
    const listed = isChoice ? options.split('\n').flatMap((line) => line.trim() || []) : []
    const body = { label, options: listed, is_required: required }
    if (field) change.mutate({ params: { key: field.key }, body })
    else add.mutate({ body: { ...body, key, type } })
  }
  return (
    <Dialog title={field ? t.lists.changeOf(field.label) : t.lists.addField} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={t.lists.label}
          required
          maxLength={60}
          data-autofocus
          value={label}
          error={errors.of('/label')}
          onChange={({ currentTarget: { value } }) => {
            if (!field && key === keyFrom(label)) setKey(keyFrom(value))
            setLabel(value)
          }}
        />
        {!field && (
          <>
            <TextInput
              label={t.lists.key}
              description={t.lists.keyHint}
              required
              maxLength={40}
              value={key}
              error={errors.of('/key')}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <Select
              label={t.lists.type}
              data={FIELD_TYPES.map((value) => ({ value, label: t.lists.types[value] }))}
              value={type}
              allowDeselect={false}
              onChange={(value) => value && setType(value as FieldType)}
            />
          </>
        )}
        {isChoice && (
          <Textarea
            label={t.lists.options}
            description={t.lists.optionsHint}
            autosize
            minRows={3}
            maxRows={12}
            value={options}
            error={errors.of('/options')}
            onChange={(event) => setOptions(event.currentTarget.value)}
          />
        )}
        <Checkbox label={t.lists.required} checked={required} onChange={(event) => setRequired(event.currentTarget.checked)} />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={add.isPending || change.isPending}>
            {t.lists.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function keyFrom(label: string): string {
  const words = label.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return words
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40)
}
