import { Select } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { listAgents, listTeams } from '../../src/api/endpoints/teams.ts'
import { ASSIGN_ON_REPLY, STATUSES_AFTER_REPLY } from '../../src/helpdesk/inbox.ts'
import { fillVariables, VARIABLES, valuesOf } from '../../src/helpdesk/variables.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe } from '../me.ts'
import { safeNodes } from '../parts/safe-nodes.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { FormRow } from '../ui/form.tsx'
import styles from './inboxes.module.css'
import { SectionForm } from './section-form.tsx'
import { TextEditor } from './text-editor.tsx'
import { useSection } from './use-section.ts'

export function AnsweringSection({ inbox }: { inbox: Inbox }) {
  const section = useSection(inbox, ['signature', 'status_after_reply', 'assign_on_reply', 'default_assignee', 'default_team'])
  const { draft, set, errors } = section
  const agents = useEndpoint(listAgents, { inbox_id: inbox.id }).data?.items ?? []
  const teams = useEndpoint(listTeams, {}).data?.items ?? []
  return (
    <SectionForm title={t.inboxes.tabs.answering} section={section}>
      <TextEditor
        label={t.inboxes.signature}
        hint={t.inboxes.signatureHint}
        value={draft.signature}
        error={errors.of('/signature')}
        variables={VARIABLES}
        onChange={(signature) => set({ signature })}
      />
      <Preview html={draft.signature} inbox={inbox} />
      <FormRow half>
        <Select
          label={t.inboxes.statusAfterReply}
          value={draft.status_after_reply}
          allowDeselect={false}
          data={STATUSES_AFTER_REPLY.map((value) => ({ value, label: t.inboxes.statuses[value] }))}
          onChange={(value) => set({ status_after_reply: STATUSES_AFTER_REPLY.find((known) => known === value) ?? 'pending' })}
        />
        <Select
          label={t.inboxes.assignOnReply}
          value={draft.assign_on_reply}
          allowDeselect={false}
          data={ASSIGN_ON_REPLY.map((value) => ({ value, label: t.inboxes.assigns[value] }))}
          onChange={(value) => set({ assign_on_reply: ASSIGN_ON_REPLY.find((known) => known === value) ?? 'if_unassigned' })}
        />
      </FormRow>
      <FormRow half>
        <Select
          label={t.inboxes.defaultAssignee}
          description={t.inboxes.defaultAssigneeHint}
          value={draft.default_assignee ?? ''}
          error={errors.of('/default_assignee')}
          allowDeselect={false}
          searchable
          data={[{ value: '', label: t.inboxes.nobody }, ...agents.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={(value) => set({ default_assignee: value ? (value as Id<'user'>) : null })}
        />
        <Select
          label={t.inboxes.defaultTeam}
          description={t.inboxes.defaultTeamHint}
          value={draft.default_team ?? ''}
          error={errors.of('/default_team')}
          allowDeselect={false}
          data={[{ value: '', label: t.inboxes.noTeam }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={(value) => set({ default_team: value ? (value as Id<'team'>) : null })}
        />
      </FormRow>
    </SectionForm>
  )
}

/** With the values of somebody who asks and of who looks at the page. */
export function Preview({ html, inbox }: { html: string; inbox: Inbox }) {
  const me = useMe()
  const area = useRef<HTMLDivElement>(null)
  const values = valuesOf({
    inbox,
    agent: { name: me.user?.name ?? '', email: me.user?.email ?? '' },
    contact: { name: 'Chris Customer', email: 'chris@customer.example', company: 'Customer Ltd' },
    conversation: { number: 1041, subject: 'My order' },
  })
  const shown = fillVariables(html, values, 'html')
  useEffect(() => area.current?.replaceChildren(safeNodes(shown, document)), [shown])
  return (
    <section aria-label={t.inboxes.preview}>
      <div className={styles.quiet}>{html === '' ? t.inboxes.previewNothing : t.inboxes.preview}</div>
      <div ref={area} className={styles.preview} hidden={html === ''} />
    </section>
  )
}
