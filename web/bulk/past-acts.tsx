import { Button } from '@mantine/core'
import { CircleCheck, CircleSlash, LoaderCircle } from 'lucide-react'
import { type BulkAct, listBulkActs, stopBulkAct } from '../../src/api/endpoints/bulk-acts.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Badge } from '../ui/badge.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Meter } from '../ui/meter.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago, useNow } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './bulk.module.css'
import { filterWords } from './bulk-words.ts'

const PAGE = 25
/** Steps of an act are no events: while one runs, it is asked how far it is. */
const AGAIN_MS = 1_500

const LOOKS = {
  running: { tone: 'busy', icon: LoaderCircle },
  done: { tone: 'good', icon: CircleCheck },
  stopped: { tone: 'calm', icon: CircleSlash },
} as const

/** What was started, how far it is, and a way to stop it. */
export function PastActs({ nameOf }: { nameOf: (routeId: string) => string }) {
  const list = usePages(listBulkActs, {}, PAGE, (items) => items.some(({ state }) => state === 'running') && AGAIN_MS)
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  return (
    <Panel title={t.bulk.past} flush>
      {list.isPending ? (
        <Skeleton lines={3} />
      ) : list.items.length === 0 ? (
        <p className={styles.none}>{t.bulk.noPast}</p>
      ) : (
        <ActRows acts={list.items} nameOf={nameOf} />
      )}
      {list.hasMore && (
        <div className={styles.older}>
          <Button size="compact-sm" variant="default" loading={list.isFetchingMore} onClick={list.more}>
            {t.bulk.older}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function ActRows({ acts, nameOf }: { acts: readonly BulkAct[]; nameOf: (routeId: string) => string }) {
  const now = useNow()
  const names = t.bulk.columns
  return (
    <div className={styles.flush}>
      <Rows
        label={t.bulk.pastLabel}
        rows={acts}
        keyOf={({ id }) => id}
        columns={[
          {
            key: 'act',
            header: names.act,
            cell: (act) => (
              <span>
                <span className={styles.name}>{t.bulk.kinds[act.kind].title}</span>{' '}
                {act.route_id && <span className={styles.quiet}>{t.bulk.byWay(nameOf(act.route_id))}</span>}
              </span>
            ),
          },
          { key: 'filter', header: names.filter, cell: (act) => filterWords(act, nameOf, now) },
          { key: 'progress', header: names.progress, cell: (act) => <Progress act={act} /> },
          {
            key: 'state',
            header: names.state,
            cell: ({ state }) => <Badge {...LOOKS[state]} label={t.bulk.statesOf[state]} moving={state === 'running'} />,
          },
          { key: 'began', header: names.began, cell: ({ created_at }) => <Ago at={created_at} /> },
          {
            key: 'acts',
            header: t.common.acts,
            isHidden: true,
            end: true,
            cell: (act) => act.state === 'running' && <Stop act={act} />,
          },
        ]}
      />
    </div>
  )
}

function Progress({ act: { done, passed_over, matched } }: { act: BulkAct }) {
  return (
    <span className={styles.progress}>
      <Meter label={t.bulk.progress(done, matched)} value={done + passed_over} max={matched} />
      {passed_over > 0 && (
        <span className={styles.quiet} title={t.bulk.passedOverHint}>
          {t.bulk.passedOver(passed_over)}
        </span>
      )}
    </span>
  )
}

function Stop({ act }: { act: BulkAct }) {
  const because = whyNot(useMe(), 'delivery.manage')
  const ask = useAsk()
  const stop = useAction(stopBulkAct, { changes: [listBulkActs], onDone: () => toast('good', t.bulk.stopped) })
  async function askStop() {
    const asked = { title: t.bulk.stopTitle, body: t.bulk.stopBody, act: t.bulk.stopAct, keep: t.bulk.goOn }
    if (await ask(asked)) stop.mutate({ params: { id: act.id } })
  }
  return (
    <ActButton
      size="compact-sm"
      variant="subtle"
      because={because}
      label={t.bulk.stopOf(t.bulk.kinds[act.kind].title)}
      loading={stop.isPending}
      onClick={() => void askStop()}
    >
      {t.bulk.stop}
    </ActButton>
  )
}
