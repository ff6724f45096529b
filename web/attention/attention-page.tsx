import { Button } from '@mantine/core'
import { type Incident, listIncidents } from '../../src/api/endpoints/incidents.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { useEndpoint, usePages } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './attention-page.module.css'
import { IncidentCard } from './incident-card.tsx'

/** Everything that needs a person, with the way to put it right; below, what is over. */
export function AttentionPage() {
  const open = useEndpoint(listIncidents, {})
  const queues = useEndpoint(getQueues, {})
  // What stands as an incident is not said twice.
  const others = queues.data?.health.items.filter(({ incident_id }) => incident_id === null) ?? []
  return (
    <Page title={t.attention.title} lead={t.attention.lead} shape="narrow">
      <div className={styles.sections}>
        <Loadable query={open}>
          {({ items }) =>
            items.length === 0 && others.length === 0 ? (
              <EmptyState title={t.attention.emptyTitle} sentence={t.attention.empty} />
            ) : (
              <Open incidents={items} />
            )
          }
        </Loadable>
        {others.length > 0 && <Others items={others} />}
        <History />
      </div>
    </Page>
  )
}

function Open({ incidents }: { incidents: readonly Incident[] }) {
  if (incidents.length === 0) return null
  return (
    <section aria-labelledby="open">
      <h2 id="open" className={styles.heading}>
        {t.attention.open}
      </h2>
      <ul className={styles.list}>
        {incidents.map((incident) => (
          <li key={incident.id}>
            <IncidentCard incident={incident} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Others({ items }: { items: ReadonlyArray<{ readonly sentence: string; readonly link: string | null }> }) {
  return (
    <Panel title={t.attention.also} flush>
      <ul className={styles.items}>
        {items.map(({ sentence, link }) => (
          <li key={sentence}>
            <span className={styles.words}>{sentence}</span>
            {link && (
              <AppLink href={link}>
                {t.attention.look}
                <span className="visually-hidden">: {sentence}</span>
              </AppLink>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function History() {
  const past = usePages(listIncidents, { state: 'resolved' }, 20)
  if (past.isPending) return null
  return (
    <Panel title={t.attention.history} flush>
      {past.items.length === 0 ? (
        <p className={styles.past}>{t.attention.noHistory}</p>
      ) : (
        <ul className={styles.items}>
          {past.items.map((incident) => (
            <li key={incident.id} className={styles.past}>
              <span className={styles.words}>{incident.title}</span>
              <span className={styles.quiet}>{endOf(incident)}</span>
              {incident.resolved_at && (
                <span className={styles.quiet}>
                  <Ago at={incident.resolved_at} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {past.hasMore && (
        <div className={styles.past}>
          <Button variant="default" size="compact-sm" loading={past.isFetchingMore} onClick={past.more}>
            {t.attention.more}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function endOf({ resolved_by }: Incident): string {
  return resolved_by === null ? t.attention.byItself : t.attention.resolvedBy(resolved_by.name)
}
