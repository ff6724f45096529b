import { Button, SegmentedControl } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Forward, Reply, StickyNote } from 'lucide-react'
import { useState } from 'react'
import { addNote, type DraftView, dropDraft, forward, listDrafts, reply, saveDraft } from '../../../src/api/endpoints/answers.ts'
import { type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import { changeConversation, getConversationChoices, restoreConversation } from '../../../src/api/endpoints/triage.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import type { ItemId, TeamId, UserId } from '../../../src/lib/ids.ts'
import { call, Problem } from '../../api.ts'
import { keyOf, useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { KeyHint } from '../../ui/key-hint.tsx'
import { holdKeys, releaseKeys } from '../../ui/keys.ts'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import { useUndoSend } from '../conversation/use-undo-send.ts'
import { INBOX_KEYS, useInboxKeys } from '../keys.ts'
import { CollisionWarning } from '../presence/presence.tsx'
import { saysWriting, stopWriting } from '../presence/use-presence.ts'
import { asProblem, FieldsToFill, type FieldValues, useMissingFields } from '../triage/fields-to-fill.tsx'
import { refreshConversations } from '../undo.ts'
import styles from './composer.module.css'
import { Composer, type Mode, type Sending } from './composer.tsx'
import { mentionsIn } from './mention.ts'

const MODES = ['reply', 'note', 'forward'] as const
/** What is not only said, but answered with something to do. */
const ASKED: ReadonlySet<string> = new Set([
  'conversation_moved_on',
  'conversation_merged',
  'conversation_deleted',
  'fields_missing',
] satisfies ErrorCode[])
const ICONS = { reply: Reply, note: StickyNote, forward: Forward }

/** Below the thread: three ways to write, or what is being written. */
export function ComposerArea({ conversation, onNext }: { conversation: ConversationView; onNext: () => void }) {
  const drafts = useEndpoint(listDrafts, { id: conversation.id })
  // Null: nothing was chosen by hand, so that a draft opens by itself.
  const [chosen, setChosen] = useState<Mode | 'none' | null>(null)
  const [session, setSession] = useState(0)
  const found = drafts.data?.items ?? []
  const mode = chosen === 'none' ? null : (chosen ?? (found.at(-1)?.mode as Mode | undefined) ?? null)
  function open(mode: Mode) {
    // Whoever presses it goes on typing: no letter of theirs is an act before the composer has the keyboard.
    holdKeys()
    setChosen(mode)
  }
  useInboxKeys({ reply: () => open('reply'), note: () => open('note'), forward: () => open('forward') })
  function close() {
    stopWriting(conversation.id)
    setChosen(null)
    setSession((n) => n + 1)
  }
  if (!drafts.data && !drafts.isError) return <div className={styles.bar} aria-busy />
  if (mode === null) {
    return (
      <div className={styles.bar}>
        {MODES.map((each) => {
          const Icon = ICONS[each]
          return (
            <Button
              key={each}
              variant={each === 'reply' ? 'filled' : 'default'}
              size="sm"
              leftSection={<Icon size={15} aria-hidden />}
              rightSection={<KeyHint keys={INBOX_KEYS[each].keys} />}
              onClick={() => setChosen(each)}
            >
              {t.composer.open[each]}
            </Button>
          )
        })}
      </div>
    )
  }
  return (
    <section
      className={styles.area}
      data-mode={mode}
      aria-label={t.composer.label}
      // A note is no answer: nobody's answer collides with it.
      onInput={() => mode !== 'note' && saysWriting(conversation.id)}
      onFocusCapture={releaseKeys}
    >
      <div className={styles.tabs}>
        <SegmentedControl
          size="xs"
          aria-label={t.composer.label}
          value={mode}
          onChange={(next) => setChosen(next as Mode)}
          data={MODES.map((value) => ({ value, label: t.composer[value] }))}
        />
        {mode !== 'note' && <CollisionWarning conversationId={conversation.id} />}
      </div>
      <Writing
        key={`${mode} ${session}`}
        {...{ conversation, mode, onNext }}
        draft={found.find((each) => each.mode === mode) ?? null}
        onClose={close}
      />
    </section>
  )
}

interface WritingProps {
  readonly conversation: ConversationView
  readonly mode: Mode
  readonly draft: Parameters<typeof Composer>[0]['draft']
  readonly onNext: () => void
  readonly onClose: () => void
}

function Writing({ conversation, mode, draft, onNext, onClose }: WritingProps) {
  const client = useQueryClient()
  const params = { id: conversation.id }
  const undo = useUndoSend()
  const [begun] = useState(draft)
  /** The newest thing that was seen: what came in since has to be looked at, or sent over knowingly. */
  const [seen, setSeen] = useState<ItemId | null>(conversation.last_said)
  const [held, setHeld] = useState<Held | null>(null)
  const changes = { changes: [getConversation], quiet: true } as const
  const replying = useAction(reply, changes)
  const forwarding = useAction(forward, changes)
  const noting = useAction(addNote, changes)
  const restore = useAction(restoreConversation, { changes: [getConversation] })
  const drop = useAction(dropDraft, { changes: [getConversation] })
  const acting = mode === 'reply' ? replying : mode === 'forward' ? forwarding : noting
  const missing = useMissingFields(conversation)
  const isAsked = ASKED.has(acting.error?.code ?? '') && (acting.error?.code !== 'fields_missing' || missing.length > 0)
  const problem = isAsked ? null : (acting.error ?? null)

  /** It is no draft any more, here at once and then as the server says. */
  function forget() {
    client.setQueryData<Drafts>(keyOf(listDrafts, params), (old) => ({
      items: (old?.items ?? []).filter((each) => each.mode !== mode),
      next: null,
    }))
    void client.invalidateQueries({ queryKey: keyOf(listDrafts) })
  }
  async function discard() {
    await drop.mutateAsync({ params: { ...params, mode } }).catch(() => {})
    forget()
    onClose()
  }
  function done(item: { item_id: ItemId; undo_until: Date | null }, { after }: Sending, settle: Settle) {
    settle.stop()
    forget()
    if (item.undo_until) {
      const act = { label: t.conversation.undo, run: () => void undo({ number: conversation.number, itemId: item.item_id }) }
      toast('good', t.composer.sentSoon, act, item.undo_until)
    } else toast('good', mode === 'note' ? t.composer.noted : t.composer.sent)
    onClose()
    if (after === 'next') onNext()
  }
  async function send(sending: Sending, settle: Settle, anyway = false) {
    await settle.flush()
    try {
      done(await said(sending, anyway), sending, settle)
    } catch (error) {
      // Anything else stands below the text: the action keeps it.
      if (!(error instanceof Problem) || !ASKED.has(error.code)) return
      setHeld({ sending, settle, code: error.code })
      if (error.code === 'fields_missing') void client.invalidateQueries({ queryKey: keyOf(getConversationChoices) })
      if (error.code === 'conversation_moved_on') void client.invalidateQueries({ queryKey: keyOf(getConversation) })
    }
  }
  async function sendFilled({ sending, settle }: Held, fields: FieldValues): Promise<Problem | null> {
    try {
      await call(changeConversation, { params, body: { fields: { ...fields } } })
    } catch (error) {
      return asProblem(error)
    }
    refreshConversations(client)
    setHeld(null)
    // Whoever closes knows what it was: only what was said since would hold it up.
    await send({ ...sending, status: 'closed' }, settle)
    return null
  }
  function said({ content, status }: Sending, anyway: boolean): Promise<{ item_id: ItemId; undo_until: Date | null }> {
    if (mode === 'note') {
      const { users, teams } = mentionsIn(content.html)
      const mentions = { users: users as UserId[], teams: teams as TeamId[] }
      return noting.mutateAsync({
        params,
        body: { html: content.html, files: content.files, mentions, ...(status && { status }) },
      })
    }
    const { inbox_id: _, quote, items, ...rest } = content
    const body = { ...rest, status, seen: anyway ? null : seen }
    if (mode === 'reply') return replying.mutateAsync({ params, body: { ...body, quote } })
    return forwarding.mutateAsync({ params, body: { ...body, ...(items && { items }) } })
  }

  return (
    <>
      {held?.code === 'conversation_merged' && (
        <Note
          tone="care"
          alert
          act={
            // The draft is kept where that leads; asked again, the page goes there.
            <Button
              size="compact-sm"
              onClick={() => void held.settle.flush().then(() => client.invalidateQueries({ queryKey: keyOf(getConversation) }))}
            >
              {t.composer.goThere}
            </Button>
          }
        >
          {t.composer.isMerged}
        </Note>
      )}
      {held?.code === 'conversation_deleted' && (
        <Note
          tone="care"
          alert
          act={
            <Button
              size="compact-sm"
              onClick={() =>
                void restore
                  .mutateAsync({ params })
                  .then(() => setHeld(null))
                  .catch(() => {})
              }
            >
              {t.composer.restore}
            </Button>
          }
        >
          {t.composer.isDeleted}
        </Note>
      )}
      {held?.code === 'fields_missing' && missing.length > 0 && (
        <FieldsToFill
          fields={missing}
          act={mode === 'note' ? t.triage.fill.addAndClose : t.triage.fill.sendAndClose}
          onAct={(fields) => sendFilled(held, fields)}
          other={{
            label: mode === 'note' ? t.triage.fill.addWithoutClosing : t.triage.fill.withoutClosing,
            run: () => {
              setHeld(null)
              void send({ ...held.sending, status: conversation.status }, held.settle)
            },
          }}
        />
      )}
      {held?.code === 'conversation_moved_on' && (
        <Note
          tone="care"
          alert
          act={
            <span className={styles.choices}>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  setSeen(conversation.last_said)
                  setHeld(null)
                }}
              >
                {t.composer.look}
              </Button>
              <Button size="compact-sm" onClick={() => void send(held.sending, held.settle, true)}>
                {t.composer.sendAnyway}
              </Button>
            </span>
          }
        >
          {t.composer.movedOn}
        </Note>
      )}
      <Composer
        conversation={conversation}
        mode={mode}
        draft={begun}
        isSending={acting.isPending}
        problem={problem}
        save={async (version, content) => {
          const saved = await call(saveDraft, { params: { ...params, mode }, body: { version, content } })
          client.setQueryData<Drafts>(keyOf(listDrafts, params), (old) => ({
            items: [...(old?.items ?? []).filter((each) => each.mode !== mode), saved],
            next: null,
          }))
          return saved
        }}
        onSend={(sending, settle) => void send(sending, settle)}
        onDiscard={() => void discard()}
        onReload={() => void client.refetchQueries({ queryKey: keyOf(listDrafts) }).then(onClose)}
      />
    </>
  )
}

interface Drafts {
  readonly items: readonly DraftView[]
  readonly next: null
}

interface Held {
  readonly sending: Sending
  readonly settle: Settle
  /** Why it was not sent. */
  readonly code: string
}

interface Settle {
  stop(): void
  flush(): Promise<void>
}
