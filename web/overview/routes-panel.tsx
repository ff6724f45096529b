import { Link } from '@tanstack/react-router'
import type { QueueOverview } from '../../src/api/endpoints/overview.ts'
import { CircuitBadge, NextProbe } from '../parts/circuit.tsx'
import { t } from '../texts/texts.ts'
import { asSentence } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import styles from './overview-page.module.css'

/** Every way out: whether it is open, and what the last hour was like. */
export function RoutesPanel({ routes }: { routes: QueueOverview['routes'] }) {
  return (
    <Panel title={t.overview.routes} aside={<Link to="/routes">{t.overview.allRoutes}</Link>} flush>
      {routes.map(({ route, circuit, last_hour }) => (
        <Link key={route.id} to="/routes/$id" params={{ id: route.id }} className={styles.route ?? ''}>
          <span className={styles.name}>{route.name}</span>
          <CircuitBadge circuit={circuit} />
          {circuit.state !== 'closed' && (
            <span className={styles.why}>
              {asSentence(circuit.reason.sentence)} <NextProbe circuit={circuit} />
            </span>
          )}
          <span className={styles.figures}>
            {t.overview.lastHour}: {t.overview.sentence(last_hour.sent, last_hour.bounced + last_hour.failed)}
          </span>
        </Link>
      ))}
    </Panel>
  )
}
