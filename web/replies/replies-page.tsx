import { listReplies, reviewReply, type UnknownReply } from '../../src/api/endpoints/replies.ts'
import { useMe, whyNot } from '../me.ts'
import { EveryReplyUnderstood } from '../parts/pictures.tsx'
import { replyTextOf } from '../parts/reply.ts'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './replies-page.module.css'

export function RepliesPage() {
  return (
    <Page title={t.replies.title} lead={t.replies.lead} shape="filled">
      <List />
    </Page>
  )
}

function List() {
  const list = usePages(listReplies, {})
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={8} />
  if (list.items.length === 0)
    return <EmptyState picture={<EveryReplyUnderstood />} title={t.replies.emptyTitle} sentence={t.replies.empty} />
  return (
    <DataTable
      label={t.replies.label}
      rows={list.items}
      keyOf={({ fingerprint }) => fingerprint}
      columns={columns()}
      card={(reply) => <Card reply={reply} />}
      hasMore={list.hasMore}
      isFetchingMore={list.isFetchingMore}
      more={list.more}
      dim={list.isPlaceholder}
      restoreId="replies"
    />
  )
}

function columns(): ReadonlyArray<Column<UnknownReply>> {
  const names = t.replies.columns
  return [
    { key: 'reply', header: names.reply, width: 'minmax(260px, 2.4fr)', cell: (reply) => <Said reply={reply} /> },
    {
      key: 'n',
      header: names.n,
      width: '96px',
      align: 'end',
      cell: ({ n }) => <span className={styles.number}>{t.replies.count(n)}</span>,
    },
    { key: 'where', header: names.where, width: 'minmax(220px, 1.3fr)', cell: (reply) => <Where reply={reply} /> },
    {
      key: 'last',
      header: names.last,
      width: '110px',
      wideOnly: true,
      cell: ({ last_seen_at }) => (
        <span className={styles.quiet}>
          <Ago at={last_seen_at} short />
        </span>
      ),
    },
    {
      key: 'acts',
      header: names.acts,
      isHidden: true,
      width: '160px',
      align: 'end',
      cell: (reply) => <Review reply={reply} />,
    },
  ]
}

/** Where a newer rule knows the reply, its class is what matters; the words stay to be read. */
function Said({ reply }: { reply: UnknownReply }) {
  const words = `${reply.code} ${replyTextOf({ enhanced: reply.enhanced, text: reply.example })}`
  return (
    <span className={`${styles.clip} ${styles.words}`} title={words}>
      {words}
      {reply.known_as && <span className={styles.quiet}> · {t.replies.knownAs(reply.known_as)}</span>}
    </span>
  )
}

function Where({ reply: { host, receiver, stage } }: { reply: UnknownReply }) {
  const place = [host, receiver === 'other' ? null : receiver, t.replies.stages[stage] ?? stage].filter(Boolean).join(' · ')
  return (
    <span className={`${styles.clip} ${styles.quiet}`} title={place}>
      {place}
    </span>
  )
}

function Card({ reply }: { reply: UnknownReply }) {
  return (
    <>
      <div className={styles.two}>
        <Said reply={reply} />
        <Review reply={reply} />
      </div>
      <div className={`${styles.clip} ${styles.quiet}`}>
        {t.replies.times(reply.n)} · <Ago at={reply.last_seen_at} short /> · {reply.host}
      </div>
    </>
  )
}

function Review({ reply }: { reply: UnknownReply }) {
  const me = useMe()
  const isReviewed = reply.reviewed_at !== null
  const review = useAction(reviewReply, {
    changes: [listReplies],
    onDone: () => (isReviewed ? undefined : toast('good', t.replies.reviewed)),
  })
  const act = isReviewed ? t.replies.unreview : t.replies.review
  return (
    <ActButton
      label={`${act}: ${reply.example.slice(0, 80)}`}
      size="compact-xs"
      variant={isReviewed ? 'subtle' : 'default'}
      because={whyNot(me, 'delivery.manage')}
      loading={review.isPending}
      onClick={() => review.mutate({ params: { fingerprint: reply.fingerprint }, body: { reviewed: !isReviewed } })}
    >
      {act}
    </ActButton>
  )
}
