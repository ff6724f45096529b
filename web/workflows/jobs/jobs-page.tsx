import { Button } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { listWorkflowJobs } from '../../../src/api/endpoints/workflow-jobs.ts'
import { getWorkflow, getWorkflowVersion, type Workflow } from '../../../src/api/endpoints/workflows.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { useEndpoint, usePages } from '../../query.ts'
import { NotFound } from '../../shell/crashed.tsx'
import { t } from '../../texts/texts.ts'
import { Failed, Loadable, Skeleton } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { namesOf } from '../references.ts'
import { ApplyForm } from './apply-form.tsx'
import { JobCard } from './job-card.tsx'
import styles from './jobs.module.css'
import { OlderRuns } from './older-runs.tsx'

const route = getRouteApi('/shell/workflows/$id/jobs')
const SOON_MS = 1_500

/** What is done with many runs at once: how far it is, what was left out and why, and what can be begun. */
export function WorkflowJobsPage() {
  const id = route.useParams().id as Id<'workflow'>
  const query = useEndpoint(getWorkflow, { id })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  const says = t.workflowJobs
  const lead = (
    <Link to="/workflows/$id" params={{ id }}>
      {says.back(query.data?.name ?? '')}
    </Link>
  )
  return (
    <Page title={says.title} tab={query.data ? says.tab(query.data.name) : says.title} lead={lead} shape="narrow">
      <Loadable query={query}>{(workflow) => <Jobs workflow={workflow} />}</Loadable>
    </Page>
  )
}

function Jobs({ workflow }: { workflow: Workflow }) {
  const { id, version } = workflow
  const says = t.workflowJobs
  const list = usePages(listWorkflowJobs, { id }, 20, (jobs) => (jobs.some(({ state }) => state === 'going') ? SOON_MS : false))
  const active = useEndpoint(
    getWorkflowVersion,
    { id, version_id: version?.id as Id<'workflow_version'> },
    { enabled: version !== null },
  )
  const graph = useMemo(() => Graph.safeParse(active.data?.definition).data ?? null, [active.data])
  const names = useMemo(() => namesOf({}, workflow.names), [workflow.names])
  const going = list.items.find(({ state }) => state === 'going')
  const earlier = list.items.filter(({ state }) => state !== 'going')
  const busy = going ? says.busy : null
  return (
    <div className={styles.sheet}>
      {going && <JobCard workflow={workflow} job={going} graph={graph} names={names} />}
      {version === null && <Note tone="calm">{says.neverPublished}</Note>}
      {version !== null && <OlderRuns workflow={workflow} graph={graph} busy={busy} />}
      {graph && <ApplyForm workflow={workflow} graph={graph} names={names} busy={busy} />}
      <Panel title={says.earlier}>
        {list.error && list.items.length === 0 && <Failed error={list.error} retry={list.retry} />}
        {list.isPending && <Skeleton lines={3} />}
        {!list.isPending && !list.error && earlier.length === 0 && <p className={styles.quiet}>{says.none}</p>}
        <ul className={styles.earlier}>
          {earlier.map((job) => (
            <li key={job.id}>
              <JobCard workflow={workflow} job={job} graph={graph} names={names} />
            </li>
          ))}
        </ul>
        {list.hasMore && (
          <Button variant="default" loading={list.isFetchingMore} onClick={list.more}>
            {t.common.more}
          </Button>
        )}
      </Panel>
    </div>
  )
}
