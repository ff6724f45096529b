import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { changeList, createList, type List, listLists } from '../../src/api/endpoints/lists.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

export function EditList({ list, onClose }: { list: List | null; onClose: () => void }) {
  const [name, setName] = useState(list?.name ?? '')
  const [description, setDescription] = useState(list?.description ?? '')
  const [optIn, setOptIn] = useState<List['opt_in']>(list?.opt_in ?? 'double')
  const [visibility, setVisibility] = useState<List['visibility']>(list?.visibility ?? 'private')
  const done = (saved: List) => {
    toast('good', t.lists.saved(saved.name))
    onClose()
  }
  const create = useAction(createList, { quiet: true, changes: [listLists], onDone: done })
  const change = useAction(changeList, { quiet: true, changes: [listLists], onDone: done })
  const errors = errorsFor(create.error ?? change.error, ['/name', '/description'])
  function submit() {
    const body = { name, description, opt_in: optIn, visibility }
    if (list) change.mutate({ params: { id: list.id }, body })
    else create.mutate({ body })
  }
  return (
    <Dialog title={list ? t.lists.changeOf(list.name) : t.lists.add} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={t.lists.name}
          required
          maxLength={100}
          data-autofocus
          value={name}
          error={errors.of('/name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t.lists.description}
          description={t.lists.descriptionHint}
          maxLength={1_000}
          autosize
          minRows={2}
          value={description}
          error={errors.of('/description')}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Select
          label={t.lists.optIn}
          data={(['double', 'single'] as const).map((value) => ({ value, label: t.lists[value] }))}
          value={optIn}
          allowDeselect={false}
          onChange={(value) => value && setOptIn(value as List['opt_in'])}
        />
        <Select
          label={t.lists.visibility}
          data={(['private', 'public'] as const).map((value) => ({ value, label: t.lists[value] }))}
          value={visibility}
          allowDeselect={false}
          onChange={(value) => value && setVisibility(value as List['visibility'])}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || change.isPending}>
            {t.lists.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
