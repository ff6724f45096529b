import { useQueryClient } from '@tanstack/react-query'
import { CircleAlert, RotateCw, SkipForward } from 'lucide-react'
import { useState } from 'react'
import { type Incident, listIncidents } from '../../../src/api/endpoints/incidents.ts'
import { getQueues } from '../../../src/api/endpoints/overview.ts'
import { actOnHeldRuns, getWorkflowRun, listWorkflowRuns } from '../../../src/api/endpoints/workflow-runs.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { type BodyOf, call } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { keyOf, useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Note } from '../../ui/note.tsx'
import { When } from '../../ui/time.tsx'
import { toast } from '../../ui/toasts.tsx'
import { namesOf } from '../references.ts'
import { choicesOf } from './run-now.tsx'
import styles from './runs.module.css'
import { SkipDialog } from './skip-dialog.tsx'

const KIND = 'workflow.held'

/** What needs somebody comes first: by workflow, step and trouble, with what can be done about all of its runs at once. */
export function HeldPanel({ workflowId }: { workflowId: string | undefined }) {
  const mayRead = useMe().permissions.includes('delivery.read')
  const incidents = useEndpoint(listIncidents, {}, { enabled: mayRead }).data?.items ?? []
  const held = incidents.filter(
    ({ kind, subject }) => kind === KIND && subject !== null && (workflowId === undefined || subject.id === workflowId),
  )
  if (held.length === 0) return null
  return (
    <section className={styles.heldList} aria-label={t.runs.held.title}>
      {held.map((incident) => (
        <HeldCard key={incident.id} incident={incident} />
      ))}
    </section>
  )
}

function HeldCard({ incident }: { incident: Incident }) {
  const { title, sentence, evidence } = incident
  const since = typeof evidence.since === 'string' ? new Date(evidence.since) : incident.opened_at
  const says = t.runs.held
  return (
    <article className={styles.heldCard}>
      <div className={styles.heldHead}>
        <Badge tone="bad" icon={CircleAlert} label={says.runs(runsOf(incident))} />
        <h2>{title}</h2>
        <span className={styles.quiet}>
          {says.since} <When at={since} />
        </span>
      </div>
      <p className={styles.heldWords}>{sentence}</p>
      <HeldFix incident={incident} />
    </article>
  )
}

function runsOf({ evidence }: Incident): number {
  return typeof evidence.runs === 'number' ? evidence.runs : 1
}

/** What can be done about all of them at once, and the ways to where they can be looked at. */
export function HeldFix({ incident }: { incident: Incident }) {
  const { title, evidence, subject } = incident
  const sample = Array.isArray(evidence.samples) ? String(evidence.samples[0]) : null
  const says = t.runs.held
  return (
    <>
      <HeldActs incident={incident} runs={runsOf(incident)} sample={sample} />
      <div className={styles.acts}>
        {sample && (
          <AppLink href={`/runs/${sample}`}>
            {says.look}
            <span className="visually-hidden">: {title}</span>
          </AppLink>
        )}
        {subject && (
          <AppLink href={`/runs?workflow=${subject.id}&state=held`}>
            {says.show}
            <span className="visually-hidden">: {title}</span>
          </AppLink>
        )}
      </div>
    </>
  )
}

interface ActsProps {
  readonly incident: Incident
  readonly runs: number
  readonly sample: string | null
}
type Act = BodyOf<typeof actOnHeldRuns>['act']

