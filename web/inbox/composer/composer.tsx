import { Button, NativeSelect, TextInput } from '@mantine/core'
import type { Editor } from '@tiptap/react'
import { StickyNote, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { DraftView } from '../../../src/api/endpoints/answers.ts'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { recipientChange } from '../../../src/helpdesk/answering/recipients.ts'
import type { ConversationStatus } from '../../../src/helpdesk/conversation.ts'
import { isBlank } from '../../../src/helpdesk/drafts/draft.ts'
import { t } from '../../texts/texts.ts'
import { useAsk } from '../../ui/ask.tsx'
import { Note } from '../../ui/note.tsx'
import { LetterHtml } from '../conversation/letter-html.tsx'
import { useInboxKeys } from '../keys.ts'
import { Attach, useDrop } from './attach.tsx'
import styles from './composer.module.css'
import { FileList } from './file-list.tsx'
import { MentionMenu, SavedReplyMenu } from './menus.tsx'
import { addressIn, mailbox, Recipients } from './recipients.tsx'
import { RichText } from './rich-text.tsx'
import { SendGroup } from './send-group.tsx'
import type { SuggestHandle } from './suggest.tsx'
import { type DraftBody, type SaveState, useDraft } from './use-draft.ts'
import { useFiles } from './use-files.ts'

export type Mode = 'reply' | 'note' | 'forward'
/** Where to be after sending. */
export type After = 'stay' | 'next'

export interface Sending {
  readonly content: DraftBody
  readonly status: ConversationStatus | null
  readonly after: After
}

interface Props {
  readonly conversation: ConversationView
  readonly mode: Mode
  readonly draft: DraftView | null
  readonly isSending: boolean
  readonly problem: { readonly message: string; readonly fields: ReadonlyMap<string, string> } | null
  readonly save: (version: number | null, content: DraftBody) => Promise<DraftView>
  readonly onSend: (sending: Sending, settle: { stop(): void; flush(): Promise<void> }) => void
  readonly onDiscard: () => void
  readonly onReload: () => void
}

/** What an answer begins with. */
export function blankFor(mode: Mode, { answering }: ConversationView): DraftBody {
  const people = (list: readonly { name: string; address: string }[]) => list.map(({ name, address }) => mailbox(name, address))
  const isReply = mode === 'reply'
  return {
    ...{
      from: answering.senders[0]?.address ?? null,
      bcc: [],
      subject: null,
      html: '',
      quote: 'none',
      files: [],
      items: null,
      inbox_id: null,
    },
    to: isReply ? people(answering.to) : [],
    cc: isReply ? people(answering.cc) : [],
  }
}

export function Composer(props: Props) {
  const { conversation, mode, draft } = props
  const [content, setContent] = useState<DraftBody>(() => draft?.content ?? blankFor(mode, conversation))
  const [isWide, setWide] = useState(false)
  const current = useRef(content)
  const editor = useRef<Editor | null>(null)
  const menu = useRef<SuggestHandle>(null)
  const saving = useDraft(draft, props.save)
  const ask = useAsk()

  function change(part: Partial<DraftBody>) {
    current.current = { ...current.current, ...part }
    setContent(current.current)
    saving.change(current.current)
  }
  const { uploads, uploading, add, attach } = useFiles(draft?.uploads ?? [], (ids) =>
    change({ files: [...new Set([...current.current.files, ...ids])] }),
  )
  const drop = useDrop((files) => void attach(files, null))
  const because =
    isBlank(content) && mode !== 'forward'
      ? t.composer.nothing
      : uploading.length > 0
        ? t.composer.uploading(uploading[0] ?? '')
        : null
  function send(status: ConversationStatus | null, after: After) {
    if (because === null && !props.isSending) props.onSend({ content: current.current, status, after }, saving)
  }
  useInboxKeys({ send: () => send(null, 'stay') })
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
    props.onDiscard()
  }

  return (
    <form
      className={styles.composer}
      data-mode={mode}
      data-over={drop.isOver}
      aria-label={t.composer[mode]}
      onSubmit={(event) => {
        event.preventDefault()
        send(null, 'stay')
      }}
      {...drop.handlers}
    >
      {mode === 'note' ? (
        <p className={styles.noteHint}>
          <StickyNote size={13} aria-hidden /> {t.composer.noteHint}
        </p>
      ) : (
        <Addressing
          {...{ conversation, mode, content, isWide, change }}
          fields={props.problem?.fields}
          onWide={() => setWide(true)}
        />
      )}
      <RichText
        label={t.composer.text}
        initial={content.html}
        placeholder={t.composer.placeholder[mode]}
        autoFocus
        onChange={(html) => change({ html })}
        onSubmit={() => send(null, 'stay')}
        onFiles={(files, into) => void attach(files, into)}
        onEditor={(made) => (editor.current = made)}
        onKey={(event) => menu.current?.key(event) ?? false}
        tools={<Attach onFiles={(files) => void attach(files, null)} />}
      >
        {(made) =>
          mode === 'note' ? (
            <MentionMenu editor={made} inboxId={conversation.inbox.id} handle={menu} />
          ) : (
            <SavedReplyMenu
              editor={made}
              inboxId={conversation.inbox.id}
              spoken={{ conversation: conversation.id }}
              handle={menu}
              onUploads={add}
            />
          )
        }
      </RichText>
      <FileList
        uploads={uploads.filter(({ id }) => content.files.includes(id))}
        uploading={uploading}
        onRemove={(id) => change({ files: current.current.files.filter((each) => each !== id) })}
      />
      {mode === 'reply' && conversation.answering.signature !== '' && (
        <details className={styles.signature}>
          <summary>{t.composer.signature}</summary>
          <LetterHtml html={conversation.answering.signature} />
        </details>
      )}
      {saving.state === 'changed' && <Changed onLoad={props.onReload} onKeep={saving.overwrite} />}
      {props.problem && props.problem.fields.size === 0 && (
        <Note tone="bad" alert>
          {props.problem.message}
        </Note>
      )}
      <footer className={styles.acts}>
        <SendButtons {...{ mode, because, send }} busy={props.isSending} />
        {mode === 'reply' && (
          <NativeSelect
            size="xs"
            aria-label={t.composer.quoteChoice}
            value={content.quote}
            onChange={(event) => change({ quote: event.currentTarget.value as DraftBody['quote'] })}
            data={(['none', 'last', 'all'] as const).map((value) => ({ value, label: t.composer.quotes[value] }))}
          />
        )}
        {mode === 'forward' && <PassedOn conversation={conversation} content={content} onChange={(items) => change({ items })} />}
        <span className={styles.state} role="status">
          {stateOf(saving.state)}
        </span>
        <Button
          type="button"
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<Trash2 size={14} aria-hidden />}
          onClick={() => void discard()}
        >
          {t.composer.discard}
        </Button>
      </footer>
    </form>
  )
}

