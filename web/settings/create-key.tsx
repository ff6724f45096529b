import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { createApiKey, KeyScope, listApiKeys } from '../../src/api/endpoints/keys.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'

const DAY_MS = 86_400_000
const LIFETIMES = [30, 90, 365]

/** Makes a key, then shows it, once. */
export function CreateKey({ onClose, onCreated }: { onClose: () => void; onCreated: (key: string) => void }) {
  const [name, setName] = useState('')
  const [scope, setScope] = useState<(typeof KeyScope.options)[number]>('send')
  const [days, setDays] = useState('')
  const create = useAction(createApiKey, { quiet: true, changes: [listApiKeys], onDone: ({ key }) => onCreated(key) })
  if (create.data) return <Shown apiKey={create.data.key} onClose={onClose} />

  const errors = errorsFor(create.error, ['/name'])
  function submit() {
    const ends = days === '' ? undefined : new Date(Date.now() + Number(days) * DAY_MS).toISOString()
    create.mutate({ body: { name: name.trim(), scopes: [scope], ...(ends && { expires_at: ends }) } })
  }
  return (
    <Dialog title={t.developers.createTitle} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={t.developers.name}
          description={t.developers.nameHint}
          value={name}
          error={errors.of('/name')}
          maxLength={100}
          data-autofocus
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormRow half>
          <Select
            label={t.developers.scope}
            value={scope}
            allowDeselect={false}
            data={KeyScope.options.map((value) => ({ value, label: t.developers.scopes[value] }))}
            onChange={(value) => setScope(KeyScope.parse(value))}
          />
          <Select
            label={t.developers.expires}
            value={days}
            allowDeselect={false}
            data={[
              { value: '', label: t.developers.expiresNever },
              ...LIFETIMES.map((n) => ({ value: String(n), label: t.developers.expiresDays(n) })),
            ]}
            onChange={(value) => setDays(value ?? '')}
          />
        </FormRow>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.developers.createAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function Shown({ apiKey, onClose }: { apiKey: string; onClose: () => void }) {
  return (
    <ShownOnce
      title={t.developers.shownTitle}
      lead={t.developers.shown}
      secret={apiKey}
      testId="new-key"
      copyLabel={t.developers.copyKey}
      kept={t.developers.kept}
      onClose={onClose}
    />
  )
}
