import { Button, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, BellOff, ChevronDown, Download, MessageSquarePlus, Paperclip, RotateCw, Undo2 } from 'lucide-react'
import { type ArrivalAct, type ArrivalDetail as Detail, getArrival, getRawArrival } from '../../src/api/endpoints/arrivals.ts'
import type { Id } from '../../src/lib/ids.ts'
import { hrefOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import detail from '../ui/detail.module.css'
import { Facts } from '../ui/facts.tsx'
import { KeyHint } from '../ui/key-hint.tsx'
import { useKeys } from '../ui/keys.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { When } from '../ui/time.tsx'
import { useMedia } from '../ui/use-media.ts'
import type { ActTarget } from './act-dialogs.tsx'
import { ArrivalBadge } from './arrival-badge.tsx'
import { ArrivalViews, Files } from './arrival-views.tsx'
import styles from './arrivals.module.css'
import { useUndoAct } from './use-arrival-act.ts'

interface Props {
  readonly id: Id<'inbound_mail'>
  readonly page: 'quarantine' | 'arrivals'
  readonly begin: (act: ArrivalAct, target: ActTarget) => void
  readonly isPending: boolean
}

/** Of what waits, no event tells when its turn comes to nothing new. */
const WAITING_MS = 2_000

export function ArrivalDetail(props: Props) {
  const query = useEndpoint(getArrival, { id: props.id })
  const isWaiting = query.data?.state === 'waiting'
  useEndpoint(getArrival, { id: props.id }, { enabled: isWaiting, ...(isWaiting && { everyMs: WAITING_MS }) })
  return <Loadable query={query}>{(arrival) => <Mail {...props} arrival={arrival} />}</Loadable>
}

function Mail({ arrival, page, begin, isPending }: Props & { readonly arrival: Detail }) {
  return (
    <article className={detail.detail} aria-label={arrival.subject || t.arrivals.noSubject}>
      <Head arrival={arrival} page={page} begin={begin} isPending={isPending} />
      <ArrivalViews key={arrival.id} arrival={arrival} />
      <Files arrival={arrival} />
    </article>
  )
}

function Head({ arrival, page, begin, isPending }: Omit<Props, 'id'> & { readonly arrival: Detail }) {
  // Where it stands alone, it is the page, and its subject the page's heading.
  const isNarrow = useMedia('(max-width: 900px)')
  const Heading = isNarrow ? 'h1' : 'h2'
  const { from, subject, to, inbox, received_at } = arrival
  return (
    <header className={detail.head}>
      {isNarrow && (
        <Link to={page === 'quarantine' ? '/quarantine' : '/arrivals'} search={(old) => old as never}>
          <ArrowLeft size={13} aria-hidden /> {t.arrivals.backTo[page]}
        </Link>
      )}
      <div className={`${detail.title} ${styles.top}`}>
        <Heading>{subject || t.arrivals.noSubject}</Heading>
        <ArrivalBadge arrival={arrival} />
      </div>
      <Facts
        facts={[
          [t.arrivals.facts.from, from.address ? `${from.name} <${from.address}>`.trim() : from.name || t.arrivals.noSender],
          [t.arrivals.facts.to, to.slice(0, 5).join(', ')],
          [t.arrivals.facts.inbox, inbox?.name ?? t.arrivals.noInbox],
          [t.arrivals.facts.received, <When key="at" at={received_at} />],
        ]}
      />
      <Became arrival={arrival} />
      {arrival.state === 'quarantined' || arrival.outcome === 'ignored' ? (
        <Acts arrival={arrival} begin={begin} isPending={isPending} />
      ) : (
        <div className={styles.acts}>
          <UndoButton arrival={arrival} />
          <DownloadButton id={arrival.id} />
        </div>
      )}
    </header>
  )
}

/** Why these are put aside is said by their sentence already. */
const SAID: ReadonlySet<string> = new Set(['update_only_no_match', 'no_inbox', 'inbox_closed', 'bytes_missing'])

function Became({ arrival }: { arrival: Detail }) {
  const { state, sentence, detail: happened, hint, foreseen, conversation, message_id, duplicate_of } = arrival
  const link = conversation ? (
    <AppLink href={`/conversations/${conversation.number}`}>{t.arrivals.openConversation(conversation.number)}</AppLink>
  ) : message_id ? (
    <AppLink href={`/messages/${message_id}`}>{t.arrivals.openMessage}</AppLink>
  ) : duplicate_of ? (
    <AppLink href={`/arrivals/${duplicate_of}`}>{t.arrivals.openFirst}</AppLink>
  ) : null
  const isPutAside = state === 'quarantined'
  return (
    <div className={styles.notes}>
      <Note tone={isPutAside ? 'care' : state === 'waiting' ? 'wait' : conversation ? 'good' : 'calm'} hint={hint} act={link}>
        {sentence}
        {isPutAside && happened && !SAID.has(arrival.reason ?? '') && <div className={styles.quiet}>{happened}</div>}
      </Note>
      {foreseen && (
        <p className={styles.foreseen}>
          <b>{t.arrivals.foreseen}:</b> {foreseen.sentence}{' '}
          {foreseen.number !== null && (
            <AppLink href={`/conversations/${foreseen.number}`}>{t.arrivals.openConversation(foreseen.number)}</AppLink>
          )}{' '}
          <span className={styles.quiet}>{t.arrivals.noWayBack}</span>
        </p>
      )}
    </div>
  )
}

const KEYS = { replay: 'r', start: 'c', attach: 'a', ignore: 'i' } as const
const ICONS = { replay: RotateCw, start: MessageSquarePlus, attach: Paperclip, ignore: BellOff } as const

function Acts({ arrival, begin, isPending }: Omit<Props, 'id' | 'page'> & { readonly arrival: Detail }) {
  const mayNot = whyNot(useMe(), 'conversations.write')
  const target: ActTarget = { rows: [arrival], count: 1, of: { ids: [arrival.id] } }
  const because = (act: ArrivalAct) => {
    const obstacle = arrival.may[act]
    // Which inbox is asked for in the dialog.
    const isOpen = obstacle === null || (act === 'start' && obstacle === 'no_inbox')
    return mayNot ?? (isOpen ? null : t.arrivals.obstacles[obstacle])
  }
  const press = (act: ArrivalAct) => {
    if (because(act) === null && !isPending) begin(act, target)
  }
  const names = Object.keys(KEYS) as (keyof typeof KEYS)[]
  useKeys(
    names.map((act) => ({ keys: KEYS[act], label: t.arrivals.keys[act], group: t.quarantine.title, run: () => press(act) })),
  )
  // Once more is worth something where it would come to something else.
  const first = arrival.foreseen && ['start', 'add', 'record_report'].includes(arrival.foreseen.does) ? 'replay' : 'start'
  return (
    <div className={styles.acts}>
      {names
        .filter((act) => act !== 'ignore' || arrival.state === 'quarantined')
        .map((act) => {
          const Icon = ICONS[act]
          return (
            <ActButton
              key={act}
              size="xs"
              variant={act === first ? 'filled' : 'default'}
              leftSection={<Icon size={14} aria-hidden />}
              because={because(act)}
              hint={
                <>
                  {t.arrivals.hints[act]} <KeyHint keys={KEYS[act]} />
                </>
              }
              onClick={() => press(act)}
            >
              {t.arrivals.acts[act]}
            </ActButton>
          )
        })}
      <UndoButton arrival={arrival} />
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button size="xs" variant="default" aria-label={t.arrivals.more} rightSection={<ChevronDown size={13} aria-hidden />}>
            {t.common.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['ignore_sender', 'spam'] as const)
            .filter((act) => because(act) === null)
            .map((act) => (
              <Menu.Item key={act} onClick={() => press(act)}>
                {t.arrivals.acts[act]}
              </Menu.Item>
            ))}
          <Menu.Item
            component="a"
            href={hrefOf(getRawArrival, { id: arrival.id })}
            download={`${arrival.id}.eml`}
            leftSection={<Download size={14} aria-hidden />}
          >
            {t.arrivals.download}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

/** Back to where it was, where somebody put it elsewhere. */
function UndoButton({ arrival: { undo } }: { arrival: Detail }) {
  const mayNot = whyNot(useMe(), 'conversations.write')
  const { run, isPending } = useUndoAct()
  if (undo === null) return null
  return (
    <ActButton
      size="xs"
      variant="default"
      leftSection={<Undo2 size={14} aria-hidden />}
      because={mayNot}
      hint={t.arrivals.takeBackHint}
      loading={isPending}
      onClick={() => run(undo)}
    >
      {t.arrivals.takeBack}
    </ActButton>
  )
}

export function DownloadButton({ id }: { id: Id<'inbound_mail'> }) {
  return (
    <Button
      component="a"
      size="xs"
      variant="default"
      href={hrefOf(getRawArrival, { id })}
      download={`${id}.eml`}
      leftSection={<Download size={14} aria-hidden />}
    >
      {t.arrivals.download}
    </Button>
  )
}
