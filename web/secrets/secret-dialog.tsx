import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listWorkflowSecrets, saveWorkflowSecret, type WorkflowSecret } from '../../src/api/endpoints/workflow-secrets.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { Uses } from './secrets-page.tsx'

interface Props {
  /** Null: a new one; else it gets another value. */
  readonly secret: WorkflowSecret | null
  readonly taken: readonly string[]
  readonly onClose: () => void
}

export function SecretDialog({ secret, taken, onClose }: Props) {
  const [name, setName] = useState(secret?.name ?? '')
  const [value, setValue] = useState('')
  const says = t.secrets
  const isThere = secret === null && taken.includes(name.trim())
  const save = useAction(saveWorkflowSecret, {
    changes: [listWorkflowSecrets],
    quiet: true,
    onDone: () => {
      toast('good', says.saved(name.trim()))
      onClose()
    },
  })
  const { of, rest } = errorsFor(save.error, ['/name', '/value'])
  return (
    <Dialog title={secret ? says.replaceTitle(secret.name) : says.add} onClose={onClose}>
      <Form
        onSubmit={() => {
          if (!isThere) save.mutate({ body: { name: name.trim(), value } })
        }}
        problem={rest}
      >
        {secret === null ? (
          <TextInput
            label={says.name}
            description={says.nameHint}
            value={name}
            maxLength={100}
            required
            autoComplete="off"
            data-autofocus
            error={isThere ? says.there : of('/name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : (
          <div>
            <p>{says.replaceLead}</p>
            {secret.used_by.length > 0 && <Uses of={secret.used_by} />}
          </div>
        )}
        <PasswordInput
          label={says.value}
          description={says.valueHint}
          value={value}
          required
          autoComplete="new-password"
          {...(secret !== null && { 'data-autofocus': true })}
          error={of('/value')}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {says.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
