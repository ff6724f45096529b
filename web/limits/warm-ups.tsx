import { Sprout } from 'lucide-react'
import { useState } from 'react'
import { endWarmUp, listWarmUps, previewRouting, type WarmUp } from '../../src/api/endpoints/routing.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Bars } from '../ui/bars.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Meter } from '../ui/meter.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './limits.module.css'
import type { LimitsProps } from './limits.tsx'
import { StartWarmUp } from './start-warm-up.tsx'

export const WARM_UP_CHANGES = [listWarmUps, previewRouting]

export function WarmUps({ because, nameOf }: LimitsProps) {
  const query = useEndpoint(listWarmUps, {})
  const [starting, setStarting] = useState(false)
  return (
    <Panel
      title={t.warmUps.title}
      aside={
        <ActButton size="xs" leftSection={<Sprout size={14} aria-hidden />} because={because} onClick={() => setStarting(true)}>
          {t.warmUps.start}
        </ActButton>
      }
    >
      <p className={styles.quiet}>{t.warmUps.lead}</p>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.nothing}>{t.warmUps.none}</p>
          ) : (
            <ul className={styles.warmUps}>
              {items.map((warmUp) => (
                <li key={`${warmUp.route_id} ${warmUp.receiver}`}>
                  <OneWarmUp warmUp={warmUp} because={because} nameOf={nameOf} />
                </li>
              ))}
            </ul>
          )
        }
      </Loadable>
      {starting && <StartWarmUp nameOf={nameOf} onClose={() => setStarting(false)} />}
    </Panel>
  )
}

function OneWarmUp({ warmUp, because, nameOf }: LimitsProps & { warmUp: WarmUp }) {
  const ask = useAsk()
  const { receiver, route_id, daily_caps: caps, frozen_days, today } = warmUp
  const name = t.warmUps.of(nameOf(route_id), receiver === '' ? null : receiverName(receiver))
  const end = useAction(endWarmUp, { changes: WARM_UP_CHANGES, onDone: () => toast('good', t.warmUps.ended(name)) })
  async function askEnd() {
    const asked = { title: t.warmUps.endTitle(name), body: t.warmUps.endBody, act: t.warmUps.endAct }
    if (await ask(asked)) end.mutate({ params: { route: route_id, ...(receiver !== '' && { receiver }) } })
  }
  return (
    <section aria-label={name} className={styles.warmUp}>
      <div className={styles.head}>
        <h3 className={styles.name}>{name}</h3>
        <span className={styles.quiet}>{today.cap !== null && t.warmUps.day(today.step + 1, caps.length)}</span>
        <ActButton
          size="compact-sm"
          variant="subtle"
          because={because}
          label={t.warmUps.endOf(name)}
          loading={end.isPending}
          onClick={() => void askEnd()}
        >
          {t.warmUps.end}
        </ActButton>
      </div>
      {today.cap === null ? (
        <p>{t.warmUps.done}</p>
      ) : (
        <>
          <Meter label={t.warmUps.today(today.used, today.cap)} value={today.used} max={today.cap} />
          {today.used >= today.cap && <p className={styles.care}>{t.warmUps.usedUp}</p>}
        </>
      )}
      {frozen_days > 0 && <p className={styles.quiet}>{t.warmUps.frozen(frozen_days)}</p>}
      <Curve warmUp={warmUp} name={name} />
    </section>
  )
}

function Curve({ warmUp: { daily_caps: caps, today }, name }: { warmUp: WarmUp; name: string }) {
  const { series } = t.warmUps
  return (
    <Bars
      label={t.warmUps.curve(name)}
      series={[
        { name: series.past, tone: 'calm', fill: 'dotted' },
        { name: series.today, tone: 'busy', fill: 'solid' },
        { name: series.coming, tone: 'wait', fill: 'hatched' },
      ]}
      points={caps.map((cap, index) => ({
        key: String(index),
        // Every one where there is room, of a long curve a few.
        tick: index % Math.ceil(caps.length / 12) === 0 ? String(index + 1) : null,
        says: t.warmUps.step(index + 1, cap, index === today.step),
        values: [index < today.step ? cap : 0, index === today.step ? cap : 0, index > today.step ? cap : 0],
      }))}
    />
  )
}
