import { ActionIcon, Menu, Switch, TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import {
  CircleCheck,
  CircleDashed,
  CircleOff,
  Copy,
  Download,
  Ellipsis,
  FileWarning,
  Pencil,
  Plus,
  Search,
  Trash2,
} from 'lucide-react'
import { useState } from 'react'
import {
  createWorkflow,
  disableWorkflow,
  duplicateWorkflow,
  enableWorkflow,
  exportWorkflow,
  getWorkflow,
  listWorkflows,
  removeWorkflow,
  type WorkflowSummary,
} from '../../src/api/endpoints/workflows.ts'
import { hrefOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Badge } from '../ui/badge.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { toned } from '../ui/tone.ts'
import { FromTemplate } from './list/gallery.tsx'
import { ImportWorkflow } from './list/import-workflow.tsx'
import listStyles from './list/list.module.css'
import { Order, OrderItems } from './list/order.tsx'
import styles from './workflows.module.css'

const AGAIN_MS = 15_000

export function WorkflowListPage() {
  return (
    <Page title={t.workflows.title} lead={t.workflows.lead} shape="filled" acts={<Begin />}>
      <List />
    </Page>
  )
}

/** What a workflow is begun with: a file, a template, or nothing. */
function Begin() {
  return (
    <span className={listStyles.acts}>
      <ImportWorkflow />
      <FromTemplate />
      <NewWorkflow />
    </span>
  )
}

function NewWorkflow() {
  const navigate = useNavigate()
  const create = useAction(createWorkflow, {
    changes: [listWorkflows],
    onDone: ({ id }) => void navigate({ to: '/workflows/$id', params: { id } }),
  })
  return (
    <ActButton
      leftSection={<Plus size={15} aria-hidden />}
      because={whyNot(useMe(), 'workflows.manage')}
      loading={create.isPending}
      onClick={() => create.mutate({ body: { name: t.workflows.newName } })}
    >
      {t.workflows.create}
    </ActButton>
  )
}

function List() {
  const navigate = useNavigate()
  const [search, setSearch] = useState('')
  const query = useEndpoint(listWorkflows, {}, { everyMs: AGAIN_MS })
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Skeleton lines={10} />
  const { items } = query.data
  const word = search.trim().toLowerCase()
  const found = word === '' ? items : items.filter(({ name }) => name.toLowerCase().includes(word))
  if (items.length === 0) return <EmptyState title={t.workflows.emptyTitle} sentence={t.workflows.empty} act={<Begin />} />
  return (
    <>
      {items.length > FEW && (
        <TextInput
          className={listStyles.search ?? ''}
          type="search"
          size="sm"
          aria-label={t.workflows.search}
          placeholder={t.workflows.search}
          leftSection={<Search size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {found.length === 0 && <p className={styles.quiet}>{t.workflows.nothingFound}</p>}
      {found.length > 0 && (
        <DataTable
          label={t.workflows.label}
          rows={found}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => `/workflows/${id}`}
          onOpen={({ id }) => void navigate({ to: '/workflows/$id', params: { id } })}
          columns={columns(items)}
          card={(workflow) => <Card of={workflow} all={items} />}
          hasMore={false}
          isFetchingMore={false}
          more={() => {}}
          restoreId="workflows"
        />
      )}
    </>
  )
}

/** So many are found without searching. */
const FEW = 8

function columns(all: readonly WorkflowSummary[]): ReadonlyArray<Column<WorkflowSummary>> {
  const says = t.workflows.columns
  return [
    { key: 'state', header: says.state, width: '118px', cell: (one) => <State of={one} /> },
    { key: 'name', header: says.name, width: 'minmax(200px, 2fr)', cell: (one) => <Name of={one} /> },
    { key: 'runs', header: says.runs, width: '132px', cell: ({ running }) => <Runs n={running} /> },
    { key: 'held', header: says.held, width: '104px', cell: ({ held }) => <Held n={held} /> },
    { key: 'changed', header: says.changed, width: '140px', wideOnly: true, cell: ({ updated_at }) => <Ago at={updated_at} /> },
    { key: 'acts', header: says.acts, isHidden: true, width: '176px', align: 'end', cell: (one) => <Acts of={one} all={all} /> },
  ]
}

function Runs({ n }: { n: number }) {
  return n === 0 ? <span className={styles.quiet}>{t.workflows.none}</span> : t.workflows.running(n)
}

function Held({ n }: { n: number }) {
  if (n === 0) return <span className={styles.quiet}>{t.workflows.none}</span>
  return (
    <b className={styles.held} {...toned('bad')}>
      {n.toLocaleString('en')}
    </b>
  )
}

function State({ of: { is_enabled, version } }: { of: WorkflowSummary }) {
  const says = t.workflows.states
  if (version === null) return <Badge tone="calm" icon={CircleDashed} label={says.draft} />
  return is_enabled ? (
    <Badge tone="good" icon={CircleCheck} label={says.on} />
  ) : (
    <Badge tone="calm" icon={CircleOff} label={says.off} />
  )
}

function Name({ of: { id, name, starts, has_changes, has_import_report, version } }: { of: WorkflowSummary }) {
  const begins = starts.join('; ')
  return (
    <span className={styles.name} title={`${name}\n${begins}`}>
      <Link to="/workflows/$id" params={{ id }} tabIndex={-1}>
        {name}
      </Link>
      <span className={styles.quiet}>
        {has_import_report && (
          <Link to="/workflows/$id" params={{ id }} search={{ panel: 'import' }} className={styles.toRead} {...toned('care')}>
            <FileWarning size={12} aria-hidden />
            {t.workflowFiles.report.toRead}
          </Link>
        )}
        {version && has_changes ? `${t.workflows.changes}. ${begins}` : begins}
      </span>
    </span>
  )
}

/** Where the page is narrow, its place is changed by the menu. */
function Card({ of, all }: { of: WorkflowSummary; all: readonly WorkflowSummary[] }) {
  return (
    <span className={styles.listCard}>
      <Name of={of} />
      <span className={styles.listCardSide}>
        {of.held > 0 && <Held n={of.held} />}
        {of.version === null && <State of={of} />}
        <Acts of={of} all={all} isNarrow />
      </span>
    </span>
  )
}

function Acts({ of, all, isNarrow = false }: { of: WorkflowSummary; all: readonly WorkflowSummary[]; isNarrow?: boolean }) {
  const { id, name, version, is_enabled, running } = of
  const navigate = useNavigate()
  const ask = useAsk()
  const because = whyNot(useMe(), 'workflows.manage')
  const says = t.workflows
  const changes = [listWorkflows, getWorkflow]
  const enable = useAction(enableWorkflow, { changes, onDone: () => toast('good', says.turnedOn(name)) })
  const disable = useAction(disableWorkflow, { changes, onDone: () => toast('good', says.turnedOff(name)) })
  const remove = useAction(removeWorkflow, { changes, onDone: () => toast('good', says.removed(name)) })
  const copy = useAction(duplicateWorkflow, {
    changes,
    onDone: (made) => void navigate({ to: '/workflows/$id', params: { id: made.id } }),
  })
  const params = { id }
  async function askRemove() {
    const question = { title: says.removeTitle(name), body: says.removeBody(running), act: says.remove, danger: true }
    if (await ask(question)) remove.mutate({ params })
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps presses on its buttons from opening the row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the same
    <span className={styles.rowActs} onClick={(event) => event.stopPropagation()}>
      {all.length > 1 && !isNarrow && <Order of={of} all={all} />}
      <Switch
        size="sm"
        aria-label={is_enabled ? `${says.turnOff}: ${name}` : `${says.turnOn}: ${name}`}
        checked={is_enabled && version !== null}
        disabled={version === null || because !== null}
        onChange={() => (is_enabled ? disable : enable).mutate({ params })}
      />
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={says.more(name)}>
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Pencil size={14} aria-hidden />}
            onClick={() => void navigate({ to: '/workflows/$id', params })}
          >
            {says.edit}
          </Menu.Item>
          {all.length > 1 && <OrderItems of={of} all={all} isNarrow={isNarrow} />}
          <Menu.Item
            leftSection={<Copy size={14} aria-hidden />}
            disabled={because !== null}
            onClick={() => copy.mutate({ params, body: { name: says.copyOf(name) } })}
          >
            {says.duplicate}
          </Menu.Item>
          <Menu.Item
            component="a"
            href={hrefOf(exportWorkflow, params)}
            download
            leftSection={<Download size={14} aria-hidden />}
          >
            {t.workflowFiles.export}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<Trash2 size={14} aria-hidden />}
            disabled={because !== null}
            onClick={() => void askRemove()}
          >
            {says.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  )
}
