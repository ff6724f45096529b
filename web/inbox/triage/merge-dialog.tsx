import { Button, Radio, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { searchConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { linkConversation, mergeConversations } from '../../../src/api/endpoints/triage.ts'
import { defaultTarget } from '../../../src/helpdesk/triage/merging.ts'
import type { ConversationId } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { Note } from '../../ui/note.tsx'
import styles from './triage.module.css'
import { useTriage } from './use-triage.ts'

interface Other {
  readonly id: ConversationId
  readonly number: number
  readonly subject: string
  readonly requester: string
}
interface Props {
  readonly conversation: ConversationView
  readonly onClose: () => void
}

export function MergeDialog({ conversation, onClose }: Props) {
  const navigate = useNavigate()
  const { run } = useTriage(conversation)
  const [other, setOther] = useState<Other | null>(null)
  const [wanted, setWanted] = useState<number | null>(null)
  const here: Other = { ...conversation, requester: conversation.requester.address }
  const both = other ? [here, other] : []
  const kept = both.find(({ number }) => number === wanted) ?? defaultTarget(both)
  const gone = both.find((each) => each !== kept)
  async function submit() {
    if (!kept || !gone) return
    const merging = call(mergeConversations, { body: { ids: [gone.id], into: kept.id } })
    if (!(await run(merging, ({ number }) => t.triage.done.merged(number)))) return
    onClose()
    void navigate({ to: '/conversations/$number', params: { number: String(kept.number) } })
  }
  const says = t.triage.mergeDialog
  return (
    <Dialog title={says.title} onClose={onClose} wide>
      <Form onSubmit={() => void submit()}>
        <Chooser besides={conversation.id} chosen={other} onChoose={setOther} />
        {kept && gone && (
          <>
            <Radio.Group label={says.into} value={String(kept.number)} onChange={(value) => setWanted(Number(value))}>
              {both.map(({ number, subject }) => (
                <Radio key={number} mt={6} value={String(number)} label={says.stays(number, subject)} />
              ))}
            </Radio.Group>
            <Note tone="calm">{says.preview(gone.number, kept.number)}</Note>
            {kept.requester.toLowerCase() !== gone.requester.toLowerCase() && (
              <Note tone="wait">{says.otherPeople(kept.requester, gone.requester)}</Note>
            )}
          </>
        )}
        <Acts act={says.act} disabled={!kept} onClose={onClose} />
      </Form>
    </Dialog>
  )
}

export function LinkDialog({ conversation, onClose }: Props) {
  const { run } = useTriage(conversation)
  const [other, setOther] = useState<Other | null>(null)
  async function submit() {
    if (!other) return
    const params = { id: conversation.id, other_id: other.id }
    if (await run(call(linkConversation, { params }), t.triage.done.linked)) onClose()
  }
  return (
    <Dialog title={t.triage.linkDialog.title} onClose={onClose} wide>
      <Form onSubmit={() => void submit()}>
        <Chooser besides={conversation.id} chosen={other} onChoose={setOther} />
        <Acts act={t.triage.linkDialog.act} disabled={!other} onClose={onClose} />
      </Form>
    </Dialog>
  )
}

function Acts({ act, disabled, onClose }: { act: string; disabled: boolean; onClose: () => void }): ReactNode {
  return (
    <FormActs end>
      <Button variant="default" onClick={onClose}>
        {t.common.cancel}
      </Button>
      <Button type="submit" disabled={disabled}>
        {act}
      </Button>
    </FormActs>
  )
}

interface ChooserProps {
  readonly besides: ConversationId
  readonly chosen: Other | null
  readonly onChoose: (other: Other) => void
}

/** Another conversation, by its number or by any words. */
function Chooser({ besides, chosen, onChoose }: ChooserProps) {
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text.trim(), 200)
  const found = useEndpoint(searchConversations, { q: asked, limit: 20 }, { enabled: asked !== '', keep: true })
  const rows = (asked === '' ? [] : (found.data?.items ?? [])).filter(({ id }) => id !== besides)
  const says = t.triage.mergeDialog
  return (
    <div>
      <TextInput
        label={says.find}
        value={text}
        maxLength={200}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {asked !== '' && (
        <Radio.Group
          label={says.found}
          mt={10}
          value={chosen ? String(chosen.number) : null}
          onChange={(value) => {
            const row = rows.find(({ number }) => String(number) === value)
            if (row) onChoose({ id: row.id, number: row.number, subject: row.subject, requester: row.customer.address })
          }}
        >
          <div className={styles.found}>
            {rows.map(({ number, subject, customer }) => (
              <Radio
                key={number}
                mt={6}
                value={String(number)}
                label={says.stays(number, subject)}
                description={customer.name || customer.address}
              />
            ))}
            {rows.length === 0 && !found.isFetching && <span className={styles.quiet}>{t.triage.nothing}</span>}
          </div>
        </Radio.Group>
      )}
    </div>
  )
}
