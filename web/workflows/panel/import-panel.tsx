import { Check, CircleAlert, TriangleAlert } from 'lucide-react'
import { finishWorkflowImport, getWorkflowImportReport } from '../../../src/api/endpoints/workflow-jobs.ts'
import { getWorkflow, listWorkflows } from '../../../src/api/endpoints/workflows.ts'
import type { Id } from '../../../src/lib/ids.ts'
import type { ReplyOf } from '../../api.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Ago } from '../../ui/time.tsx'
import { toned } from '../../ui/tone.ts'
import { useDrawing } from '../edit/drawing.ts'
import { titleOf } from '../edit/ports.ts'
import styles from '../workflows.module.css'

type Report = ReplyOf<typeof getWorkflowImportReport>
type Remark = Report['remarks'][number]

/** What could not be carried from a file, activity by activity: it stays while it is mended. */
export function ImportPanel({ id }: { id: Id<'workflow'> }) {
  const query = useEndpoint(getWorkflowImportReport, { id })
  if (query.error?.status === 404) return <p className={styles.quiet}>{t.workflowFiles.report.none}</p>
  return <Loadable query={query}>{(report) => <Told id={id} report={report} />}</Loadable>
}

function Told({ id, report }: { id: Id<'workflow'>; report: Report }) {
  const { format, activities, remarks, created_at, created_by, done_at } = report
  const { because } = useDrawing()
  const says = t.workflowFiles.report
  const finish = useAction(finishWorkflowImport, { changes: [getWorkflowImportReport, getWorkflow, listWorkflows] })
  const lost = remarks.filter(({ what }) => what === 'lost')
  const carried = remarks.filter(({ what }) => what === 'carried')
  return (
    <section className={styles.plain} aria-label={says.title}>
      <p className={styles.quiet}>
        {format === 'elsa/3' ? says.elsa(activities) : says.own(activities)} <Ago at={created_at} />{' '}
        {created_by && says.by(created_by)}
      </p>
      {remarks.length === 0 && <Note tone="good">{says.clean}</Note>}
      {lost.length > 0 && <List title={says.lost(lost.length)} remarks={lost} />}
      {carried.length > 0 && <List title={says.carried(carried.length)} remarks={carried} />}
      {remarks.length > 0 &&
        (done_at === null ? (
          <ActButton
            size="compact-sm"
            variant="default"
            because={because}
            hint={says.doneHint}
            leftSection={<Check size={13} aria-hidden />}
            loading={finish.isPending}
            onClick={() => finish.mutate({ params: { id } })}
          >
            {says.done}
          </ActButton>
        ) : (
          <p className={styles.quiet}>
            {says.isDone} <Ago at={done_at} />
          </p>
        ))}
    </section>
  )
}

function List({ title, remarks }: { title: string; remarks: readonly Remark[] }) {
  return (
    <section aria-label={title}>
      <h3 className={styles.pickGroup}>{title}</h3>
      <ul className={styles.problemList}>
        {remarks.map((remark, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was said, in its order
          <li key={index}>
            <OneRemark of={remark} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function OneRemark({ of: { activity, what, sentence } }: { of: Remark }) {
  const { editor, act } = useDrawing()
  const says = t.workflowFiles.report
  const id = activity === null ? null : nodeIdOf(activity)
  const node = id === null ? undefined : editor.graph.nodes[id]
  const isLost = what === 'lost'
  const Icon = isLost ? CircleAlert : TriangleAlert
  return (
    <button
      type="button"
      className={styles.problem}
      disabled={node === undefined}
      onClick={() => act({ kind: 'select', id })}
      {...toned(isLost ? 'bad' : 'care')}
    >
      <Icon size={14} aria-hidden />
      <span>
        <b>{node ? titleOf(node) : (activity ?? says.whole)}</b>
        <span>{sentence}</span>
        {activity !== null && !node && <span className={styles.quiet}>{says.gone}</span>}
      </span>
    </button>
  )
}

/** As the import makes ids of ours out of theirs. */
function nodeIdOf(activity: string): string {
  return activity.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 32)
}