function HeldActs({ incident, runs, sample }: ActsProps) {
  const ask = useAsk()
  const because = whyNot(useMe(), 'workflows.manage')
  const { work, done, isWorking, refused, error } = useBulk(incident)
  const [isSkipping, setSkipping] = useState(false)
  const says = t.runs.held
  const usual = { size: 'compact-sm', because: because ?? (isWorking ? says.working(done) : null) } as const
  const label = (act: string) => says.label(act, incident.title)
  async function retry() {
    if (await ask({ title: says.retryTitle(runs), body: says.retryBody, act: says.retryAct(runs), keep: says.keep }))
      await work({ act: 'retry' })
  }
  async function cancel() {
    const question = { title: says.cancelTitle(runs), body: says.cancelBody, act: says.cancelAct(runs), keep: says.keep }
    if (await ask({ ...question, danger: true })) await work({ act: 'cancel' })
  }
  return (
    <>
      <div className={styles.acts}>
        <ActButton
          {...usual}
          label={label(says.retry)}
          loading={isWorking}
          leftSection={<RotateCw size={14} aria-hidden />}
          onClick={() => void retry()}
        >
          {says.retry}
        </ActButton>
        {sample && (
          <ActButton
            {...usual}
            variant="default"
            label={label(says.skip)}
            leftSection={<SkipForward size={14} aria-hidden />}
            onClick={() => setSkipping(true)}
          >
            {says.skip}
          </ActButton>
        )}
        <ActButton {...usual} variant="default" label={label(says.cancel)} onClick={() => void cancel()}>
          {says.cancel}
        </ActButton>
        {isWorking && <span role="status">{says.working(done)}</span>}
      </div>
      {(error ?? refused.length > 0) && (
        <Note tone="bad" alert hint={refused.slice(0, 5).join(' ')}>
          {error ?? says.refused(refused.length)}
        </Note>
      )}
      {isSkipping && sample && (
        <SkipAll
          incident={incident}
          runs={runs}
          sample={sample}
          onChoose={(port) => void work({ act: 'skip', port })}
          onClose={() => setSkipping(false)}
        />
      )}
    </>
  )
}

/** As many as there are, two hundred at a time. */
function useBulk(incident: Incident) {
  const client = useQueryClient()
  const [state, setState] = useState({
    done: 0,
    isWorking: false,
    refused: [] as readonly string[],
    error: null as string | null,
  })
  async function work(act: Act) {
    let done = 0
    let refused: readonly string[] = []
    let error: string | null = null
    setState({ done, isWorking: true, refused, error })
    try {
      for (;;) {
        const reply = await call(actOnHeldRuns, { body: { incident_id: incident.id, act } })
        done += reply.done
        refused = [...refused, ...reply.refused.map(({ sentence }) => sentence)]
        setState({ done, isWorking: true, refused, error })
        // Where nothing can be done, asking again would bring the same.
        if (!reply.has_more || reply.done === 0) break
      }
      if (done > 0) toast('good', act.act === 'cancel' ? t.runs.held.cancelled(done) : t.runs.held.done(done))
    } catch (problem) {
      error = problem instanceof Error ? problem.message : String(problem)
    }
    setState({ done, isWorking: false, refused, error })
    for (const changed of [listIncidents, listWorkflowRuns, getQueues])
      void client.invalidateQueries({ queryKey: keyOf(changed) })
  }
  return { ...state, work }
}

interface SkipProps {
  readonly incident: Incident
  readonly runs: number
  readonly sample: string
  readonly onChoose: (port: string) => void
  readonly onClose: () => void
}

/** The ways are those of the step at which all of them stand. */
function SkipAll({ incident, runs, sample, onChoose, onClose }: SkipProps) {
  const { data: run } = useEndpoint(getWorkflowRun, { id: sample as Id<'workflow_run'> })
  const token = run?.tokens.find(({ node, state }) => state === 'held' && node === incident.evidence.node)
  if (!run || !token) return null
  const graph = Graph.safeParse(run.definition).data ?? null
  return (
    <SkipDialog
      title={t.runs.held.skipTitle(runs)}
      lead={t.run.skipLead(token.step)}
      act={t.runs.held.skipAct(runs)}
      ports={choicesOf(token, graph, namesOf({}, run.names))}
      onChoose={onChoose}
      onClose={onClose}
    />
  )
}
