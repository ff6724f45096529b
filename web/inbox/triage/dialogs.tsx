import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { getConversationChoices, splitConversation } from '../../../src/api/endpoints/triage.ts'
import type { InboxId, ItemId } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { moment } from '../../ui/format.ts'
import styles from './triage.module.css'
import { useTriage } from './use-triage.ts'

interface Props {
  readonly conversation: ConversationView
  readonly onClose: () => void
}

export function SplitDialog({ conversation, onClose }: Props) {
  const navigate = useNavigate()
  const { run } = useTriage(conversation)
  const [subject, setSubject] = useState(conversation.subject)
  const [chosen, setChosen] = useState<readonly ItemId[]>([])
  const items = conversation.items.filter(({ kind }) => kind !== 'activity')
  const says = t.triage.splitDialog
  async function submit() {
    const body = { items: [...chosen], ...(subject.trim() && { subject: subject.trim() }) }
    const splitting = call(splitConversation, { params: { id: conversation.id }, body })
    const made = await run(splitting, ({ number }) => t.triage.done.split(number))
    if (!made) return
    onClose()
    void navigate({ to: '/conversations/$number', params: { number: String(made.number) } })
  }
  return (
    <Dialog title={says.title} onClose={onClose} wide>
      <Form onSubmit={() => void submit()}>
        <p className={styles.quiet}>{says.lead}</p>
        <TextInput
          label={says.subject}
          value={subject}
          maxLength={1_000}
          onChange={(event) => setSubject(event.currentTarget.value)}
        />
        <Checkbox.Group label={says.items} value={[...chosen]} onChange={(value) => setChosen(value as ItemId[])}>
          <div className={styles.list}>
            {items.map(({ id, author, created_at, text }) => (
              <Checkbox
                key={id}
                mt={8}
                value={id}
                label={`${author.name || author.address}, ${moment(created_at, new Date())}`}
                description={text.slice(0, 140)}
              />
            ))}
          </div>
        </Checkbox.Group>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={chosen.length === 0 || chosen.length === items.length}>
            {says.act(chosen.length)}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

export function MoveDialog({ conversation, onClose }: Props) {
  const { change } = useTriage(conversation)
  const inboxes = useEndpoint(getConversationChoices, { id: conversation.id }).data?.inboxes ?? []
  const [inbox, setInbox] = useState<string | null>(null)
  const says = t.triage.moveDialog
  async function submit() {
    const name = inboxes.find(({ id }) => id === inbox)?.name
    if (inbox && name && (await change({ inbox_id: inbox as InboxId }, t.triage.done.moved(name)))) onClose()
  }
  return (
    <Dialog title={says.title} onClose={onClose}>
      <Form onSubmit={() => void submit()}>
        <Select
          label={says.inbox}
          description={says.hint}
          data={inboxes.filter(({ id }) => id !== conversation.inbox.id).map(({ id, name }) => ({ value: id, label: name }))}
          value={inbox}
          searchable
          data-autofocus
          onChange={setInbox}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={inbox === null}>
            {says.act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

export function SnoozeDialog({ conversation, onClose }: Props) {
  const { change } = useTriage(conversation)
  const [text, setText] = useState('')
  const at = text === '' ? null : new Date(text)
  async function submit() {
    if (at && (await change({ snoozed_until: at.toISOString() }, t.triage.done.snoozed(moment(at, new Date()))))) onClose()
  }
  return (
    <Dialog title={t.triage.snoozeDialog.title} onClose={onClose}>
      <Form onSubmit={() => void submit()}>
        <TextInput
          type="datetime-local"
          label={t.triage.snoozeDialog.label}
          value={text}
          data-autofocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={at === null}>
            {t.triage.snoozeDialog.act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
