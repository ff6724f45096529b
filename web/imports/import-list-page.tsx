import { FileButton } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { FileUp } from 'lucide-react'
import { type Import, listImports, startImport } from '../../src/api/endpoints/imports.ts'
import { callUpload, type Problem } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { usePages } from '../query.ts'
import { RepairBanner } from '../repair/repair-banner.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './imports.module.css'
import { HowTo } from './source.tsx'

const AT_WORK = ['uploading', 'checking', 'running', 'undoing']
const AGAIN_MS = 2_000

export function ImportListPage() {
  const navigate = useNavigate()
  const pages = usePages(listImports, {}, 50, (items) => items.some(({ state }) => AT_WORK.includes(state)) && AGAIN_MS)
  const because = whyNot(useMe(), 'audience.manage')
  const take = useMutation<Import, Problem, File>({
    mutationFn: (file) => callUpload(startImport, 'application/octet-stream', file, { name: file.name.slice(0, 200) }),
    onSuccess: ({ id }) => navigate({ to: '/imports/$id', params: { id } }),
  })
  const choose = (
    <FileButton
      accept=".csv,.tsv,.txt,.zip,.json,application/json,.xlsx,.xls,.ods,text/csv"
      onChange={(file) => file && take.mutate(file)}
    >
      {(props) => (
        <ActButton
          {...props}
          leftSection={<FileUp size={15} aria-hidden />}
          because={because}
          hint={t.imports.startHint}
          loading={take.isPending}
        >
          {t.imports.start}
        </ActButton>
      )}
    </FileButton>
  )
  return (
    <Page title={t.imports.title} lead={t.imports.lead} shape="filled" acts={choose}>
      <div className={styles.banner}>
        <RepairBanner />
      </div>
      {take.error && (
        <Note tone="bad" alert>
          {take.error.message}
        </Note>
      )}
      <HowTo />
      {take.isPending && <Note tone="wait">{t.imports.reading(take.variables.name)}</Note>}
      <List pages={pages} />
    </Page>
  )
}

function List({ pages }: { pages: ReturnType<typeof usePages<typeof listImports>> }) {
  const navigate = useNavigate()
  if (pages.error && pages.items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending) return <Skeleton lines={8} />
  if (pages.items.length === 0) return <EmptyState title={t.imports.emptyTitle} sentence={t.imports.empty} />
  const names = t.imports.columns
  return (
    <DataTable
      label={t.imports.title}
      rows={pages.items}
      keyOf={({ id }) => id}
      hrefOf={({ id }) => `/imports/${id}`}
      onOpen={({ id }) => void navigate({ to: '/imports/$id', params: { id } })}
      columns={[
        { key: 'file', header: names.file, width: 'minmax(160px, 1fr)', cell: ({ name }) => <b>{name}</b> },
        { key: 'state', header: names.state, width: '170px', cell: ({ state }) => t.imports.states[state] },
        { key: 'rows', header: names.rows, width: '110px', align: 'end', cell: ({ counts }) => t.imports.rows(counts.rows) },
        { key: 'at', header: names.at, width: '130px', cell: ({ created_at }) => <Ago at={created_at} /> },
      ]}
      card={({ name, state }) => (
        <span>
          <b>{name}</b> · {t.imports.states[state]}
        </span>
      )}
      hasMore={pages.hasMore}
      isFetchingMore={pages.isFetchingMore}
      more={pages.more}
      dim={pages.isPlaceholder}
      restoreId="imports"
    />
  )
}
