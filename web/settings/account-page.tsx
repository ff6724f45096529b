import { Button, PasswordInput } from '@mantine/core'
import { MonitorSmartphone } from 'lucide-react'
import { useState } from 'react'
import { changePassword, listSessions, revokeSession, type Session } from '../../src/api/endpoints/account.ts'
import { useMe } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './account-page.module.css'
import { AgentAddresses } from './agent-addresses.tsx'
import { agentName } from './agent-name.ts'

export function AccountPage() {
  const me = useMe()
  return (
    <Page title={t.account.title} shape="narrow">
      <div className={styles.sections}>
        <Panel title={t.account.you}>
          <Facts
            facts={[
              [t.members.name, me.user?.name],
              [t.members.email, me.user?.email],
              [t.fields.workspace, me.workspace.name],
              [t.members.role, me.role && `${t.roles[me.role]}: ${t.roleHints[me.role]}`],
            ]}
          />
        </Panel>
        {me.user && me.permissions.includes('conversations.write') && <AgentAddresses id={me.user.id} />}
        <PasswordPanel />
        <Sessions />
      </div>
    </Page>
  )
}

function PasswordPanel() {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useAction(changePassword, {
    quiet: true,
    changes: [listSessions],
    onDone: () => {
      setCurrent('')
      setPassword('')
      toast('good', t.account.changed)
    },
  })
  const errors = errorsFor(change.error, ['/current', '/password'])
  const toggle = { visibilityToggleButtonProps: { 'aria-label': t.fields.showPassword } }
  return (
    <Panel title={t.account.password}>
      <p className={styles.lead}>{t.account.passwordLead}</p>
      <Form onSubmit={() => change.mutate({ body: { current, password } })} problem={errors.rest}>
        <PasswordInput
          label={t.fields.currentPassword}
          value={current}
          error={errors.of('/current')}
          autoComplete="current-password"
          required
          onChange={(event) => setCurrent(event.currentTarget.value)}
          {...toggle}
        />
        <PasswordInput
          label={t.fields.newPassword}
          description={t.fields.passwordHint}
          value={password}
          error={errors.of('/password')}
          autoComplete="new-password"
          required
          onChange={(event) => setPassword(event.currentTarget.value)}
          {...toggle}
        />
        <FormActs>
          <Button type="submit" loading={change.isPending}>
            {t.account.change}
          </Button>
        </FormActs>
      </Form>
    </Panel>
  )
}

function Sessions() {
  const query = useEndpoint(listSessions, {})
  return (
    <Panel title={t.account.sessions} flush>
      <Loadable query={query}>
        {({ items }) => (
          <ul>
            {items.map((session) => (
              <SessionLine key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loadable>
    </Panel>
  )
}

function SessionLine({ session }: { session: Session }) {
  const end = useAction(revokeSession, { changes: [listSessions], onDone: () => toast('good', t.account.ended) })
  const name = agentName(session.user_agent)
  return (
    <li className={styles.session}>
      <div>
        <div className={styles.name}>
          {name}
          {session.current && <Badge tone="good" icon={MonitorSmartphone} label={t.account.thisOne} />}
        </div>
        <div className={styles.quiet}>
          {session.ip} · {t.account.lastSeen} <Ago at={session.last_seen_at} /> · {t.account.since}{' '}
          <Ago at={session.created_at} />
        </div>
      </div>
      {!session.current && (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t.account.endLabel(name)}
          loading={end.isPending}
          onClick={() => end.mutate({ params: { id: session.id } })}
        >
          {t.account.end}
        </Button>
      )}
    </li>
  )
}
