import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { listSegments, type Segment } from '../../src/api/endpoints/segments.ts'
import { conditionsOf } from '../../src/contacts/segments/segment.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './segments.module.css'

export function SegmentListPage() {
  const navigate = useNavigate()
  const query = useEndpoint(listSegments, {})
  const because = whyNot(useMe(), 'audience.manage')
  const add = (
    <ActButton
      leftSection={<Plus size={15} aria-hidden />}
      because={because}
      onClick={() => void navigate({ to: '/segments/$id', params: { id: 'new' } })}
    >
      {t.segments.add}
    </ActButton>
  )
  return (
    <Page title={t.segments.title} lead={t.segments.lead} shape="filled" acts={add}>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? <EmptyState title={t.segments.emptyTitle} sentence={t.segments.empty} /> : <List items={items} />
        }
      </Loadable>
    </Page>
  )
}

function List({ items }: { readonly items: readonly Segment[] }) {
  const navigate = useNavigate()
  const names = t.segments.columns
  const asked = ({ tree }: Segment) => t.segments.conditions(conditionsOf(tree).length)
  return (
    <DataTable
      label={t.segments.title}
      rows={items}
      keyOf={({ id }) => id}
      hrefOf={({ id }) => `/segments/${id}`}
      onOpen={({ id }) => void navigate({ to: '/segments/$id', params: { id } })}
      columns={[
        { key: 'name', header: names.name, width: 'minmax(180px, 1fr)', cell: ({ name }) => <b>{name}</b> },
        { key: 'kind', header: names.kind, width: '120px', cell: ({ kind }) => t.segments.kinds[kind] },
        { key: 'who', header: names.who, width: '140px', cell: asked },
        { key: 'changed', header: names.changed, width: '140px', cell: ({ updated_at }) => <Ago at={updated_at} /> },
      ]}
      card={(segment) => (
        <span className={styles.person}>
          <b>{segment.name}</b>
          <span className={styles.quiet}>
            {t.segments.kinds[segment.kind]} · {asked(segment)}
          </span>
        </span>
      )}
      hasMore={false}
      isFetchingMore={false}
      more={() => {}}
      restoreId="segments"
    />
  )
}
