import { ActionIcon, Button } from '@mantine/core'
import { X } from 'lucide-react'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'
import { asSentence } from '../../ui/format.ts'
import { Note } from '../../ui/note.tsx'
import { Raw } from '../../ui/raw.tsx'
import { When } from '../../ui/time.tsx'
import { toned } from '../../ui/tone.ts'
import { useDrawing } from '../edit/drawing.ts'
import { portLabel } from '../edit/editor.ts'
import { titleOf } from '../edit/ports.ts'
import { tracesIn } from '../runs/run-story.tsx'
import { TraceView } from '../runs/trace.tsx'
import { Values } from '../runs/values.tsx'
import styles from '../workflows.module.css'
import trialStyles from './trial.module.css'
import type { Reply } from './use-trial.ts'

interface Props {
  readonly reply: Reply
  readonly graph: Graph
  readonly ways: Readonly<Record<string, string>>
}

/** Whether it would begin and why, what it would do step by step, and where it would stand. */
export function TrialResult({ reply, graph, ways }: Props) {
  const { begins, sentence, trace, status, lines, is_cut, vars, outputs } = reply
  const says = t.trial
  const end = begins && status ? ` ${says.ends[status]}` : ''
  return (
    <div className={styles.plain} role="status">
      <Note tone={begins ? 'good' : 'care'}>{`${sentence}${end}`}</Note>
      {is_cut && <Note tone="care">{says.isCut}</Note>}
      {trace !== null && (
        <section aria-label={says.conditions}>
          <h3 className={styles.pickGroup}>{says.conditions}</h3>
          <TraceView trace={trace} />
        </section>
      )}
      {begins && (
        <section aria-label={says.path}>
          <h3 className={styles.pickGroup}>{says.path}</h3>
          {lines.length === 0 && <p className={styles.quiet}>{says.nothingDone}</p>}
          <ol className={trialStyles.path}>
            {lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: what was, in its order
              <li key={index}>
                <PathLine line={line} graph={graph} />
              </li>
            ))}
          </ol>
        </section>
      )}
      <Stands reply={reply} graph={graph} />
      <Ways ways={ways} graph={graph} />
      {Object.keys(vars).length > 0 && (
        <section aria-label={says.vars}>
          <h3 className={styles.pickGroup}>{says.vars}</h3>
          <Values values={vars} />
        </section>
      )}
      {Object.keys(outputs).length > 0 && (
        <section aria-label={says.outputs}>
          <h3 className={styles.pickGroup}>{says.outputs}</h3>
          <Values values={outputs} />
        </section>
      )}
    </div>
  )
}

/** What a step would do; questions with what was seen and wanted. */
function PathLine({ line: { node, visit, sentence, port, detail }, graph }: { line: Reply['lines'][number]; graph: Graph }) {
  const { act } = useDrawing()
  const of = graph.nodes[node]
  const traces = tracesIn(detail)
  const way = port !== null && port !== 'out' && of ? portLabel(of, port) : null
  return (
    <>
      <button type="button" className={trialStyles.pathStep} onClick={() => act({ kind: 'select', id: node })}>
        <span>{asSentence(sentence)}</span>
        <span className={styles.quiet}>
          {[of && titleOf(of), visit > 1 && t.trial.round(visit), way && `→ ${way}`].filter(Boolean).join(' · ')}
        </span>
      </button>
      {traces.map((trace, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was, in its order
        <TraceView key={index} trace={trace} />
      ))}
      {Object.keys(detail).length > 0 && traces.length === 0 && (
        <details className={trialStyles.more}>
          <summary>{t.trial.show}</summary>
          <Raw text={JSON.stringify(detail, null, 2)} label={t.trial.details} copyLabel={t.run.copyDetails} />
        </details>
      )}
    </>
  )
}

/** Where it would wait, and the ways to look behind it. */
function Stands({ reply: { stands }, graph }: Pick<Props, 'reply' | 'graph'>) {
  const { trial } = useDrawing()
  const says = t.trial
  if (stands.length === 0) return null
  return (
    <section aria-label={says.stands}>
      <h3 className={styles.pickGroup}>{says.stands}</h3>
      {stands.map(({ node, state, sentence, until, ports }, index) => {
        const of = graph.nodes[node]
        return (
          <article
            // biome-ignore lint/suspicious/noArrayIndexKey: two may stand at the same step
            key={index}
            className={trialStyles.stand}
            {...toned(state === 'held' ? 'bad' : 'wait')}
          >
            <p>
              <b>{says.standing[state]}</b>: {of ? titleOf(of) : node}
            </p>
            {sentence && <p className={styles.quiet}>{asSentence(sentence)}</p>}
            {until && (
              <p className={styles.quiet}>
                {says.until} <When at={until} />
              </p>
            )}
            {ports.length > 0 && (
              <div className={trialStyles.acts}>
                <span className={styles.quiet}>{says.goOn}</span>
                {ports.map(({ key, label }) => (
                  <Button
                    key={key}
                    size="compact-xs"
                    variant="default"
                    disabled={trial.isOld || trial.isPending}
                    onClick={() => trial.run({ ways: { ...trial.wish.ways, [node]: key } })}
                  >
                    {label || key}
                  </Button>
                ))}
              </div>
            )}
          </article>
        )
      })}
    </section>
  )
}

/** What was taken for granted, each to be taken back. */
function Ways({ ways, graph }: Pick<Props, 'ways' | 'graph'>) {
  const { trial } = useDrawing()
  const says = t.trial
  const told = Object.entries(ways)
  if (told.length === 0) return null
  const without = (id: string) => Object.fromEntries(told.filter(([key]) => key !== id))
  return (
    <section aria-label={says.chosen}>
      <h3 className={styles.pickGroup}>{says.chosen}</h3>
      <ul className={trialStyles.path}>
        {told.map(([id, port]) => {
          const of = graph.nodes[id]
          const step = of ? titleOf(of) : id
          return (
            <li key={id} className={trialStyles.way}>
              <span>{says.taken(step, of ? portLabel(of, port) : port)}</span>
              <ActionIcon
                variant="subtle"
                size="sm"
                aria-label={says.forget(step)}
                onClick={() => trial.run({ ways: without(id) })}
              >
                <X size={13} aria-hidden />
              </ActionIcon>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
