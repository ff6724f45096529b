import type { WorkflowRun, WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Names } from '../../../src/workflows/definition/node-type.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { asSentence } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { Raw } from '../../ui/raw.tsx'
import { sentenceOf } from '../edit/ports.ts'
import { MailLink } from './mail.tsx'
import styles from './runs.module.css'
import { RunBadge } from './state.tsx'
import { SubjectLink } from './subject.tsx'
import { TraceView } from './trace.tsx'
import { Values } from './values.tsx'

interface Props {
  readonly run: WorkflowRun
  readonly graph: Graph | null
  readonly names: Names
}

/** By what a run began, and what was asked of it then. */
export function WhyItBegan({ run, graph, names }: Props) {
  const { verdict } = run
  const trigger = graph?.nodes[run.trigger]
  const { facts } = run.cause
  return (
    <Panel title={t.run.why.title}>
      <p>{trigger ? asSentence(sentenceOf(trigger, names)) : run.trigger}</p>
      {verdict && (
        <div className={styles.block}>
          <h3 className={styles.smallHead}>{t.run.why.conditions}</h3>
          <TraceView trace={verdict.trace} />
        </div>
      )}
      {Object.keys(facts).length > 0 && (
        <details className={styles.block}>
          <summary>{t.run.why.facts}</summary>
          <Raw text={JSON.stringify(facts, null, 2)} label={t.run.why.facts} copyLabel={t.run.why.copy} />
        </details>
      )}
    </Panel>
  )
}

export function VarsPanel({ run: { vars, inputs, outputs } }: { run: WorkflowRun }) {
  const says = t.run.values
  const groups = [
    [says.vars, vars],
    [says.inputs, inputs],
    [says.outputs, outputs],
  ] as const
  const filled = groups.filter(([, values]) => Object.keys(values).length > 0)
  return (
    <Panel title={says.title}>
      {filled.length === 0 && <p className={styles.quiet}>{says.none}</p>}
      {filled.map(([name, values]) => (
        <div key={name} className={styles.block}>
          <h3 className={styles.smallHead}>{name}</h3>
          <Values values={values} />
        </div>
      ))}
    </Panel>
  )
}

export function MailPanel({ run: { messages } }: { run: WorkflowRun }) {
  if (messages.length === 0) return null
  return (
    <Panel title={t.run.mail.messages}>
      {messages.map((mail) => (
        <MailLink key={mail.delivery_id} mail={mail} />
      ))}
    </Panel>
  )
}

/** What had begun it, and what it began. */
export function Relatives({ run: { parent, children } }: { run: WorkflowRun }) {
  if (parent === null && children.length === 0) return null
  return (
    <Panel title={t.run.relatives.title}>
      {parent && (
        <div className={styles.block}>
          <h3 className={styles.smallHead}>{t.run.relatives.parent}</h3>
          <Relative run={parent} />
        </div>
      )}
      {children.length > 0 && (
        <div className={styles.block}>
          <h3 className={styles.smallHead}>{t.run.relatives.children}</h3>
          {children.map((run) => (
            <Relative key={run.id} run={run} />
          ))}
        </div>
      )}
    </Panel>
  )
}

function Relative({ run }: { run: WorkflowRunSummary }) {
  return (
    <div className={styles.relative}>
      <RunBadge run={run} plain />
      <AppLink href={`/runs/${run.id}`}>{run.workflow.name}</AppLink>
      {run.subject && <SubjectLink subject={run.subject} className={styles.quiet} />}
      <span className={styles.quiet}>{run.sentence}</span>
    </div>
  )
}
