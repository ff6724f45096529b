import { Button, PasswordInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Role } from '../../src/accounts/actor.ts'
import { addMember, listMembers, Role as RoleSchema } from '../../src/api/endpoints/members.ts'
import { useMe } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { rolesFor } from './roles.ts'

export function AddMember({ onClose }: { onClose: () => void }) {
  const me = useMe()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('agent')
  const [password, setPassword] = useState('')
  const add = useAction(addMember, {
    quiet: true,
    changes: [listMembers],
    onDone: (member) => {
      toast('good', t.members.added(member.name))
      onClose()
    },
  })
  const errors = errorsFor(add.error, ['/name', '/email', '/password'])
  return (
    <Dialog title={t.members.addTitle} onClose={onClose}>
      <Form
        problem={errors.rest}
        onSubmit={() => add.mutate({ body: { name: name.trim(), email: email.trim(), role, ...(password && { password }) } })}
      >
        <p>{t.members.addLead}</p>
        <TextInput
          label={t.members.name}
          value={name}
          error={errors.of('/name')}
          data-autofocus
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          type="email"
          label={t.members.email}
          value={email}
          error={errors.of('/email')}
          required
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Select
          label={t.members.role}
          description={t.roleHints[role]}
          value={role}
          allowDeselect={false}
          data={rolesFor(me.permissions.includes('workspace.transfer')).map((value) => ({ value, label: t.roles[value] }))}
          onChange={(value) => setRole(RoleSchema.parse(value))}
        />
        <PasswordInput
          label={t.members.firstPassword}
          description={t.members.firstPasswordHint}
          value={password}
          error={errors.of('/password')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t.members.add}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
