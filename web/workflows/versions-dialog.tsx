import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import {
  countWorkflow,
  getWorkflow,
  getWorkflowVersion,
  listWorkflows,
  listWorkflowVersions,
  rollBackWorkflow,
  type Workflow,
  type WorkflowVersion,
} from '../../src/api/endpoints/workflows.ts'
import { Graph } from '../../src/workflows/definition/graph.ts'
import { call } from '../api.ts'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Badge } from '../ui/badge.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { useDrawing } from './edit/drawing.ts'
import styles from './workflows.module.css'

/** What was published, newest first. Any of them can begin runs again, or be drawn on from. */
export function VersionsDialog({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const { id, name } = workflow
  const pages = usePages(listWorkflowVersions, { id }, 50)
  const says = t.workflows.versionList
  return (
    <Dialog title={says.title(name)} wide onClose={onClose}>
      {pages.error && <Failed error={pages.error} retry={pages.retry} />}
      {pages.isPending && <Skeleton lines={4} />}
      {!pages.isPending && !pages.error && pages.items.length === 0 && <p className={styles.quiet}>{says.none}</p>}
      <ul className={styles.versions}>
        {pages.items.map((version) => (
          <li key={version.id}>
            <Version workflow={workflow} version={version} onClose={onClose} />
          </li>
        ))}
      </ul>
      {workflow.running > 0 && (
        <p>
          <Link to="/workflows/$id/jobs" params={{ id }}>
            {says.older}
          </Link>
        </p>
      )}
      {pages.hasMore && (
        <Button variant="default" loading={pages.isFetchingMore} onClick={pages.more}>
          {t.common.more}
        </Button>
      )}
    </Dialog>
  )
}

interface VersionProps {
  readonly workflow: Workflow
  readonly version: WorkflowVersion
  readonly onClose: () => void
}

function Version({ workflow: { id }, version, onClose }: VersionProps) {
  const { act, because } = useDrawing()
  const ask = useAsk()
  const says = t.workflows.versionList
  const { number, note, published_at, published_by, is_active } = version
  const params = { id, version_id: version.id }
  const rollBack = useAction(rollBackWorkflow, {
    changes: [getWorkflow, listWorkflows, listWorkflowVersions, countWorkflow],
    onDone: () => toast('good', says.rolledBack(number)),
  })
  async function back() {
    if (await ask({ title: says.rollBackTitle(number), body: says.rollBackBody, act: says.rollBack })) rollBack.mutate({ params })
  }
  async function take() {
    const read = Graph.safeParse((await call(getWorkflowVersion, { params })).definition)
    if (!read.success) return
    act({ kind: 'replace', graph: read.data })
    toast('good', says.taken(number))
    onClose()
  }
  return (
    <div className={styles.version}>
      <div>
        <b>{says.number(number)}</b> {is_active && <Badge tone="good" icon={CircleCheck} label={says.active} />}
        <p className={styles.quiet}>
          <Ago at={published_at} /> {published_by && says.by(published_by)}
        </p>
        <p>{note || <span className={styles.quiet}>{says.noNote}</span>}</p>
      </div>
      <span className={styles.versionActs}>
        <ActButton size="compact-sm" variant="default" because={because} onClick={() => void take()}>
          {says.takeIntoDraft}
        </ActButton>
        {!is_active && (
          <ActButton size="compact-sm" because={because} loading={rollBack.isPending} onClick={() => void back()}>
            {says.rollBack}
          </ActButton>
        )}
      </span>
    </div>
  )
}
