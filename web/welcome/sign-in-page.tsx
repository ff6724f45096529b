import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { signIn } from '../../src/api/endpoints/account.ts'
import { meQuery } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { WelcomeFrame } from './frame.tsx'
import { insideOnly } from './inside-only.ts'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const { next, ended } = route.useSearch()
  const router = useRouter()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const enter = useAction(signIn, {
    quiet: true,
    onDone: (me) => {
      client.setQueryData(meQuery.queryKey, me)
      router.history.push(insideOnly(next))
    },
  })
  return (
    <WelcomeFrame title={t.signIn.title}>
      <Form onSubmit={() => enter.mutate({ body: { email: email.trim(), password } })} problem={enter.error?.message ?? null}>
        {ended && !enter.error && <Note tone="wait">{t.signIn.ended}</Note>}
        <TextInput
          type="email"
          label={t.fields.email}
          value={email}
          autoComplete="username"
          autoFocus
          required
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.fields.password}
          value={password}
          autoComplete="current-password"
          required
          visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={enter.isPending} fullWidth>
          {t.signIn.act}
        </Button>
      </Form>
    </WelcomeFrame>
  )
}
