import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Page } from '../ui/page.tsx'
import styles from './limits.module.css'
import { Limits } from './limits.tsx'
import { WarmUps } from './warm-ups.tsx'

/** How fast mail may leave, and how slowly a new route begins. */
export function LimitsPage() {
  const because = whyNot(useMe(), 'routes.manage')
  const routes = useEndpoint(listRoutes, {}).data?.items
  const nameOf = (id: string) => routes?.find((route) => route.id === id)?.name ?? (routes ? t.rules.removedRoute : '…')
  return (
    <Page title={t.limits.title} lead={t.limits.lead} shape="narrow">
      <div className={styles.stack}>
        <Limits because={because} nameOf={nameOf} />
        <WarmUps because={because} nameOf={nameOf} />
      </div>
    </Page>
  )
}
