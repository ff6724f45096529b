import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft, ArrowUpFromLine, Ban, FlaskConical, RotateCw } from 'lucide-react'
import { useMemo, useState } from 'react'
import { getWorkflowRun, type WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { useMe, whyNot } from '../../me.ts'
import { useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { NotFound } from '../../shell/crashed.tsx'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Ago } from '../../ui/time.tsx'
import { namesOf } from '../references.ts'
import { litOf } from './lit.ts'
import { MoveDialog } from './move-dialog.tsx'
import { MailPanel, Relatives, VarsPanel, WhyItBegan } from './run-facts.tsx'
import { RunGraph } from './run-graph.tsx'
import { RunNow } from './run-now.tsx'
import { RunStory } from './run-story.tsx'
import styles from './runs.module.css'
import { RunBadge } from './state.tsx'
import { SubjectLink } from './subject.tsx'
import { useAgain } from './use-again.ts'
import { useCancelRun } from './use-run-acts.tsx'

const route = getRouteApi('/shell/runs/$id')
const LOOKED_AT_MS = 4_000
const SHORT = 15

/** A run as a story: where it stands, what happens next, what happened so far, and the path it took. */
export function RunPage() {
  const { id } = route.useParams()
  const [isLive, setLive] = useState(true)
  const query = useEndpoint(
    getWorkflowRun,
    { id: id as Id<'workflow_run'> },
    { keep: true, ...(isLive && { everyMs: LOOKED_AT_MS }) },
  )
  const goesOn = query.data === undefined || query.data.status === 'running'
  if (goesOn !== isLive) setLive(goesOn)
  const { error } = query
  if (error && ['run_not_begun_yet', 'run_did_not_begin'].includes(error.code))
    return (
      <Page title={t.runs.title}>
        <Note tone={error.code === 'run_did_not_begin' ? 'care' : 'wait'}>{error.message}</Note>
      </Page>
    )
  if (error && (error.status === 404 || error.status === 422)) return <NotFound />
  const name = query.data ? t.run.of(query.data.workflow.name) : t.runs.title
  return (
    <Page title={name} bare>
      <Loadable query={query}>{(run) => <Run key={run.id} run={run} />}</Loadable>
    </Page>
  )
}

function Run({ run }: { run: WorkflowRun }) {
  const graph = useGraph(run)
  const names = useMemo(() => namesOf({}, run.names), [run.names])
  const [only, setOnly] = useState<string | null>(null)
  const lit = useMemo(() => (graph ? litOf(graph, run) : null), [graph, run])
  // What is known of it stands where there is room: a long story would hide it.
  const isShort = run.lines.length <= SHORT
  const known = (
    <>
      <WhyItBegan run={run} graph={graph} names={names} />
      <VarsPanel run={run} />
    </>
  )
  return (
    <>
      <Head run={run} graph={graph} />
      <RunNow run={run} graph={graph} names={names} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <RunStory run={run} graph={graph} only={only} onAll={() => setOnly(null)} />
          {isShort && known}
        </div>
        <div className={styles.column}>
          <Panel title={t.run.graph}>
            {graph && lit ? (
              <RunGraph
                graph={graph}
                names={names}
                lit={lit}
                chosen={only}
                onChoose={(id) => setOnly((known) => (known === id ? null : id))}
              />
            ) : (
              <Note tone="care">{t.run.graphGone}</Note>
            )}
          </Panel>
          {!isShort && known}
          <MailPanel run={run} />
          <Relatives run={run} />
        </div>
      </div>
    </>
  )
}

/** The same graph as long as the version is the same: it is not laid out anew with each answer. */
function useGraph({ version_id, definition }: WorkflowRun): Graph | null {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a version never changes
  return useMemo(
    () => (definition === null ? null : (Graph.safeParse(definition).data ?? null)),
    [version_id, definition === null],
  )
}

function Head({ run, graph }: { run: WorkflowRun; graph: Graph | null }) {
  const mayList = whyNot(useMe(), 'workflows.manage') === null
  const { name, id, is_removed } = run.workflow
  return (
    <header className={styles.head}>
      {mayList && (
        <Link to="/runs" search={is_removed ? {} : { workflow: id }} className={styles.back}>
          <ArrowLeft size={14} aria-hidden /> {t.run.back}
        </Link>
      )}
      <div className={styles.headRow}>
        <div className={styles.headWords}>
          <h1 className={styles.title}>{mayList && !is_removed ? <AppLink href={`/workflows/${id}`}>{name}</AppLink> : name}</h1>
          <p className={styles.about}>
            <SubjectLink subject={run.subject} />
          </p>
          <p className={styles.headFacts}>
            <RunBadge run={run} />
            {run.is_test && <Badge tone="doubt" icon={FlaskConical} label={t.runs.test} />}
            <span>
              {t.runs.version(run.version)}
              {!is_removed && run.newer_version && ` (${t.run.newer(run.newer_version.number)})`}
            </span>
            <span>
              {t.run.began} <Ago at={run.started_at} />
            </span>
            {run.ended_at && (
              <span>
                {t.run.ended} <Ago at={run.ended_at} />
              </span>
            )}
          </p>
        </div>
        <HeadActs run={run} graph={graph} />
      </div>
      {is_removed && <Note tone="calm">{run.status === 'running' ? t.run.removedGoing : t.run.removed}</Note>}
    </header>
  )
}

/** What can be done with the whole run, each with what it comes to. */
function HeadActs({ run, graph }: { run: WorkflowRun; graph: Graph | null }) {
  const because = whyNot(useMe(), 'workflows.manage')
  const [isMoving, setMoving] = useState(false)
  const again = useAgain(run)
  const { newer_version: newer, workflow } = run
  const cancel = useCancelRun(
    run,
    t.run.cancelBody(run.tokens.length, run.children.filter(({ status }) => status === 'running').length),
  )
  const error = cancel.error?.message ?? again.error
  return (
    <>
      <div className={styles.acts}>
        {run.status === 'running' && newer && !workflow.is_removed && (
          <ActButton
            variant="default"
            because={because}
            hint={t.run.move.hint}
            leftSection={<ArrowUpFromLine size={15} aria-hidden />}
            onClick={() => setMoving(true)}
          >
            {t.run.move.open(newer.number)}
          </ActButton>
        )}
        {run.status === 'running' ? (
          <ActButton
            variant="default"
            because={because}
            hint={t.run.cancelHint}
            leftSection={<Ban size={15} aria-hidden />}
            loading={cancel.isPending}
            onClick={() => void cancel.run(t.run.acts.cancel, t.run.acts.keep)}
          >
            {t.run.acts.cancel}
          </ActButton>
        ) : (
          <ActButton
            variant="default"
            because={because ?? (workflow.is_removed ? t.run.again.removed : null)}
            hint={t.run.again.hint}
            leftSection={<RotateCw size={15} aria-hidden />}
            loading={again.isPending}
            onClick={() => void again.run()}
          >
            {t.run.again.act}
          </ActButton>
        )}
      </div>
      {error !== null && (
        <div className={styles.wide}>
          <Note tone="bad" alert>
            {error}
          </Note>
        </div>
      )}
      {isMoving && newer && <MoveDialog run={run} to={newer} graph={graph} onClose={() => setMoving(false)} />}
    </>
  )
}