export function stateOf(state: SaveState): string {
  switch (state) {
    case 'saving':
      return t.composer.saving
    case 'saved':
      return t.composer.savedAt
    case 'failed':
      return t.composer.notSaved
    default:
      return ''
  }
}

interface AddressingProps {
  readonly conversation: ConversationView
  readonly mode: Mode
  readonly content: DraftBody
  readonly isWide: boolean
  readonly fields: ReadonlyMap<string, string> | undefined
  readonly change: (part: Partial<DraftBody>) => void
  readonly onWide: () => void
}

/** Who gets it and from whom; a word when that differs from who had the last message. */
function Addressing({ conversation, mode, content, isWide, fields, change, onWide }: AddressingProps) {
  const { answering, participants } = conversation
  const known = participants.filter(({ is_removed }) => !is_removed).map(({ name, address }) => mailbox(name, address))
  const problemOf = (list: 'to' | 'cc' | 'bcc') => [...(fields ?? [])].find(([pointer]) => pointer.startsWith(`/${list}`))?.[1]
  const list = (name: 'to' | 'cc' | 'bcc') => (
    <Recipients
      label={t.composer[name]}
      value={content[name]}
      known={known}
      error={problemOf(name)}
      autoFocus={mode === 'forward' && name === 'to'}
      onChange={(value) => change({ [name]: value })}
    />
  )
  return (
    <div className={styles.addressing}>
      <div className={styles.first}>
        {list('to')}
        {!isWide && (
          <Button type="button" size="compact-xs" variant="subtle" color="gray" onClick={onWide}>
            {t.composer.more}
          </Button>
        )}
      </div>
      {(isWide || content.cc.length > 0) && list('cc')}
      {(isWide || content.bcc.length > 0) && list('bcc')}
      {(isWide || content.subject !== null) && (
        <TextInput
          size="xs"
          aria-label={t.composer.subject}
          placeholder={mode === 'forward' ? answering.subject.replace(/^Re:/, 'Fwd:') : answering.subject}
          value={content.subject ?? ''}
          onChange={(event) => change({ subject: event.currentTarget.value || null })}
        />
      )}
      {answering.senders.length > 1 && (
        <NativeSelect
          size="xs"
          aria-label={t.composer.from}
          value={content.from ?? ''}
          onChange={(event) => change({ from: event.currentTarget.value })}
          data={answering.senders.map(({ name, address }) => ({
            value: address,
            label: `${t.composer.from}: ${name} <${address}>`,
          }))}
        />
      )}
      {mode === 'reply' && <ChangedRecipients {...{ conversation, content }} />}
    </div>
  )
}

