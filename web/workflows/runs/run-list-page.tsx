import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { ArrowUp, FlaskConical } from 'lucide-react'
import { useMemo } from 'react'
import { listWorkflowRuns, type WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { showNews, useLive } from '../../live.ts'
import { useMe, whyNot } from '../../me.ts'
import { usePages } from '../../query.ts'
import { ButtonLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Failed, Skeleton } from '../../ui/loadable.tsx'
import { Page } from '../../ui/page.tsx'
import { Ago } from '../../ui/time.tsx'
import { ChosenBar, useChosenRuns } from './cancel-chosen.tsx'
import { HeldPanel } from './held-panel.tsx'
import { RunFilters } from './run-filters.tsx'
import { type RunSearch, SINCES } from './run-search.ts'
import styles from './runs.module.css'
import { RunBadge } from './state.tsx'
import { SubjectLink } from './subject.tsx'

const route = getRouteApi('/shell/runs')
const LOOKED_AT_MS = 10_000
const FEW = 200

/** All runs, or those of one workflow; what needs somebody stands above them. */
export function RunListPage() {
  const search = route.useSearch()
  const list = usePages(listWorkflowRuns, useParams(search), 100, (items) => (items.length <= FEW ? LOOKED_AT_MS : false))
  const subject = search.subject === undefined ? null : (list.items[0]?.subject ?? null)
  return (
    <Page
      title={t.runs.title}
      lead={t.runs.lead}
      shape="filled"
      acts={
        <ButtonLink href={search.workflow ? `/workflows/${search.workflow}` : '/workflows'} variant="default">
          {search.workflow ? t.runs.columns.workflow : t.runs.toWorkflows}
        </ButtonLink>
      }
    >
      <RunFilters search={search} subject={subject} />
      {isUnnarrowed(search) && <HeldPanel workflowId={search.workflow} />}
      <List list={list} search={search} />
    </Page>
  )
}

function isUnnarrowed({ state, subject, node, passed, since }: RunSearch): boolean {
  return (state === undefined || state === 'held') && [subject, node, passed, since].every((one) => one === undefined)
}

const MINUTE_MS = 60_000

function useParams({ workflow, subject, node, passed, state, since }: RunSearch) {
  return useMemo(
    () => ({
      ...(workflow && { workflow_id: workflow as Id<'workflow'> }),
      ...(subject && { subject_id: subject }),
      ...(node && { node }),
      ...(passed && { passed }),
      // To the minute: the same question as long as it is looked at.
      ...(since && { since: new Date(Math.floor((Date.now() - SINCES[since]) / MINUTE_MS) * MINUTE_MS) }),
      ...(state === 'held' ? { held: true } : state && state !== 'all' ? { status: state } : {}),
    }),
    [workflow, subject, node, passed, state, since],
  )
}

function List({ list, search }: { list: ReturnType<typeof usePages<typeof listWorkflowRuns>>; search: RunSearch }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { news } = useLive()
  const mayAct = whyNot(useMe(), 'workflows.manage') === null
  const { chosen, choice, none } = useChosenRuns(list.items, JSON.stringify(search))
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={12} />
  if (list.items.length === 0 && !list.isPlaceholder) return <Nothing search={search} />
  return (
    <>
      {news.has(listWorkflowRuns.path) && (
        <div className={styles.news}>
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<ArrowUp size={14} aria-hidden />}
            onClick={() => showNews(client, listWorkflowRuns.path)}
          >
            {t.runs.newer}
          </Button>
        </div>
      )}
      <ChosenBar chosen={chosen} none={none} />
      <DataTable
        choice={mayAct ? choice : undefined}
        label={t.runs.label}
        rows={list.items}
        keyOf={({ id }) => id}
        columns={columns()}
        card={(run) => <Card run={run} />}
        hrefOf={({ id }) => `/runs/${id}`}
        onOpen={({ id }) => void navigate({ to: '/runs/$id', params: { id } })}
        hasMore={list.hasMore}
        isFetchingMore={list.isFetchingMore}
        more={list.more}
        dim={list.isPlaceholder}
        restoreId="workflow-runs"
      />
    </>
  )
}

function columns(): ReadonlyArray<Column<WorkflowRunSummary>> {
  const { columns: names } = t.runs
  return [
    { key: 'state', header: names.state, width: '132px', cell: (run) => <RunBadge run={run} /> },
    { key: 'workflow', header: names.workflow, width: 'minmax(160px, 1fr)', cell: (run) => <RunName run={run} /> },
    {
      key: 'about',
      header: names.about,
      width: 'minmax(160px, 1fr)',
      cell: ({ subject }) => (
        <span title={subject?.label ?? undefined}>
          <SubjectLink subject={subject} />
        </span>
      ),
    },
    {
      key: 'now',
      header: names.now,
      width: 'minmax(180px, 1.6fr)',
      cell: ({ sentence }) => (
        <span className={styles.cellNow} title={sentence}>
          {sentence}
        </span>
      ),
    },
    {
      key: 'began',
      header: names.began,
      width: '92px',
      align: 'end',
      cell: ({ started_at }) => (
        <span className={styles.quiet}>
          <Ago at={started_at} short />
        </span>
      ),
    },
  ]
}

function RunName({ run: { id, workflow, is_test } }: { run: WorkflowRunSummary }) {
  return (
    <>
      <Link to="/runs/$id" params={{ id }} className={styles.strong ?? ''} title={workflow.name} tabIndex={-1}>
        {workflow.name}
      </Link>
      {is_test && (
        <>
          {' '}
          <FlaskConical size={12} aria-hidden /> <span className={styles.quiet}>{t.runs.test}</span>
        </>
      )}
    </>
  )
}

/** Two lines for a narrow page. */
function Card({ run }: { run: WorkflowRunSummary }) {
  return (
    <div className={styles.runCard}>
      <div className={styles.two}>
        <span className={styles.grow}>
          <RunName run={run} />
        </span>
        <span className={styles.quiet}>
          <Ago at={run.started_at} short />
        </span>
      </div>
      <div className={styles.two}>
        <RunBadge run={run} />
        <span className={`${styles.quiet} ${styles.grow}`}>{run.subject?.label ?? run.sentence}</span>
      </div>
    </div>
  )
}

function Nothing({ search }: { search: RunSearch }) {
  const navigate = useNavigate()
  if (Object.values(search).every((value) => value === undefined))
    return (
      <EmptyState
        title={t.runs.emptyTitle}
        sentence={t.runs.empty}
        act={<ButtonLink href="/workflows">{t.runs.emptyAct}</ButtonLink>}
      />
    )
  return (
    <EmptyState
      title={t.runs.nothingTitle}
      sentence={t.runs.nothing}
      act={
        <Button variant="default" onClick={() => void navigate({ to: '/runs', search: {} })}>
          {t.runs.filters.clear}
        </Button>
      }
    />
  )
}
