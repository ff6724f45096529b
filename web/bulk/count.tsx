import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { listBulkActs, previewBulkAct, startBulkAct } from '../../src/api/endpoints/bulk-acts.ts'
import type { Id } from '../../src/lib/ids.ts'
import type { ReplyOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { StateNameBadge } from '../parts/states.tsx'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { clock, number } from '../ui/format.ts'
import { Meter } from '../ui/meter.tsx'
import { Note } from '../ui/note.tsx'
import { Rows } from '../ui/rows.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './bulk.module.css'
import { type BulkSearch, filterOf, kindOf } from './bulk-search.ts'

type Preview = ReplyOf<typeof previewBulkAct>
const SHOWN_RECEIVERS = 8

/** Counts first. What is started is what was counted: the moment of counting is its end, and another number is refused. */
export function Count({ search }: { search: BulkSearch }) {
  const because = whyNot(useMe(), 'delivery.manage')
  const ask = useAsk()
  const kind = kindOf(search)
  const acts = useRef<HTMLDivElement>(null)
  const [countedAt, setCountedAt] = useState<Date | null>(null)
  const count = useAction(previewBulkAct, { quiet: true })
  const start = useAction(startBulkAct, {
    quiet: true,
    changes: [listBulkActs],
    onDone: () => {
      toast('good', t.bulk.started)
      count.reset()
      // The button that was pressed is gone.
      acts.current?.querySelector('button')?.focus()
    },
  })
  const found = count.data
  function countThem() {
    const now = new Date()
    setCountedAt(now)
    start.reset()
    count.mutate({ body: { kind, filter: filterOf(search, now) } })
  }
  async function startIt(expected: number, at: Date) {
    if (kind in t.bulk.ask) {
      const asking = kind as keyof typeof t.bulk.ask
      const asked = {
        title: t.bulk.askTitle[asking](expected),
        body: t.bulk.ask[asking],
        act: t.bulk.start[kind](expected),
        keep: t.bulk.keep,
        danger: kind === 'cancel',
      }
      if (!(await ask(asked))) return
    }
    const way = search.way ? { route_id: search.way as Id<'route'> } : {}
    start.mutate({ body: { kind, filter: filterOf(search, at), expected, ...way } })
  }
  const refused = start.error ?? count.error
  return (
    <div className={styles.count}>
      <div ref={acts} className={styles.acts}>
        <ActButton
          variant={found && found.matched > 0 ? 'default' : 'filled'}
          because={because}
          loading={count.isPending}
          onClick={countThem}
        >
          {t.bulk.count}
        </ActButton>
        {found && countedAt && found.matched > 0 && (
          <ActButton
            color={kind === 'cancel' ? 'red' : 'petrol'}
            because={because}
            loading={start.isPending}
            onClick={() => void startIt(found.matched, countedAt)}
          >
            {t.bulk.start[kind](found.matched)}
          </ActButton>
        )}
      </div>
      {refused && (
        <Note tone="bad" alert hint={refused.code === 'preview_is_old' && t.bulk.old}>
          {refused.message}
        </Note>
      )}
      <div role="status">
        {found && countedAt && (
          <Note
            tone={found.matched === 0 ? 'care' : 'calm'}
            hint={found.matched === 0 ? t.bulk.nothingFits : t.bulk.upTo(clock(countedAt))}
          >
            <strong>{t.bulk.counted(found.matched)}</strong>
          </Note>
        )}
      </div>
      {found && found.matched > 0 && <Found found={found} />}
    </div>
  )
}

function Found({ found: { matched, by_receiver, examples } }: { found: Preview }) {
  return (
    <div className={styles.found}>
      <section aria-label={t.bulk.byReceiver}>
        <h2 className={styles.label}>{t.bulk.byReceiver}</h2>
        <ul className={styles.receivers}>
          {by_receiver.slice(0, SHOWN_RECEIVERS).map(({ receiver, n }) => (
            <li key={receiver ?? ''}>
              <Meter label={`${receiverName(receiver)}: ${number(n)}`} value={n} max={matched} tone="wait" />
            </li>
          ))}
        </ul>
      </section>
      <section aria-label={t.bulk.examples}>
        <h2 className={styles.label}>{t.bulk.examples}</h2>
        <Rows
          label={t.bulk.examples}
          rows={examples}
          keyOf={({ id }) => id}
          columns={[
            {
              key: 'recipient',
              header: t.bulk.exampleColumns.recipient,
              cell: ({ recipient, message_id, id }) => (
                <Link to="/messages/$id" params={{ id: message_id }} search={{ delivery: id }}>
                  {recipient}
                </Link>
              ),
            },
            { key: 'subject', header: t.bulk.exampleColumns.subject, cell: ({ subject }) => subject || t.activity.noSubject },
            {
              key: 'state',
              header: t.bulk.exampleColumns.state,
              cell: ({ state }) => <StateNameBadge state={state} />,
            },
          ]}
        />
      </section>
    </div>
  )
}
