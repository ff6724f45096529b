import { Switch } from '@mantine/core'
import { History } from 'lucide-react'
import { useState } from 'react'
import { simulateWorkflow } from '../../../src/api/endpoints/workflow-trials.ts'
import type { Id } from '../../../src/lib/ids.ts'
import type { ReplyOf } from '../../api.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Note } from '../../ui/note.tsx'
import { Ago } from '../../ui/time.tsx'
import { toned } from '../../ui/tone.ts'
import { useDrawing } from '../edit/drawing.ts'
import { SubjectLink } from '../runs/subject.tsx'
import { TraceView } from '../runs/trace.tsx'
import styles from '../workflows.module.css'
import trialStyles from './trial.module.css'

type Reply = ReplyOf<typeof simulateWorkflow>

/** How often the draft would have begun lately, and the newest times, each with its reasons. */
export function SimulatePanel({ id }: { id: Id<'workflow'> }) {
  const { editor, because, trial } = useDrawing()
  const simulate = useAction(simulateWorkflow, { quiet: true })
  const says = t.simulation
  return (
    <section className={`${styles.plain} ${trialStyles.further}`} aria-label={says.title}>
      <h2 className={trialStyles.title}>{says.title}</h2>
      <p className={styles.quiet}>{says.lead}</p>
      <div className={trialStyles.acts}>
        <ActButton
          size="compact-md"
          variant="default"
          because={because ?? (trial.trigger === null ? t.workflows.flow.emptyHint : null)}
          leftSection={<History size={14} aria-hidden />}
          loading={simulate.isPending}
          onClick={() => simulate.mutate({ params: { id }, body: { draft: editor.graph } })}
        >
          {simulate.data ? says.again : says.act}
        </ActButton>
      </div>
      {simulate.error && (
        <Note tone="bad" alert>
          {simulate.error.message}
        </Note>
      )}
      {simulate.data && <Simulated reply={simulate.data} />}
    </section>
  )
}

function Simulated({ reply: { looked, would_begin, is_partial, first } }: { reply: Reply }) {
  const [isOnly, only] = useState(false)
  const says = t.simulation
  if (looked === 0) return <Note tone="calm">{says.nothing}</Note>
  const shown = isOnly ? first.filter(({ begins }) => begins) : first
  return (
    <div className={styles.plain} role="status">
      <div className={trialStyles.numbers}>
        <p {...toned(would_begin > 0 ? 'good' : 'calm')}>
          <b>{would_begin.toLocaleString('en')}</b> {says.would}
        </p>
        <p>
          <b>{looked.toLocaleString('en')}</b> {says.looked}
        </p>
      </div>
      {is_partial && <Note tone="care">{says.partial}</Note>}
      <Switch size="sm" label={says.only} checked={isOnly} onChange={(event) => only(event.currentTarget.checked)} />
      {shown.length === 0 && <p className={styles.quiet}>{says.noneBegin}</p>}
      <ol className={trialStyles.path}>
        {shown.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was, in its order
          <li key={index}>
            <Time of={one} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function Time({ of: { at, begins, trace, subject } }: { of: Reply['first'][number] }) {
  const says = t.simulation
  return (
    <>
      <p className={trialStyles.time}>
        <span className={trialStyles.mark} {...toned(begins ? 'good' : 'calm')}>
          {begins ? says.begins : says.beginsNot}
        </span>
        <SubjectLink subject={subject} />
        <span className={styles.quiet}>
          <Ago at={at} />
        </span>
      </p>
      <details className={trialStyles.more}>
        <summary>{says.why}</summary>
        <TraceView trace={trace} />
      </details>
    </>
  )
}
