import type { ContentProblem } from '../../src/api/endpoints/content.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import styles from './content.module.css'

/** What keeps it from being sent, where it is, in words. */
export function ProblemList({ problems }: { problems: readonly ContentProblem[] }) {
  if (problems.length === 0) return null
  return (
    <Note tone="bad">
      <b>{t.content.problems(problems.length)}</b>
      <ul className={styles.problems}>
        {problems.map((problem) => (
          <li key={`${problem.where} ${problem.line} ${problem.sentence}`}>
            {problem.line !== null && (
              <span className={styles.where}>
                {problem.where === 'blocks' ? t.content.blockNumber(problem.line) : t.content.line(problem.line)}:{' '}
              </span>
            )}
            {problem.sentence}
          </li>
        ))}
      </ul>
    </Note>
  )
}
