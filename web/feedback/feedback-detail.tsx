import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, Download, RotateCw } from 'lucide-react'
import { type Feedback, getFeedback, getRawFeedback, listFeedback, replayFeedback } from '../../src/api/endpoints/feedback.ts'
import type { Id } from '../../src/lib/ids.ts'
import { call, callText, hrefOf, type Problem } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { keyOf, useAction } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import detail from '../ui/detail.module.css'
import { Facts } from '../ui/facts.tsx'
import { bytes } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Raw } from '../ui/raw.tsx'
import { When } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { useMedia } from '../ui/use-media.ts'
import styles from './feedback-detail.module.css'
import { FeedbackBadge } from './feedback-state.tsx'

const UNREAD_MS = 1_000

export function FeedbackDetail({ id }: { id: Id<'feedback'> }) {
  const query = useQuery<Feedback, Problem>({
    queryKey: keyOf(getFeedback, { id }),
    queryFn: ({ signal }) => call(getFeedback, { params: { id } }, signal),
    // It is read within a second or two, and nothing is told of what came to nothing.
    refetchInterval: ({ state }) => state.data?.state === 'received' && UNREAD_MS,
  })
  return <Loadable query={query}>{(feedback) => <Piece feedback={feedback} />}</Loadable>
}

function Piece({ feedback }: { feedback: Feedback }) {
  // Where it stands alone, it is the page, and its source the page's heading.
  const isNarrow = useMedia('(max-width: 900px)')
  const Heading = isNarrow ? 'h2' : 'h3'
  return (
    <article className={detail.detail} aria-label={t.feedback.sources[feedback.source]}>
      <Head feedback={feedback} isNarrow={isNarrow} />
      <div className={styles.section}>
        <Heading>{t.feedback.told}</Heading>
        {feedback.news.length === 0 ? <p className={styles.quiet}>{t.feedback.toldNothing}</p> : <News news={feedback.news} />}
      </div>
      <div className={styles.section}>
        <Heading>{t.feedback.raw}</Heading>
        {feedback.is_kept ? <AsItCame feedback={feedback} /> : <p className={styles.quiet}>{t.feedback.notKept}</p>}
      </div>
    </article>
  )
}

function Head({ feedback, isNarrow }: { feedback: Feedback; isNarrow: boolean }) {
  const Heading = isNarrow ? 'h1' : 'h2'
  const { source, state, reason, route } = feedback
  return (
    <header className={`${detail.head} ${styles.head}`}>
      {isNarrow && (
        <Link to="/feedback" search={{}}>
          <ArrowLeft size={13} aria-hidden /> {t.feedback.backToList}
        </Link>
      )}
      <div className={detail.title}>
        <Heading>{t.feedback.sources[source]}</Heading>
        <Replay feedback={feedback} />
      </div>
      <div className={styles.state}>
        <FeedbackBadge state={state} />
      </div>
      {reason && (
        <div className={styles.reason}>
          <Note tone={state === 'failed' ? 'bad' : state === 'unmatched' ? 'care' : 'calm'}>{reason}</Note>
        </div>
      )}
      <Facts
        facts={[
          [
            t.feedback.route,
            route && (
              <AppLink key="route" href={`/routes/${route.id}`}>
                {route.name}
              </AppLink>
            ),
          ],
          [t.feedback.received, <When key="received" at={feedback.received_at} />],
          [t.feedback.happened, feedback.happened_at && <When key="happened" at={feedback.happened_at} />],
          [t.feedback.nextTry, state === 'parked' && feedback.next_try_at ? <When key="next" at={feedback.next_try_at} /> : null],
          [
            t.feedback.until,
            state === 'parked' && feedback.parked_until ? <When key="until" at={feedback.parked_until} /> : null,
          ],
          [t.feedback.size, bytes(feedback.size_bytes)],
          ...Object.entries(feedback.headers).map(([name, value]) => [name, value || '<>'] as const),
        ]}
      />
    </header>
  )
}

function Replay({ feedback: { id, is_kept } }: { feedback: Feedback }) {
  const me = useMe()
  const replay = useAction(replayFeedback, {
    changes: [listFeedback, getFeedback],
    onDone: () => toast('good', t.feedback.replayed),
  })
  return (
    <ActButton
      size="xs"
      variant="default"
      leftSection={<RotateCw size={13} aria-hidden />}
      because={is_kept ? whyNot(me, 'delivery.manage') : t.feedback.notKept}
      hint={t.feedback.replayHint}
      loading={replay.isPending}
      onClick={() => replay.mutate({ params: { id } })}
    >
      {t.feedback.replay}
    </ActButton>
  )
}

function News({ news }: { news: Feedback['news'] }) {
  return (
    <ul className={styles.news}>
      {news.map(({ kind, delivery_id, message_id, recipient }) => (
        <li key={`${delivery_id} ${kind}`}>
          <Link to="/messages/$id" params={{ id: message_id }} search={{ delivery: delivery_id }}>
            {recipient}
          </Link>
          <span className={styles.quiet}>{t.feedback.kinds[kind as keyof typeof t.feedback.kinds] ?? kind}</span>
        </li>
      ))}
    </ul>
  )
}

const SHOWN_CHARACTERS = 100_000

function AsItCame({ feedback: { id, source } }: { feedback: Feedback }) {
  const query = useQuery({
    queryKey: keyOf(getRawFeedback, { id }),
    queryFn: ({ signal }) => callText(getRawFeedback, { params: { id } }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const isMail = source === 'dsn' || source === 'arf'
  return (
    <>
      <Button
        component="a"
        size="xs"
        variant="default"
        href={hrefOf(getRawFeedback, { id })}
        download={`${id}.${isMail ? 'eml' : 'json'}`}
        leftSection={<Download size={14} aria-hidden />}
      >
        {t.feedback.download}
      </Button>
      <Loadable query={query}>
        {(text) => <Raw text={readable(text).slice(0, SHOWN_CHARACTERS)} label={t.feedback.raw} copyLabel={t.common.copy} tall />}
      </Loadable>
    </>
  )
}

/** JSON on lines of its own, also the event that an envelope carries as text; everything else as it is. */
function readable(text: string): string {
  const parsed = parsedJson(text)
  if (typeof parsed !== 'object' || parsed === null) return text
  const inner = 'Message' in parsed ? parsedJson(String(parsed.Message)) : null
  return JSON.stringify(inner === null ? parsed : { ...parsed, Message: inner }, null, 2)
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
