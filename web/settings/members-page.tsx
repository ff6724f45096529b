import { Select } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { changeMember, listMembers, type Member, Role as RoleSchema, removeMember } from '../../src/api/endpoints/members.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { AddMember } from './add-member.tsx'
import styles from './members-page.module.css'
import { rolesFor } from './roles.ts'

export function MembersPage() {
  const me = useMe()
  const query = useEndpoint(listMembers, {})
  const [adding, setAdding] = useState(false)
  const names = t.members.columns
  return (
    <Page
      title={t.members.title}
      lead={t.members.lead}
      shape="narrow"
      acts={
        <ActButton
          leftSection={<Plus size={15} aria-hidden />}
          because={whyNot(me, 'members.manage')}
          onClick={() => setAdding(true)}
        >
          {t.members.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) => (
          <Rows
            label={`${t.members.title}: ${t.members.count(items.length)}`}
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { key: 'name', header: names.name, cell: (member) => <Name member={member} /> },
              { key: 'role', header: names.role, cell: (member) => <RolePicker member={member} /> },
              {
                key: 'seen',
                header: names.seen,
                cell: ({ last_seen_at }) => (last_seen_at ? <Ago at={last_seen_at} /> : t.members.neverSeen),
              },
              { key: 'joined', header: names.joined, cell: ({ joined_at }) => <Ago at={joined_at} /> },
              { key: 'acts', header: t.common.acts, isHidden: true, end: true, cell: (member) => <Remove member={member} /> },
            ]}
          />
        )}
      </Loadable>
      {adding && <AddMember onClose={() => setAdding(false)} />}
    </Page>
  )
}

function Name({ member }: { member: Member }) {
  const me = useMe()
  return (
    <span>
      <span className={styles.name}>
        {member.name} {member.id === me.user?.id && <span className={styles.quiet}>({t.members.you})</span>}
      </span>
      <span className={styles.email}>{member.email}</span>
    </span>
  )
}

/** Making and unmaking owners is what administrators may not do; the choice shows only what will be allowed. */
function RolePicker({ member }: { member: Member }) {
  const me = useMe()
  const mayMakeOwners = me.permissions.includes('workspace.transfer')
  const change = useAction(changeMember, {
    changes: [listMembers],
    onDone: (after) => toast('good', t.members.changed(after.name, t.roles[after.role])),
  })
  if (member.role === 'owner' && !mayMakeOwners) return <span title={t.members.ownersOnly}>{t.roles.owner}</span>
  return (
    <Select
      className={styles.role ?? ''}
      size="xs"
      aria-label={t.members.roleOf(member.name)}
      allowDeselect={false}
      value={member.role}
      disabled={change.isPending}
      data={rolesFor(mayMakeOwners).map((role) => ({ value: role, label: t.roles[role] }))}
      onChange={(role) => {
        if (role && role !== member.role) change.mutate({ params: { id: member.id }, body: { role: RoleSchema.parse(role) } })
      }}
    />
  )
}

function Remove({ member }: { member: Member }) {
  const me = useMe()
  const ask = useAsk()
  const remove = useAction(removeMember, { changes: [listMembers], onDone: () => toast('good', t.members.removed(member.name)) })
  async function run() {
    const { removeTitle, removeBody, remove: act } = t.members
    if (await ask({ title: removeTitle(member.name), body: removeBody, act, danger: true }))
      remove.mutate({ params: { id: member.id } })
  }
  if (member.id === me.user?.id) return null
  const because =
    member.role === 'owner' && !me.permissions.includes('workspace.transfer')
      ? t.members.ownersOnly
      : whyNot(me, 'members.manage')
  return (
    <ActButton
      label={`${t.members.remove}: ${member.name}`}
      size="compact-sm"
      variant="default"
      because={because}
      loading={remove.isPending}
      onClick={() => void run()}
    >
      {t.members.remove}
    </ActButton>
  )
}
