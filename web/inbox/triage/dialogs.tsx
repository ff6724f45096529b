import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { type ConversationItem, type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import { getConversationChoices, splitConversation } from '../../../src/api/endpoints/triage.ts'
import type { InboxId, ItemId } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { clockOrDay, moment } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.tsx'
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
  const { items, hasOlder, isLoading, more } = useItems(conversation)
  const chosenIds = useMemo(() => new Set(chosen), [chosen])
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
            {hasOlder && (
              <Button size="compact-sm" variant="light" fullWidth loading={isLoading} onClick={() => void more()}>
                {says.older}
              </Button>
            )}
            {items.map(({ id, author, created_at, text }, i) => (
              <div key={id} className={styles.entry}>
                <Checkbox
                  value={id}
                  disabled={chosen.length >= MAX_SPLIT && !chosenIds.has(id)}
                  label={`${author.name || author.address}, ${moment(created_at, new Date())}`}
                  description={text.slice(0, 140)}
                />
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-label={says.fromHereOn(moment(created_at, new Date()))}
                  onClick={() =>
                    setChosen(
                      items
                        .slice(i)
                        .slice(0, MAX_SPLIT)
                        .map((item) => item.id),
                    )
                  }
                >
                  {says.fromHere}
                </Button>
              </div>
            ))}
          </div>
        </Checkbox.Group>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={chosen.length === 0 || (chosen.length === items.length && !hasOlder)}>
            {says.act(chosen.length)}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

/** As many at once as one act takes. */
const MAX_SPLIT = 500

/** What was said, the newest as it is shown, and older pages when they are asked for. */
function useItems(conversation: ConversationView) {
  const [earlier, setEarlier] = useState<{ items: readonly ConversationItem[]; older: string | null } | null>(null)
  const [isLoading, setLoading] = useState(false)
  const shown = new Set(conversation.items.map(({ id }) => id))
  const all = [...(earlier?.items ?? []).filter(({ id }) => !shown.has(id)), ...conversation.items]
  const older = earlier ? earlier.older : conversation.older
  async function more() {
    if (older === null) return
    setLoading(true)
    try {
      const page = await call(getConversation, { params: { id: conversation.id, before: older } })
      setEarlier((known) => ({ items: [...page.items, ...(known?.items ?? [])], older: page.older }))
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error))
    } finally {
      setLoading(false)
    }
  }
  return { items: all.filter(({ kind }) => kind !== 'activity'), hasOlder: older !== null, isLoading, more }
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
    if (at && (await change({ snoozed_until: at.toISOString() }, t.triage.done.snoozed(clockOrDay(at, new Date()))))) onClose()
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
