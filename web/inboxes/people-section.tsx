import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import {
  changeInboxAccess,
  getInbox,
  getInboxAccess,
  type Inbox,
  type InboxAccess,
  listInboxes,
} from '../../src/api/endpoints/inboxes.ts'
import { type Agent, listAgents } from '../../src/api/endpoints/teams.ts'
import { ACCESS_LEVELS } from '../../src/helpdesk/access/levels.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './inboxes.module.css'

export function PeopleSection({ inbox }: { inbox: Inbox }) {
  const access = useEndpoint(getInboxAccess, { id: inbox.id })
  const agents = useEndpoint(listAgents, {})
  const others = (agents.data?.items ?? []).filter(({ role }) => role !== 'owner' && role !== 'admin')
  return (
    <Panel title={t.inboxes.who}>
      <Loadable query={access}>{(given) => <AccessForm inbox={inbox} access={given} agents={others} />}</Loadable>
    </Panel>
  )
}

function AccessForm({ inbox, access, agents }: { inbox: Inbox; access: InboxAccess; agents: readonly Agent[] }) {
  const [draft, setDraft] = useState(access)
  const change = useAction(changeInboxAccess, {
    quiet: true,
    changes: [getInboxAccess, getInbox, listInboxes, listAgents],
    onDone: () => toast('good', t.inboxes.saved(inbox.name)),
  })
  const levelOf = (agent: Agent) => draft.people.find(({ user_id }) => user_id === agent.id)?.level ?? ''
  function give(agent: Agent, level: string | null) {
    const known = ACCESS_LEVELS.find((one) => one === level)
    const others = draft.people.filter(({ user_id }) => user_id !== agent.id)
    setDraft({ ...draft, people: known ? [...others, { user_id: agent.id, level: known }] : others })
  }
  const usual = draft.restricted ? t.inboxes.levelsRestricted.usual : t.inboxes.levels.usual
  return (
    <Form onSubmit={() => change.mutate({ params: { id: inbox.id }, body: draft })} problem={errorsFor(change.error, []).rest}>
      <ChoiceCards
        label={t.inboxes.who}
        name="restricted"
        value={draft.restricted ? 'restricted' : 'open'}
        onChange={(value) => setDraft({ ...draft, restricted: value === 'restricted' })}
        choices={[
          { value: 'open', title: t.inboxes.whoOpen, hint: t.inboxes.whoOpenHint },
          { value: 'restricted', title: t.inboxes.whoRestricted, hint: t.inboxes.whoRestrictedHint },
        ]}
      />
      <div>
        {agents.map((agent) => (
          <div key={agent.id} className={styles.person}>
            <span>
              {agent.name} <span className={styles.address}>{agent.email}</span>
            </span>
            <Select
              aria-label={t.inboxes.levelOf(agent.name)}
              value={levelOf(agent)}
              allowDeselect={false}
              data={[{ value: '', label: usual }, ...ACCESS_LEVELS.map((value) => ({ value, label: t.inboxes.levels[value] }))]}
              onChange={(level) => give(agent, level)}
            />
          </div>
        ))}
        {agents.length === 0 && <p className={styles.quiet}>{t.inboxes.noOthers}</p>}
      </div>
      <p className={styles.quiet}>{t.inboxes.ownersToo}</p>
      <FormActs>
        <Button type="submit" loading={change.isPending}>
          {t.inboxes.save}
        </Button>
      </FormActs>
    </Form>
  )
}
