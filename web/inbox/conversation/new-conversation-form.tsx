import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import {
  type DraftView,
  dropNewDraft,
  listNewDrafts,
  saveNewDraft,
  startConversation,
} from '../../../src/api/endpoints/answers.ts'
import type { Inbox } from '../../../src/api/endpoints/inboxes.ts'
import { listAgents } from '../../../src/api/endpoints/teams.ts'
import { listCustomFields } from '../../../src/api/endpoints/triage-settings.ts'
import type { ConversationStatus } from '../../../src/helpdesk/conversation.ts'
import { isBlank } from '../../../src/helpdesk/drafts/draft.ts'
import type { InboxId, UserId } from '../../../src/lib/ids.ts'
import { type BodyOf, call, type Problem } from '../../api.ts'
import { keyOf, useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { useAsk } from '../../ui/ask.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import { Attach, useDrop } from '../composer/attach.tsx'
import { stateOf } from '../composer/composer.tsx'
import { FileList } from '../composer/file-list.tsx'
import { SavedReplyMenu } from '../composer/menus.tsx'
import { Recipients } from '../composer/recipients.tsx'
import { RichText } from '../composer/rich-text.tsx'
import { SendGroup } from '../composer/send-group.tsx'
import type { SuggestHandle } from '../composer/suggest.tsx'
import { type DraftBody, useDraft } from '../composer/use-draft.ts'
import { useFiles } from '../composer/use-files.ts'
import { useInboxKeys } from '../keys.ts'
import { asProblem, FieldsToFill, type FieldValues } from '../triage/fields-to-fill.tsx'
import styles from './new-conversation-page.module.css'
import { useUndoSend } from './use-undo-send.ts'

type Channel = NonNullable<DraftBody['channel']>

interface Props {
  readonly inboxes: readonly Inbox[]
  readonly draft: DraftView | null
  readonly begin: DraftBody
}

/** Everything is kept as it is typed; what is sent can be taken back and stands here again. */
export function NewConversationForm({ inboxes, draft, begin }: Props) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const ask = useAsk()
  const undo = useUndoSend()
  const [id] = useState(() => draft?.id ?? (crypto.randomUUID() as DraftView['id']))
  const [content, setContent] = useState(() => draft?.content ?? begin)
  const [assignee, setAssignee] = useState('')
  /** What it is to be closed with lacks: asked below. */
  const [lacks, setLacks] = useState<ConversationStatus | null | 'nothing'>('nothing')
  const current = useRef(content)
  const menu = useRef<SuggestHandle>(null)
  const start = useAction(startConversation, { quiet: true })
  const saving = useDraft(draft, (version, body) =>
    call(saveNewDraft, { params: { draft_id: id }, body: { version, content: body } }),
  )
  const { uploads, uploading, add, attach } = useFiles(draft?.uploads ?? [], (ids) =>
    change({ files: [...new Set([...current.current.files, ...ids])] }),
  )
  const drop = useDrop((files) => void attach(files, null))
  const channel = content.channel ?? 'email'
  const inbox = inboxes.find((each) => each.id === content.inbox_id)
  const missing = useFieldsOf(content.inbox_id)

  function change(part: Partial<DraftBody>) {
    current.current = { ...current.current, ...part }
    setContent(current.current)
    if (!isBlank(current.current) || current.current.subject) saving.change(current.current)
  }
  const because =
    content.to.length === 0 || !content.subject?.trim() || (channel !== 'email' && isBlank(content))
      ? t.composer.newIncomplete[channel]
      : uploading.length > 0
        ? t.composer.uploading(uploading[0] ?? '')
        : null

  async function send(status: ConversationStatus | null, fields: FieldValues = {}): Promise<Problem | null> {
    if (because !== null || start.isPending) return null
    await saving.flush()
    const body = { ...bodyOf(current.current, assignee), status, draft_id: id, fields: { ...fields } }
    try {
      const { number, item_id, undo_until } = await start.mutateAsync({ body })
      saving.stop()
      void client.invalidateQueries({ queryKey: keyOf(listNewDrafts) })
      const act = undo_until ? { label: t.conversation.undo, run: () => void undo({ number, itemId: item_id }) } : undefined
      toast('good', t.composer.started(number), act, undo_until ?? undefined)
      void navigate({ to: '/conversations/$number', params: { number: String(number) } })
      return null
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'fields_missing') setLacks(status)
      return problem
    }
  }
  async function discard() {
    const isSure =
      isBlank(content) ||
      (await ask({
        title: t.composer.discardTitle,
        body: t.composer.discardBody,
        act: t.composer.discard,
        keep: t.composer.keep,
        danger: true,
      }))
    if (!isSure) return
    saving.stop()
    await call(dropNewDraft, { params: { draft_id: id } }).catch(() => {})
    void client.invalidateQueries({ queryKey: keyOf(listNewDrafts) })
    void navigate({ to: '/inbox' })
  }
  useInboxKeys({ send: () => void send(null) })

  const problem = start.error?.code === 'fields_missing' ? null : start.error
  const isMail = channel === 'email'
  return (
    <>
      <form
        className={styles.form}
        data-over={drop.isOver}
        aria-label={t.composer.newTitle}
        onSubmit={(event) => {
          event.preventDefault()
          void send(null)
        }}
        {...drop.handlers}
      >
        <SegmentedControl
          className={styles.channel ?? ''}
          aria-label={t.composer.channel}
          value={channel}
          onChange={(next) => change({ channel: next as Channel, ...(next !== 'email' && { to: content.to.slice(0, 1) }) })}
          data={(['email', 'phone', 'web'] as const).map((value) => ({ value, label: t.composer.channels[value] }))}
        />
        <div className={styles.head}>
          <NativeSelect
            label={t.composer.inbox}
            value={content.inbox_id ?? ''}
            onChange={(event) => {
              setAssignee('')
              change({ inbox_id: event.currentTarget.value as InboxId, from: null })
            }}
            data={inboxes.map(({ id: value, name, address }) => ({ value, label: `${name} <${address}>` }))}
          />
          {isMail && inbox && <Sender inbox={inbox} from={content.from} onChange={(from) => change({ from })} />}
          <Assignee inboxId={content.inbox_id} value={assignee} onChange={setAssignee} />
        </div>
        <Addressing {...{ channel, content, change }} fields={problem?.fields} />
        <TextInput
          label={t.composer.subject}
          value={content.subject ?? ''}
          maxLength={900}
          onChange={(event) => change({ subject: event.currentTarget.value || null })}
        />
        <div className={styles.text}>
          <RichText
            label={t.composer.text}
            initial={content.html}
            placeholder={isMail ? t.composer.placeholder.new : t.composer.placeholder.said}
            onChange={(html) => change({ html })}
            onSubmit={() => void send(null)}
            onFiles={(files, into) => void attach(files, into)}
            onKey={(event) => menu.current?.key(event) ?? false}
            tools={<Attach onFiles={(files) => void attach(files, null)} />}
          >
            {(made) =>
              isMail && (
                <SavedReplyMenu
                  editor={made}
                  inboxId={content.inbox_id}
                  spoken={{ ...(content.inbox_id && { inbox: content.inbox_id }), ...(content.to[0] && { to: content.to[0] }) }}
                  handle={menu}
                  onUploads={add}
                />
              )
            }
          </RichText>
          <FileList
            uploads={uploads.filter((each) => content.files.includes(each.id))}
            uploading={uploading}
            onRemove={(gone) => change({ files: current.current.files.filter((each) => each !== gone) })}
          />
        </div>
        {problem && problem.fields.size === 0 && (
          <Note tone="bad" alert>
            {problem.message}
          </Note>
        )}
        <div className={styles.acts}>
          <SendGroup
            label={isMail ? t.composer.start : t.composer.writeDown}
            because={because}
            busy={start.isPending}
            ways={(['closed', 'pending', 'open'] as const).map((status) => [
              t.composer.startAnd[isMail ? 'send' : 'write'](t.conversation.statuses[status].toLowerCase()),
              () => void send(status),
            ])}
          />
          <span className={styles.state} role="status">
            {stateOf(saving.state)}
          </span>
          <Button type="button" variant="subtle" color="gray" onClick={() => void discard()}>
            {t.composer.discard}
          </Button>
        </div>
      </form>
      {lacks !== 'nothing' && missing.length > 0 && (
        <div className={styles.fill}>
          <FieldsToFill
            key={content.inbox_id}
            fields={missing}
            act={isMail ? t.triage.fill.sendAndClose : t.triage.fill.writeAndClose}
            onAct={(fields) => send(lacks, fields)}
            other={{
              label: isMail ? t.triage.fill.withoutClosing : t.triage.fill.writeWithoutClosing,
              run: () => void send('open'),
            }}
          />
        </div>
      )}
    </>
  )
}

