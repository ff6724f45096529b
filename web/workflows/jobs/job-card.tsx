import { Ban, CircleCheck, Play, Square } from 'lucide-react'
import { listWorkflowJobs, stopWorkflowJob, type WorkflowJob } from '../../../src/api/endpoints/workflow-jobs.ts'
import type { Workflow } from '../../../src/api/endpoints/workflows.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Names } from '../../../src/workflows/definition/node-type.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Note } from '../../ui/note.tsx'
import { Ago } from '../../ui/time.tsx'
import { toast } from '../../ui/toasts.tsx'
import { toned } from '../../ui/tone.ts'
import { sentenceOf } from '../edit/ports.ts'
import styles from './jobs.module.css'

const LOOKS = {
  going: { tone: 'busy', icon: Play },
  done: { tone: 'good', icon: CircleCheck },
  stopped: { tone: 'calm', icon: Square },
} as const

interface Props {
  readonly workflow: Workflow
  readonly job: WorkflowJob
  readonly graph: Graph | null
  readonly names: Names
}

/** What a job is about, how far it is, and of what it did not do, why. */
export function JobCard({ workflow, job, graph, names }: Props) {
  const says = t.workflowJobs
  const { kind, state, seen, done, left_out, outcomes, created_at, created_by, ended_at, per_minute } = job
  const trigger = graph?.nodes[job.node ?? '']
  const decided = outcomes.reduce((sum, { count }) => sum + count, 0)
  return (
    <article className={styles.card} aria-label={says.what[kind](job.version)}>
      <div className={styles.head}>
        <Badge {...LOOKS[state]} label={says.states[state]} />
        <h3>{says.what[kind](job.version)}</h3>
        {state === 'going' && <Stop workflow={workflow} job={job} />}
      </div>
      {kind === 'apply' && trigger && <p className={styles.quiet}>{sentenceOf(trigger, names)}</p>}
      <p role={state === 'going' ? 'status' : undefined}>
        <b>{says.done[kind](done)}</b> {says.seen(seen)}
        {kind === 'apply' && job.among !== null && ` · ${says.amongSome}`}
        {per_minute !== null && ` · ${says.pace(per_minute)}`}
      </p>
      {(left_out.length > 0 || outcomes.length > 0) && (
        <ul className={styles.reasons}>
          {outcomes.map(({ verdict, sentence, count }) => (
            <li key={verdict} {...toned(verdict === 'began' ? 'good' : 'care')}>
              <b>{count.toLocaleString('en')}</b> {verdict === 'began' ? says.began : sentence}
            </li>
          ))}
          {kind === 'apply' && state === 'going' && decided < done && (
            <li className={styles.quiet}>{says.undecided(done - decided)}</li>
          )}
          {left_out.map(({ reason, sentence, count }) => (
            <li key={reason} {...toned('calm')}>
              <b>{count.toLocaleString('en')}</b> {says.leftOut} {sentence}
            </li>
          ))}
        </ul>
      )}
      <p className={styles.quiet}>
        {says.begun} <Ago at={created_at} /> {created_by && says.by(created_by)}
        {ended_at && (
          <>
            {' · '}
            {says.ended} <Ago at={ended_at} />
          </>
        )}
      </p>
    </article>
  )
}

function Stop({ workflow, job }: { workflow: Workflow; job: WorkflowJob }) {
  const ask = useAsk()
  const because = whyNot(useMe(), 'workflows.manage')
  const says = t.workflowJobs
  const stop = useAction(stopWorkflowJob, { changes: [listWorkflowJobs], quiet: true, onDone: () => toast('good', says.stopped) })
  async function run() {
    if (await ask({ title: says.stopTitle, body: says.stopBody(job.done), act: says.stop, keep: says.keep }))
      stop.mutate({ params: { id: workflow.id, job_id: job.id } })
  }
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="default"
        because={because}
        loading={stop.isPending}
        leftSection={<Ban size={14} aria-hidden />}
        onClick={() => void run()}
      >
        {says.stop}
      </ActButton>
      {stop.error && (
        <Note tone="bad" alert>
          {stop.error.message}
        </Note>
      )}
    </>
  )
}
