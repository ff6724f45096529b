import { NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { listMailboxes } from '../../src/api/endpoints/mailboxes.ts'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { FROM_NAMES } from '../../src/helpdesk/inbox.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { FormRow } from '../ui/form.tsx'
import { SectionForm } from './section-form.tsx'
import { useSection } from './use-section.ts'

export function SendingSection({ inbox }: { inbox: Inbox }) {
  const section = useSection(
    inbox,
    ['from_name', 'route_id', 'undo_seconds', 'subject_tag', 'auto_bcc', 'sent_copy'],
    [...inbox.auto_bcc.map((_, i) => `/auto_bcc/${i}`), '/auto_bcc/0'],
  )
  const { draft, set, errors } = section
  const [bcc, setBcc] = useState(inbox.auto_bcc.join(', '))
  const routes = useEndpoint(listRoutes, {}).data?.items ?? []
  const example = t.inboxes.fromNameExample(draft.from_name, inbox.name)
  return (
    <SectionForm title={t.inboxes.tabs.sending} section={section}>
      <Select
        label={t.inboxes.fromName}
        description={t.inboxes.fromNameHint(example, inbox.address)}
        value={draft.from_name}
        allowDeselect={false}
        data={FROM_NAMES.map((value) => ({ value, label: t.inboxes.fromNames[value] }))}
        onChange={(value) => set({ from_name: FROM_NAMES.find((known) => known === value) ?? 'inbox' })}
      />
      <Select
        label={t.inboxes.route}
        description={t.inboxes.routeHint}
        value={draft.route_id ?? ''}
        error={errors.of('/route_id')}
        allowDeselect={false}
        data={[{ value: '', label: t.inboxes.byRules }, ...routes.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(value) => set({ route_id: value ? (value as Id<'route'>) : null })}
      />
      <NumberInput
        label={t.inboxes.undo}
        description={t.inboxes.undoHint}
        value={draft.undo_seconds}
        error={errors.of('/undo_seconds')}
        min={0}
        max={120}
        allowDecimal={false}
        suffix={` ${t.inboxes.seconds}`}
        onChange={(value) => set({ undo_seconds: typeof value === 'number' ? value : 0 })}
      />
      <Switch
        label={t.inboxes.subjectTag}
        description={t.inboxes.subjectTagHint(inbox.slug)}
        checked={draft.subject_tag}
        onChange={(event) => set({ subject_tag: event.currentTarget.checked })}
      />
      <TextInput
        label={t.inboxes.autoBcc}
        description={t.inboxes.autoBccHint}
        value={bcc}
        error={errors.of('/auto_bcc') ?? draft.auto_bcc.map((_, i) => errors.of(`/auto_bcc/${i}`)).find(Boolean)}
        onChange={(event) => {
          const { value } = event.currentTarget
          setBcc(value)
          set({ auto_bcc: value.split(/[\s,;]+/).filter((part) => part !== '') })
        }}
      />
      <SentCopy value={draft.sent_copy} error={errors.of('/sent_copy')} onChange={(sent_copy) => set({ sent_copy })} />
    </SectionForm>
  )
}

interface SentCopyProps {
  readonly value: Inbox['sent_copy']
  readonly error: string | undefined
  readonly onChange: (value: Inbox['sent_copy']) => void
}

function SentCopy({ value, error, onChange }: SentCopyProps) {
  const mailboxes = useEndpoint(listMailboxes, {}).data?.items ?? []
  return (
    <FormRow half>
      <Select
        label={t.inboxes.sentCopy}
        description={t.inboxes.sentCopyHint}
        value={value?.mailbox_id ?? ''}
        error={error}
        allowDeselect={false}
        data={[{ value: '', label: t.inboxes.noSentCopy }, ...mailboxes.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(id) => onChange(id ? { mailbox_id: id as Id<'mailbox'>, folder: value?.folder ?? 'Sent' } : null)}
      />
      {value && (
        <TextInput
          label={t.inboxes.sentFolder}
          description={t.inboxes.sentFolderHint}
          value={value.folder}
          maxLength={255}
          onChange={(event) => onChange({ ...value, folder: event.currentTarget.value })}
        />
      )}
    </FormRow>
  )
}
