import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { getSetup, setUp } from '../../src/api/endpoints/account.ts'
import { meQuery } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'

const POINTERS = ['/code', '/workspace', '/name', '/email', '/password']

export function MakeOwner({ code: given, onDone }: { code: string; onDone: () => void }) {
  const client = useQueryClient()
  const [code, setCode] = useState(given)
  const [workspace, setWorkspace] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const make = useAction(setUp, {
    quiet: true,
    changes: [getSetup],
    onDone: (me) => {
      client.setQueryData(meQuery.queryKey, me)
      onDone()
    },
  })
  const errors = errorsFor(make.error, POINTERS)
  function submit() {
    make.mutate({ body: { code: code.trim(), workspace: workspace.trim(), name: name.trim(), email: email.trim(), password } })
  }
  return (
    <Form onSubmit={submit} problem={errors.rest}>
      {given === '' && (
        <TextInput
          label={t.setup.code}
          description={t.setup.codeHint}
          value={code}
          error={errors.of('/code')}
          autoComplete="one-time-code"
          spellCheck={false}
          required
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
      <TextInput
        label={t.fields.workspace}
        description={t.fields.workspaceHint}
        value={workspace}
        error={errors.of('/workspace')}
        autoComplete="organization"
        autoFocus={given !== ''}
        required
        onChange={(event) => setWorkspace(event.currentTarget.value)}
      />
      <TextInput
        label={t.fields.name}
        value={name}
        error={errors.of('/name')}
        autoComplete="name"
        required
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        type="email"
        label={t.fields.email}
        value={email}
        error={errors.of('/email')}
        autoComplete="username"
        required
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label={t.fields.password}
        description={t.fields.passwordHint}
        value={password}
        error={errors.of('/password')}
        autoComplete="new-password"
        required
        visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={make.isPending} fullWidth>
        {t.setup.makeOwner}
      </Button>
    </Form>
  )
}