function bodyOf(
  { inbox_id, channel = 'email', from, subject, to, cc, bcc, html, files }: DraftBody,
  assignee: string,
): Omit<BodyOf<typeof startConversation>, 'status' | 'draft_id' | 'fields'> {
  const people = channel === 'email' ? { to, cc, bcc, from } : { customer: to[0] ?? '' }
  const assigned = assignee === '' ? {} : { assignee_id: assignee === NOBODY ? null : (assignee as UserId) }
  return { inbox_id: inbox_id as InboxId, channel, subject: subject ?? '', html, files, ...people, ...assigned }
}

function useFieldsOf(inboxId: InboxId | null) {
  const fields = useEndpoint(listCustomFields, {}).data?.items ?? []
  return fields.filter(({ inbox_id, is_required }) => is_required && (inbox_id === null || inbox_id === inboxId))
}

/** Its own address, or one of its aliases that may send. */
function Sender({ inbox, from, onChange }: { inbox: Inbox; from: string | null; onChange: (from: string | null) => void }) {
  const aliases = inbox.addresses.filter(({ address, may_send }) => may_send && address !== inbox.address.toLowerCase())
  if (aliases.length === 0) return null
  return (
    <NativeSelect
      label={t.composer.from}
      value={from ?? inbox.address}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[inbox.address, ...aliases.map(({ address }) => address)]}
    />
  )
}

