import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus, Star } from 'lucide-react'
import { listRoutes, type Route } from '../../src/api/endpoints/routes.ts'
import { useMe, whyNot } from '../me.ts'
import { CircuitBadge, NextProbe } from '../parts/circuit.tsx'
import { NoRoute } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { asSentence } from '../ui/format.ts'
import { ItemList, ItemName } from '../ui/item-list.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import styles from './route-list-page.module.css'

export function RouteListPage() {
  const me = useMe()
  const navigate = useNavigate()
  const query = useEndpoint(listRoutes, {})
  const add = () => void navigate({ to: '/routes/new' })
  return (
    <Page
      title={t.routes.title}
      lead={t.routes.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={whyNot(me, 'routes.manage')} onClick={add}>
          {t.routes.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              picture={<NoRoute />}
              title={t.routes.emptyTitle}
              sentence={t.routes.empty}
              act={me.permissions.includes('routes.manage') && <Button onClick={add}>{t.routes.add}</Button>}
            />
          ) : (
            <RouteList routes={items} />
          )
        }
      </Loadable>
    </Page>
  )
}

function RouteList({ routes }: { routes: readonly Route[] }) {
  return (
    <ItemList label={t.routes.label} columns="minmax(0, 1fr) auto auto">
      {routes.map((route) => (
        <li key={route.id}>
          <Link to="/routes/$id" params={{ id: route.id }}>
            <span>
              <span className={styles.head}>
                <ItemName>{route.name}</ItemName>
                {route.is_default && <Badge tone="busy" icon={Star} label={t.routes.isDefault} />}
              </span>
              <span className={styles.server}>{serverOf(route)}</span>
            </span>
            <CircuitBadge circuit={route.circuit} />
            <span className={styles.waiting}>
              {route.waiting > 0 ? t.overview.waiting(route.waiting) : t.overview.nothingWaits}
            </span>
            {route.circuit.state !== 'closed' && (
              <span className={styles.why}>
                {asSentence(route.circuit.reason.sentence)} <NextProbe circuit={route.circuit} />
              </span>
            )}
          </Link>
        </li>
      ))}
    </ItemList>
  )
}

/** Where its mail goes first, in a few words. */
function serverOf(route: Route): string {
  switch (route.kind) {
    case 'sandbox':
      return t.routes.sandboxServer
    case 'mx':
      return t.routes.mxServer
    case 'ses':
    case 'scaleway':
      return `${t.routeKinds[route.kind].name} · ${route.settings.region}`
    case 'smtp': {
      const { host, port, security } = route.settings
      return `${host.includes(':') ? `[${host}]` : host}:${port} · ${t.routeForm[security]}`
    }
  }
}
