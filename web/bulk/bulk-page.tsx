import { getRouteApi } from '@tanstack/react-router'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { ButtonLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { Page } from '../ui/page.tsx'
import styles from './bulk.module.css'
import { kindOf } from './bulk-search.ts'
import { Chooser } from './chooser.tsx'
import { Count } from './count.tsx'
import { PastActs } from './past-acts.tsx'

const api = getRouteApi('/shell/bulk')

/** Choose, count, start; and below what was started before. */
export function BulkPage() {
  const search = api.useSearch()
  const me = useMe()
  const routes = useEndpoint(listRoutes, {}, { enabled: me.permissions.includes('routes.read') }).data?.items ?? []
  return (
    <Page
      title={t.bulk.title}
      lead={t.bulk.lead}
      shape="narrow"
      acts={
        <ButtonLink href="/deliveries" variant="default">
          {t.bulk.back}
        </ButtonLink>
      }
    >
      <div className={styles.stack}>
        <Chooser search={search} routes={routes} />
        {/* What was counted is about what was chosen then: another choice begins anew. */}
        <Count key={JSON.stringify([kindOf(search), search])} search={search} />
        <PastActs nameOf={(id) => routes.find((route) => route.id === id)?.name ?? t.rules.removedRoute} />
      </div>
    </Page>
  )
}
