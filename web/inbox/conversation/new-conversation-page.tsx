import { NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Editor } from '@tiptap/react'
import { Paperclip } from 'lucide-react'
import { useRef, useState } from 'react'
import {
  type DraftView,
  dropNewDraft,
  listNewDrafts,
  saveNewDraft,
  startConversation,
  type UploadView,
} from '../../../src/api/endpoints/answers.ts'
import { type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import { listInboxes } from '../../../src/api/endpoints/inboxes.ts'
import { isBlank } from '../../../src/helpdesk/drafts/draft.ts'
import type { InboxId } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { keyOf, useAction, useEndpoint } from '../../query.ts'
import { ButtonLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Page } from '../../ui/page.tsx'
import { toast } from '../../ui/toasts.tsx'
import { FileList } from '../composer/file-list.tsx'
import { mailbox, Recipients } from '../composer/recipients.tsx'
import { RichText } from '../composer/rich-text.tsx'
import { addressOfUpload, upload } from '../composer/uploads.ts'
import { type DraftBody, useDraft } from '../composer/use-draft.ts'
import styles from './new-conversation-page.module.css'
import { useUndoSend } from './use-undo-send.ts'

/** Writing first: a mail to somebody, or what somebody said on the telephone. */
export function NewConversationPage() {
  const search = useSearch({ from: '/shell/conversations/new' })
  const inboxes = useEndpoint(listInboxes, {})
  const drafts = useEndpoint(listNewDrafts, {})
  const from = useEndpoint(getConversation, { id: String(search.from ?? 0) }, { enabled: search.from !== undefined })
  const isReady = drafts.data !== undefined && (search.from === undefined || from.data !== undefined || from.isError)
  return (
    <Page title={t.composer.newTitle} lead={t.composer.newLead} shape="narrow">
      <Loadable query={inboxes}>
        {({ items }) => {
          const open = items.filter(({ closed_at }) => closed_at === null)
          if (open.length === 0)
            return (
              <EmptyState
                title={t.composer.noInbox}
                sentence={t.composer.noInboxLead}
                act={<ButtonLink href="/settings/inboxes">{t.composer.makeInbox}</ButtonLink>}
              />
            )
          if (!isReady) return null
          const draft = drafts.data.items.find(({ id }) => id === search.draft) ?? null
          return (
            <Writing
              key={search.draft ?? search.item ?? ''}
              inboxes={open}
              draft={draft}
              begin={beginning(open[0]?.id ?? null, from.data, search)}
            />
          )
        }}
      </Loadable>
    </Page>
  )
}

function beginning(
  inboxId: InboxId | null,
  from: ConversationView | undefined,
  search: { item?: string | undefined; to?: string | undefined },
): DraftBody {
  const blank: DraftBody = {
    ...{
      from: null,
      to: search.to ? [search.to] : [],
      cc: [],
      bcc: [],
      subject: null,
      html: '',
      quote: 'none',
      files: [],
      items: null,
    },
    inbox_id: inboxId,
  }
  const item = from?.items.find(({ id }) => id === search.item)
  if (!from || !item) return blank
  const quoted = document.createElement('blockquote')
  for (const line of item.text.split('\n')) {
    const paragraph = document.createElement('p')
    paragraph.textContent = line
    quoted.append(paragraph)
  }
  const to = item.kind === 'customer' ? [mailbox(item.author.name, item.author.address)] : []
  return { ...blank, to, subject: from.subject, html: `<p></p>${quoted.outerHTML}`, inbox_id: from.inbox.id }
}

interface Props {
  readonly inboxes: readonly { readonly id: InboxId; readonly name: string; readonly address: string }[]
  readonly draft: DraftView | null
  readonly begin: DraftBody
}

function Writing({ inboxes, draft, begin }: Props) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const undo = useUndoSend()
  const [id] = useState(() => draft?.id ?? (crypto.randomUUID() as DraftView['id']))
  const [channel, setChannel] = useState<'email' | 'phone'>('email')
  const [content, setContent] = useState(() => draft?.content ?? begin)
  const [uploads, setUploads] = useState<readonly UploadView[]>(draft?.uploads ?? [])
  const [uploading, setUploading] = useState<readonly string[]>([])
  const current = useRef(content)
  const editor = useRef<Editor | null>(null)
  const picker = useRef<HTMLInputElement>(null)
  const start = useAction(startConversation, { quiet: true })
  const saving = useDraft(draft, (version, body) =>
    call(saveNewDraft, { params: { draft_id: id }, body: { version, content: body } }),
  )
  const isCall = channel === 'phone'

  function change(part: Partial<DraftBody>) {
    current.current = { ...current.current, ...part }
    setContent(current.current)
    if (!isBlank(current.current) || current.current.subject) saving.change(current.current)
  }
  async function attach(files: readonly File[], into: Editor | null) {
    for (const file of files) {
      setUploading((all) => [...all, file.name])
      const done = await upload(file)
      setUploading((all) => all.filter((name) => name !== file.name))
      if (!done) continue
      if (into && done.is_picture)
        into
          .chain()
          .focus()
          .setImage({ src: addressOfUpload(done.id), alt: done.filename })
          .run()
      else {
        setUploads((all) => [...all, done])
        change({ files: [...current.current.files, done.id] })
      }
    }
  }
  async function send() {
    await saving.flush()
    const { inbox_id, subject, to, cc, bcc, html, files } = current.current
    if (!inbox_id) return
    const people = isCall ? { customer: to[0] ?? '' } : { to, cc, bcc }
    const body = { inbox_id, channel, subject: subject ?? '', html, files, draft_id: id, ...people }
    const begun = await start.mutateAsync({ body }).catch(() => null)
    if (!begun) return
    const { number, item_id, undo_until } = begun
    saving.stop()
    void client.invalidateQueries({ queryKey: keyOf(listNewDrafts) })
    const act = undo_until ? { label: t.conversation.undo, run: () => void undo({ number, itemId: item_id }) } : undefined
    toast('good', t.composer.started(number), act, undo_until ?? undefined)
    void navigate({ to: '/conversations/$number', params: { number: String(number) } })
  }
  const because =
    content.to.length === 0 || !content.subject?.trim() || (isCall && isBlank(content)) ? t.composer.newIncomplete : null
  const problem = start.error
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (because === null) void send()
      }}
    >
      <SegmentedControl
        aria-label={t.composer.channel}
        value={channel}
        onChange={(next) => setChannel(next as 'email' | 'phone')}
        data={(['email', 'phone'] as const).map((value) => ({ value, label: t.composer.channels[value] }))}
      />
      <NativeSelect
        label={t.composer.inbox}
        value={content.inbox_id ?? ''}
        onChange={(event) => change({ inbox_id: event.currentTarget.value as InboxId })}
        data={inboxes.map(({ id: value, name, address }) => ({ value, label: `${name} <${address}>` }))}
      />
      <Recipients
        label={isCall ? t.composer.customer : t.composer.to}
        value={content.to}
        known={[]}
        autoFocus={content.to.length === 0}
        error={[...(problem?.fields ?? [])].find(([pointer]) => /^\/(to|customer)/.test(pointer))?.[1]}
        onChange={(to) => change({ to: isCall ? to.slice(-1) : to })}
      />
      <TextInput
        label={t.composer.subject}
        value={content.subject ?? ''}
        onChange={(event) => change({ subject: event.currentTarget.value || null })}
      />
      <div className={styles.text}>
        <RichText
          label={t.composer.text}
          initial={content.html}
          placeholder={t.composer.placeholder.new}
          onChange={(html) => change({ html })}
          onSubmit={() => because === null && void send()}
          onFiles={(files, into) => void attach(files, into)}
          onEditor={(made) => (editor.current = made)}
          tools={
            <>
              <input
                ref={picker}
                type="file"
                multiple
                hidden
                onChange={(event) => {
                  void attach([...(event.currentTarget.files ?? [])], null)
                  event.currentTarget.value = ''
                }}
              />
              <ActButton
                size="compact-sm"
                variant="subtle"
                color="gray"
                leftSection={<Paperclip size={14} aria-hidden />}
                onClick={() => picker.current?.click()}
              >
                {t.composer.attach}
              </ActButton>
            </>
          }
        />
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
        <ActButton type="submit" because={because} loading={start.isPending}>
          {isCall ? t.composer.writeDown : t.composer.start}
        </ActButton>
        <ActButton
          variant="subtle"
          color="gray"
          onClick={() => {
            saving.stop()
            void call(dropNewDraft, { params: { draft_id: id } }).catch(() => {})
            void navigate({ to: '/inbox' })
          }}
        >
          {t.composer.discard}
        </ActButton>
      </div>
    </form>
  )
}
