import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type Domain, listDomains } from '../../src/api/endpoints/domains.ts'
import { useMe, whyNot } from '../me.ts'
import { NoDomain } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ItemList, ItemName } from '../ui/item-list.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import { AddDomain } from './add-domain.tsx'
import styles from './domain-list-page.module.css'
import { DomainBadge } from './domain-state.tsx'

export function DomainListPage() {
  const me = useMe()
  const [adding, setAdding] = useState(false)
  const query = useEndpoint(listDomains, {})
  const because = whyNot(me, 'routes.manage')
  return (
    <Page
      title={t.domains.title}
      lead={t.domains.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
          {t.domains.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              picture={<NoDomain />}
              title={t.domains.emptyTitle}
              sentence={t.domains.empty}
              act={because === null && <Button onClick={() => setAdding(true)}>{t.domains.add}</Button>}
            />
          ) : (
            <DomainList domains={items} />
          )
        }
      </Loadable>
      {adding && <AddDomain onClose={() => setAdding(false)} />}
    </Page>
  )
}

function DomainList({ domains }: { domains: readonly Domain[] }) {
  return (
    <ItemList label={t.domains.label} columns="minmax(0, 1fr) auto 190px">
      {domains.map((domain) => (
        <li key={domain.id}>
          <Link to="/domains/$id" params={{ id: domain.id }}>
            <ItemName>{domain.name}</ItemName>
            <DomainBadge state={domain.state} />
            <span className={styles.checked}>
              {domain.checked_at ? (
                <>
                  {t.domains.checked} <Ago at={domain.checked_at} />
                </>
              ) : (
                t.domains.notChecked
              )}
            </span>
          </Link>
        </li>
      ))}
    </ItemList>
  )
}