function ChangedRecipients({ conversation: { answering }, content }: Pick<AddressingProps, 'conversation' | 'content'>) {
  const chosen = { to: content.to.map(addressIn), cc: content.cc.map(addressIn), bcc: content.bcc.map(addressIn) }
  const { added, missing } = recipientChange(chosen, answering)
  if (added.length + missing.length === 0) return null
  return (
    <div className={styles.warning} role="status">
      {added.length > 0 && <span>{t.composer.added(added.join(', '))}</span>}
      {missing.length > 0 && <span>{t.composer.missing(missing.join(', '))}</span>}
    </div>
  )
}

interface SendButtonsProps {
  readonly mode: Mode
  readonly because: string | null
  readonly busy: boolean
  readonly send: (status: ConversationStatus | null, after: After) => void
}

function SendButtons({ mode, because, busy, send }: SendButtonsProps) {
  const isNote = mode === 'note'
  const ways: readonly (readonly [string, ConversationStatus | null, After])[] = isNote
    ? [[t.composer.addClose, 'closed', 'stay']]
    : [
        [t.composer.sendClose, 'closed', 'stay'],
        [t.composer.sendNext, null, 'next'],
        [t.composer.sendAnd(t.conversation.statuses.open.toLowerCase()), 'open', 'stay'],
        [t.composer.sendAnd(t.conversation.statuses.pending.toLowerCase()), 'pending', 'stay'],
      ]
  return (
    <SendGroup
      label={isNote ? t.composer.add : t.composer.send}
      because={because}
      busy={busy}
      ways={ways.map(([label, status, after]) => [label, () => send(status, after)])}
    />
  )
}

function PassedOn({
  conversation,
  content,
  onChange,
}: {
  conversation: ConversationView
  content: DraftBody
  onChange: (items: DraftBody['items']) => void
}) {
  const last = conversation.items.findLast(
    ({ kind, hidden_at }) => (kind === 'customer' || kind === 'reply') && hidden_at === null,
  )
  return (
    <NativeSelect
      size="xs"
      aria-label={t.composer.forwarded}
      value={content.items === null ? 'all' : 'last'}
      onChange={(event) => onChange(event.currentTarget.value === 'last' && last ? [last.id] : null)}
      data={[
        { value: 'all', label: t.composer.forwards.all },
        { value: 'last', label: t.composer.forwards.last },
      ]}
    />
  )
}

function Changed({ onLoad, onKeep }: { onLoad: () => void; onKeep: () => void }) {
  return (
    <Note
      tone="care"
      alert
      act={
        <span className={styles.choices}>
          <Button type="button" size="compact-sm" variant="default" onClick={onLoad}>
            {t.composer.load}
          </Button>
          <Button type="button" size="compact-sm" variant="default" onClick={onKeep}>
            {t.composer.overwrite}
          </Button>
        </span>
      }
    >
      {t.composer.changedElsewhere}
    </Note>
  )
}
