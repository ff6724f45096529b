import { ActionIcon, Button } from '@mantine/core'
import { Link, Navigate, useNavigate, useParams } from '@tanstack/react-router'
import { ArrowLeft, CornerUpRight, Mail, Phone, Printer } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { printConversation } from '../../../src/api/endpoints/answers.ts'
import { countConversations, listConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { type ConversationItem, type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import { restoreConversation } from '../../../src/api/endpoints/triage.ts'
import { call, hrefOf } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { activeBindings } from '../../ui/keys.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import { AutomationsStrip } from '../../workflows/runs/automations.tsx'
import { ComposerArea } from '../composer/composer-area.tsx'
import { useInboxKeys } from '../keys.ts'
import { Presence } from '../presence/presence.tsx'
import { useMarkRead } from '../seen.ts'
import { DetailsAside } from '../triage/details-aside.tsx'
import { Subject } from '../triage/subject.tsx'
import { ConversationToolbar } from '../triage/toolbar.tsx'
import styles from './conversation-page.module.css'
import { remember } from './open-conversations.ts'
import { Thread } from './thread.tsx'

/** Reading and answering one conversation. */
export function ConversationPage() {
  const { number } = useParams({ from: '/shell/inbox-frame/conversations/$number' })
  const query = useEndpoint(getConversation, { id: number })
  return <Loadable query={query}>{(conversation) => <Conversation key={conversation.id} conversation={conversation} />}</Loadable>
}

function Conversation({ conversation }: { conversation: ConversationView }) {
  const navigate = useNavigate()
  const title = t.conversation.title(conversation.number, conversation.subject || t.conversation.noSubject)
  useEffect(() => {
    document.title = `${title} · Waybill`
  }, [title])
  useEffect(() => remember(conversation), [conversation])
  useMarkRead(conversation)
  const { merged_into } = conversation
  useEffect(() => {
    if (merged_into !== null) toast('good', t.conversation.mergedInto(conversation.number, merged_into))
  }, [merged_into, conversation.number])
  if (merged_into !== null) {
    return <Navigate to="/conversations/$number" params={{ number: String(merged_into) }} replace />
  }
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <Head conversation={conversation} />
        <ConversationToolbar conversation={conversation} />
        <AutomationsStrip conversation={conversation} />
        <Said conversation={conversation} />
        <Writing conversation={conversation} onNext={() => goOn(() => void navigate({ to: '/inbox' }))} />
      </div>
      <DetailsAside conversation={conversation} />
    </div>
  )
}

/** To the next of the list beside, as its own key does; where there is no list, back to it. */
function goOn(otherwise: () => void): void {
  const next = activeBindings().find(({ keys }) => keys === 'j')
  if (next) next.run()
  else otherwise()
}

function Head({ conversation }: { conversation: ConversationView }) {
  const me = useMe()
  const others = conversation.drafts.filter(({ user }) => user.id !== me.user?.id)
  const Channel = conversation.channel === 'phone' ? Phone : Mail
  const paper = hrefOf(printConversation, {
    id: String(conversation.number),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
  // The browser would print what is in view, of boxes that scroll.
  useInboxKeys({ print: () => void window.open(paper, '_blank', 'noopener') })
  return (
    <header className={styles.head}>
      <Link to="/inbox" className={styles.back} aria-label={t.conversation.backToList}>
        <ArrowLeft size={16} aria-hidden />
      </Link>
      <div className={styles.title}>
        <Subject conversation={conversation} />
        <p className={styles.facts}>
          <Channel size={13} aria-hidden />
          <span>#{conversation.number}</span>
          <span className={styles.status} data-status={conversation.status}>
            {conversation.label?.name ?? t.conversation.statuses[conversation.status]}
          </span>
          {conversation.contact_id && (
            <Link to="/contacts/$id" params={{ id: conversation.contact_id }}>
              {shownName(conversation.writer ?? conversation.requester)}
            </Link>
          )}
          <span className={styles.inbox} title={conversation.inbox.name}>
            {conversation.inbox.name}
          </span>
          <Presence conversationId={conversation.id} />
          {others.length > 0 && (
            <span role="status">
              {t.conversation.somebodyDraft([...new Set(others.map(({ user }) => user.name))].join(', '), others.length)}
            </span>
          )}
        </p>
        {conversation.writer && <Writer writer={conversation.writer} requester={conversation.requester.address} />}
      </div>
      <ActionIcon
        component="a"
        variant="subtle"
        color="gray"
        size="lg"
        href={paper}
        target="_blank"
        aria-label={t.conversation.print}
        title={t.conversation.print}
      >
        <Printer size={16} aria-hidden />
      </ActionIcon>
    </header>
  )
}

/** A Reply-To to elsewhere is usual with forms and shops, and what frauds do: it is said where an answer begins, with both addresses. */
function Writer({ writer, requester }: { writer: NonNullable<ConversationView['writer']>; requester: string }) {
  return (
    <p className={styles.writer}>
      <CornerUpRight size={13} aria-hidden />
      <bdi>{t.conversation.writtenBy(writer.name ? `${writer.name} <${writer.address}>` : writer.address, requester)}</bdi>
    </p>
  )
}

function shownName({ name, address }: ConversationView['requester']): string {
  return name || address
}

/** The newest is in view when it opens, and stays so while somebody is at the end. */
function Said({ conversation }: { conversation: ConversationView }) {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const [earlier, setEarlier] = useState<{ items: readonly ConversationItem[]; older: string | null } | null>(null)
  const [isLoading, setLoading] = useState(false)
  const shown = new Set(conversation.items.map(({ id }) => id))
  const items = [...(earlier?.items ?? []).filter(({ id }) => !shown.has(id)), ...conversation.items]
  const older = earlier ? earlier.older : conversation.older

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    // Frames and pictures grow after they are there.
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  }, [])
  async function more() {
    const element = box.current
    if (older === null || !element) return
    setLoading(true)
    const fromEnd = element.scrollHeight - element.scrollTop
    isAtEnd.current = false
    try {
      const page = await call(getConversation, { params: { id: conversation.id, before: older } })
      setEarlier((known) => ({ items: [...page.items, ...(known?.items ?? [])], older: page.older }))
      requestAnimationFrame(() => {
        element.scrollTop = element.scrollHeight - fromEnd
      })
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error))
    } finally {
      setLoading(false)
    }
  }
  return (
    <div
      ref={box}
      className={styles.said}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 60
      }}
    >
      <Thread
        conversation={conversation}
        items={items}
        hasOlder={older !== null}
        isLoading={isLoading}
        onOlder={() => void more()}
      />
    </div>
  )
}

function Writing({ conversation, onNext }: { conversation: ConversationView; onNext: () => void }) {
  const me = useMe()
  const because = whyNot(me, 'conversations.write')
  const restore = useAction(restoreConversation, { changes: [getConversation, listConversations, countConversations] })
  if (because !== null) return <Note tone="calm">{t.composer.mayNot}</Note>
  if (conversation.deleted_at !== null) {
    const act = (
      <Button size="compact-sm" loading={restore.isPending} onClick={() => restore.mutate({ params: { id: conversation.id } })}>
        {t.composer.restore}
      </Button>
    )
    return (
      <Note tone="calm" act={act}>
        {t.conversation.deleted}
      </Note>
    )
  }
  return <ComposerArea conversation={conversation} onNext={onNext} />
}
