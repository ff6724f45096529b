import { Button } from '@mantine/core'
import { GraduationCap, UserRound } from 'lucide-react'
import { useState } from 'react'
import { type ReceiverLimits as Limits, listReceiverLimits } from '../../src/api/endpoints/receiver-limits.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago } from '../ui/time.tsx'
import { LimitsDialog } from './limits-dialog.tsx'
import styles from './receiver-limits.module.css'

/** Beside those that differ, the ones that most mail goes to. */
const SHOWN_AT_FIRST = 6

/** How hard a direct route knocks at each receiver, why, and a person's word on it. */
export function ReceiverLimits({ routeId }: { routeId: Id<'route'> }) {
  const query = useEndpoint(listReceiverLimits, { id: routeId })
  return (
    <Panel title={t.receiverLimits.title} flush>
      <p className={styles.lead}>{t.receiverLimits.lead}</p>
      <Loadable query={query}>{({ items }) => <LimitsTable routeId={routeId} all={items} />}</Loadable>
    </Panel>
  )
}

function LimitsTable({ routeId, all }: { routeId: Id<'route'>; all: readonly Limits[] }) {
  const [showAll, setShowAll] = useState(false)
  const [open, setOpen] = useState<Limits | 'new' | null>(null)
  const because = whyNot(useMe(), 'routes.manage')
  const differing = all.filter(differs)
  const others = all.filter((limits) => !differs(limits))
  const shown = [...differing, ...(showAll ? others : others.slice(0, SHOWN_AT_FIRST))]
  return (
    <div className={styles.flush}>
      <Rows
        label={t.receiverLimits.label}
        rows={shown}
        keyOf={({ receiver }) => receiver}
        columns={[
          { key: 'receiver', header: t.receiverLimits.receiver, cell: (limits) => <Name limits={limits} /> },
          {
            key: 'connections',
            header: t.receiverLimits.connections,
            cell: ({ now, usual }) => <Amount now={now.max_connections} usual={usual.max_connections} />,
          },
          {
            key: 'messages',
            header: t.receiverLimits.messages,
            cell: ({ now, usual }) => <Amount now={now.max_messages_per_connection} usual={usual.max_messages_per_connection} />,
          },
          { key: 'why', header: t.receiverLimits.why, cell: (limits) => <Why limits={limits} /> },
          {
            key: 'acts',
            header: t.receiverLimits.acts,
            isHidden: true,
            end: true,
            cell: (limits) => (
              <ActButton
                size="compact-sm"
                variant="subtle"
                because={because}
                label={t.receiverLimits.changeOf(limits.title)}
                onClick={() => setOpen(limits)}
              >
                {t.receiverLimits.change}
              </ActButton>
            ),
          },
        ]}
      />
      <div className={styles.foot}>
        {others.length > SHOWN_AT_FIRST && (
          <Button variant="default" size="compact-sm" onClick={() => setShowAll(!showAll)}>
            {showAll ? t.receiverLimits.showFewer : t.receiverLimits.showAll(all.length)}
          </Button>
        )}
        <ActButton variant="default" size="compact-sm" because={because} onClick={() => setOpen('new')}>
          {t.receiverLimits.add}
        </ActButton>
      </div>
      {open !== null && <LimitsDialog routeId={routeId} limits={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </div>
  )
}

function differs({ set, learned }: Limits): boolean {
  return set !== null || learned !== null
}

function Name({ limits: { title, receiver } }: { limits: Limits }) {
  return (
    <span>
      <span className={styles.name}>{title}</span>
      {title.toLowerCase() !== receiver && <span className={styles.domain}> {receiver}</span>}
    </span>
  )
}

function Amount({ now, usual }: { now: number; usual: number }) {
  return (
    <span>
      {now}
      {now !== usual && <span className={styles.usual}>{t.receiverLimits.usually(usual)}</span>}
    </span>
  )
}

function Why({ limits: { set, learned } }: { limits: Limits }) {
  if (set === null && learned === null) return <span className={styles.domain}>{t.receiverLimits.usual}</span>
  return (
    <span className={styles.why}>
      {set && (
        <>
          <Badge tone="busy" icon={UserRound} label={t.receiverLimits.set} /> <Ago at={set.at} />
        </>
      )}
      {learned && (
        <>
          <Badge tone="care" icon={GraduationCap} label={t.receiverLimits.learned} /> <Ago at={learned.at} />
          <span className={styles.words}>{learned.why}</span>
        </>
      )}
    </span>
  )
}