const NOBODY = 'nobody'

function Assignee({ inboxId, value, onChange }: { inboxId: InboxId | null; value: string; onChange: (value: string) => void }) {
  const agents = useEndpoint(listAgents, { inbox_id: inboxId ?? undefined }, { enabled: inboxId !== null, keep: true }).data
    ?.items
  return (
    <NativeSelect
      label={t.triage.assignee}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: t.composer.asInbox },
        { value: NOBODY, label: t.triage.nobody },
        ...(agents ?? []).map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  )
}

interface AddressingProps {
  readonly channel: Channel
  readonly content: DraftBody
  readonly change: (part: Partial<DraftBody>) => void
  readonly fields: ReadonlyMap<string, string> | undefined
}

function Addressing({ channel, content, change, fields }: AddressingProps) {
  const [isWide, setWide] = useState(false)
  const isMail = channel === 'email'
  const problemOf = (start: RegExp) => [...(fields ?? [])].find(([pointer]) => start.test(pointer))?.[1]
  const copies = (name: 'cc' | 'bcc') => (
    <Recipients
      label={t.composer[name]}
      value={content[name]}
      isField
      known={[]}
      error={problemOf(new RegExp(`^/${name}`))}
      onChange={(value) => change({ [name]: value })}
    />
  )
  return (
    <div className={styles.people}>
      <div className={styles.to}>
        <Recipients
          label={isMail ? t.composer.to : t.composer.customer[channel]}
          value={content.to}
          isField
          known={[]}
          autoFocus={content.to.length === 0}
          error={problemOf(/^\/(to|customer)/)}
          onChange={(to) => change({ to: isMail ? to : to.slice(-1) })}
        />
        {isMail && !isWide && (
          <Button type="button" size="compact-xs" variant="subtle" color="gray" onClick={() => setWide(true)}>
            {t.composer.copies}
          </Button>
        )}
      </div>
      {isMail && (isWide || content.cc.length > 0) && copies('cc')}
      {isMail && (isWide || content.bcc.length > 0) && copies('bcc')}
    </div>
  )
}
