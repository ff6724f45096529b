import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type Limit, listLimits, previewRouting, removeLimit } from '../../src/api/endpoints/routing.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago, useNow } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { LimitDialog } from './limit-dialog.tsx'
import styles from './limits.module.css'
import { amountOf, evenly, whatOf } from './pace-words.ts'

export interface LimitsProps {
  /** Why nothing may be changed; null: it may. */
  readonly because: string | null
  readonly nameOf: (routeId: string) => string
}

export const LIMIT_CHANGES = [listLimits, previewRouting]

export function Limits({ because, nameOf }: LimitsProps) {
  const query = useEndpoint(listLimits, {})
  const [open, setOpen] = useState<Limit | 'new' | null>(null)
  return (
    <Panel
      title={t.limits.paces}
      flush
      aside={
        <ActButton size="xs" leftSection={<Plus size={14} aria-hidden />} because={because} onClick={() => setOpen('new')}>
          {t.limits.add}
        </ActButton>
      }
    >
      <p className={styles.lead}>{t.limits.pacesLead}</p>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.none}>{t.limits.none}</p>
          ) : (
            <LimitRows limits={items} because={because} nameOf={nameOf} onEdit={setOpen} />
          )
        }
      </Loadable>
      {open !== null && <LimitDialog limit={open === 'new' ? null : open} nameOf={nameOf} onClose={() => setOpen(null)} />}
    </Panel>
  )
}

interface RowsProps extends LimitsProps {
  readonly limits: readonly Limit[]
  readonly onEdit: (limit: Limit) => void
}

function LimitRows({ limits, because, nameOf, onEdit }: RowsProps) {
  const ask = useAsk()
  const drop = useAction(removeLimit, { changes: LIMIT_CHANGES, onDone: () => toast('good', t.limits.removed) })
  const names = t.limits.columns
  async function askRemove(limit: Limit) {
    const body = t.limits.removeBody(whatOf(limit, nameOf), amountOf(limit))
    const asked = { title: t.limits.removeTitle, body, act: t.limits.removeAct, danger: true }
    if (await ask(asked)) drop.mutate({ params: { id: limit.id } })
  }
  return (
    <div className={styles.flush}>
      <Rows
        label={t.limits.label}
        rows={limits}
        keyOf={({ id }) => id}
        columns={[
          { key: 'of', header: names.of, cell: (limit) => <span className={styles.name}>{whatOf(limit, nameOf)}</span> },
          { key: 'amount', header: names.amount, cell: amountOf },
          { key: 'evenly', header: names.evenly, cell: (limit) => <span className={styles.quiet}>{evenly(limit)}</span> },
          { key: 'next', header: names.next, cell: ({ next_at }) => <Next at={next_at} /> },
          {
            key: 'acts',
            header: t.common.acts,
            isHidden: true,
            end: true,
            cell: (limit) => {
              const what = `${whatOf(limit, nameOf)}, ${amountOf(limit)}`
              return (
                <span className={styles.acts}>
                  <ActButton
                    size="compact-sm"
                    variant="subtle"
                    because={because}
                    label={t.limits.changeOf(what)}
                    onClick={() => onEdit(limit)}
                  >
                    {t.limits.change}
                  </ActButton>
                  <ActButton
                    size="compact-sm"
                    variant="subtle"
                    because={because}
                    label={t.limits.removeOf(what)}
                    onClick={() => void askRemove(limit)}
                  >
                    {t.limits.remove}
                  </ActButton>
                </span>
              )
            },
          },
        ]}
      />
    </div>
  )
}

/** A moment that has passed means that nothing waits for it. */
function Next({ at }: { at: Date | null }) {
  const now = useNow()
  return <span className={styles.quiet}>{at === null || at <= now ? t.limits.atOnce : <Ago at={at} />}</span>
}
