import { Link } from '@tanstack/react-router'
import { type Collision, listCollisions, quietCollision, tellCollision } from '../../src/api/endpoints/collisions.ts'
import { listIncidents } from '../../src/api/endpoints/incidents.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './collisions.module.css'

export function CollisionsPage() {
  const because = whyNot(useMe(), 'inboxes.manage')
  const query = useEndpoint(listCollisions, {}, { enabled: because === null })
  return (
    <Page title={t.collisions.title} lead={t.collisions.lead} shape="narrow">
      <div className={styles.sections}>
        <Note tone="calm">{t.collisions.why}</Note>
        <Loadable query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t.collisions.emptyTitle} sentence={t.collisions.empty} />
            ) : (
              <>
                <Some title={t.collisions.news} items={items.filter(({ known_since }) => known_since === null)} />
                <Some title={t.collisions.known} items={items.filter(({ known_since }) => known_since !== null)} />
              </>
            )
          }
        </Loadable>
      </div>
    </Page>
  )
}

function Some({ title, items }: { title: string; items: readonly Collision[] }) {
  if (items.length === 0) return null
  return (
    <Panel title={title}>
      <ul className={styles.list}>
        {items.map((collision) => (
          <li key={collision.address}>
            <Line collision={collision} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Line({ collision }: { collision: Collision }) {
  const { address, uses, effects, known_since } = collision
  const changes = [listCollisions, listIncidents]
  const quiet = useAction(quietCollision, { changes, onDone: () => toast('good', t.collisions.quieted(address)) })
  const tell = useAction(tellCollision, { changes })
  return (
    <article className={styles.collision} aria-label={address}>
      <header className={styles.head}>
        <h3 className={styles.address}>{address}</h3>
        {known_since ? (
          <ActButton
            size="compact-sm"
            variant="default"
            label={`${t.collisions.tell}: ${address}`}
            loading={tell.isPending}
            onClick={() => tell.mutate({ body: { address } })}
          >
            {t.collisions.tell}
          </ActButton>
        ) : (
          <ActButton
            size="compact-sm"
            variant="default"
            label={`${t.collisions.quiet}: ${address}`}
            loading={quiet.isPending}
            onClick={() => quiet.mutate({ body: { address } })}
          >
            {t.collisions.quiet}
          </ActButton>
        )}
      </header>
      <ul className={styles.uses}>
        {uses.map((use) => (
          <li key={`${use.role} ${use.id}`}>
            {t.collisions.roles[use.role]} <Use use={use} />
          </li>
        ))}
      </ul>
      {effects.map(({ code, sentence }) => (
        <p key={code} className={styles.effect}>
          {sentence}
        </p>
      ))}
      {known_since && (
        <p className={styles.quiet}>
          {t.collisions.knownSince} <Ago at={known_since} />
        </p>
      )}
    </article>
  )
}

function Use({ use: { role, id, name } }: { use: Collision['uses'][number] }) {
  if (role === 'customer')
    return (
      <Link to="/contacts/$id" params={{ id }}>
        {name}
      </Link>
    )
  if (role === 'agent' || role === 'mailbox') return <strong>{name}</strong>
  return (
    <Link to="/settings/inboxes/$id" params={{ id }} search={{}}>
      {name}
    </Link>
  )
}
