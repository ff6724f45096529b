import { CircleAlert, TriangleAlert } from 'lucide-react'
import type { Problem } from '../../../src/workflows/definition/node-type.ts'
import { t } from '../../texts/texts.ts'
import { Note } from '../../ui/note.tsx'
import { toned } from '../../ui/tone.ts'
import { useDrawing } from '../edit/drawing.ts'
import { titleOf } from '../edit/ports.ts'
import styles from '../workflows.module.css'

/** What is wrong with it now, each with its place and the way to mend it. */
export function ProblemsPanel({ onSettings }: { onSettings: () => void }) {
  const { problems } = useDrawing()
  const says = t.workflows.problems
  if (problems.length === 0) return <Note tone="good">{says.none}</Note>
  const errors = problems.filter((problem) => problem.severity === 'error')
  const warnings = problems.filter((problem) => problem.severity === 'warning')
  return (
    <div className={styles.plain}>
      {errors.length > 0 && <List title={says.errors} problems={errors} onSettings={onSettings} />}
      {warnings.length > 0 && <List title={says.warnings} problems={warnings} onSettings={onSettings} />}
    </div>
  )
}

function List({ title, problems, onSettings }: { title: string; problems: readonly Problem[]; onSettings: () => void }) {
  const { editor, edit } = useDrawing()
  return (
    <section aria-label={title}>
      <h2 className={styles.pickGroup}>{title}</h2>
      <ul className={styles.problemList}>
        {problems.map((problem, at) => {
          const node = problem.node === null ? undefined : editor.graph.nodes[problem.node]
          const isBad = problem.severity === 'error'
          const go = () => (problem.node !== null && node ? edit(problem.node, problem.field) : onSettings())
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same problem may be there twice
            <li key={at}>
              <button type="button" className={styles.problem} onClick={go} {...toned(isBad ? 'bad' : 'care')}>
                {isBad ? <CircleAlert size={15} aria-hidden /> : <TriangleAlert size={15} aria-hidden />}
                <span>
                  <b>{node ? titleOf(node) : t.workflows.problems.ofWorkflow}</b>
                  <span>{problem.sentence}</span>
                  <span className={styles.quiet}>{problem.fix}</span>
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
