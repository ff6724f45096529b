import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type Canary, changeCanary, listCanaries, probeCanary, removeCanary } from '../../src/api/endpoints/canaries.ts'
import { useMe, whyNot } from '../me.ts'
import { NobodyWatches } from '../parts/pictures.tsx'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ago } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { useNow } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './canaries.module.css'
import { Mailboxes } from './mailboxes.tsx'
import { NewCanary } from './new-canary.tsx'
import { Ways } from './ways.tsx'

/** Probes are sent and found without an event: the page looks again by itself. */
const LOOK_AGAIN_MS = 10_000

/** Does mail arrive? Seed mailboxes and what was found in them, route by route. */
export function CanariesPage() {
  const me = useMe()
  const [adding, setAdding] = useState(false)
  const query = useEndpoint(listCanaries, {}, { everyMs: LOOK_AGAIN_MS })
  const because = whyNot(me, 'routes.manage')
  return (
    <Page
      title={t.canaries.title}
      lead={t.canaries.lead}
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
          {t.canaries.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) => (
          <div className={styles.stack}>
            {items.length === 0 && (
              <EmptyState
                picture={<NobodyWatches />}
                title={t.canaries.emptyTitle}
                sentence={t.canaries.empty}
                act={because === null && <Button onClick={() => setAdding(true)}>{t.canaries.add}</Button>}
              />
            )}
            {items.map((canary) => (
              <Watched key={canary.id} canary={canary} />
            ))}
            <Mailboxes />
          </div>
        )}
      </Loadable>
      {adding && <NewCanary onClose={() => setAdding(false)} />}
    </Page>
  )
}

function Watched({ canary }: { canary: Canary }) {
  const now = useNow()
  const { name, receiver, sender, enabled, interval_seconds, next_at, kind } = canary
  const every = t.canaries.every(Math.round(interval_seconds / 60))
  return (
    <Panel title={name} aside={<Acts canary={canary} />} flush>
      <p className={styles.facts} title={kind === 'loopback' ? t.canaries.loopbackHint : undefined}>
        {[
          kind === 'loopback' ? t.canaries.loopback : receiver,
          sender,
          every,
          enabled ? t.canaries.next(ago(next_at, now)) : t.canaries.off,
        ].join(' · ')}
      </p>
      <Ways canary={canary} />
    </Panel>
  )
}

function Acts({ canary: { id, name, enabled } }: { canary: Canary }) {
  const because = whyNot(useMe(), 'routes.manage')
  const ask = useAsk()
  const changes = [listCanaries]
  const probe = useAction(probeCanary, { changes, onDone: () => toast('good', t.canaries.probed) })
  const change = useAction(changeCanary, { changes })
  const remove = useAction(removeCanary, { changes, onDone: () => toast('good', t.canaries.removed(name)) })
  async function onRemove() {
    if (await ask({ title: t.canaries.removeTitle(name), body: t.canaries.removeBody, act: t.canaries.remove, danger: true }))
      remove.mutate({ params: { id } })
  }
  const common = { size: 'compact-xs', variant: 'default', because } as const
  return (
    <span className={styles.acts}>
      {enabled && (
        <ActButton
          {...common}
          label={`${t.canaries.probe}: ${name}`}
          loading={probe.isPending}
          onClick={() => probe.mutate({ params: { id } })}
        >
          {t.canaries.probe}
        </ActButton>
      )}
      <ActButton
        {...common}
        label={`${enabled ? t.canaries.pause : t.canaries.resume}: ${name}`}
        loading={change.isPending}
        onClick={() => change.mutate({ params: { id }, body: { enabled: !enabled } })}
      >
        {enabled ? t.canaries.pause : t.canaries.resume}
      </ActButton>
      <ActButton {...common} label={`${t.canaries.remove}: ${name}`} loading={remove.isPending} onClick={() => void onRemove()}>
        {t.canaries.remove}
      </ActButton>
    </span>
  )
}
