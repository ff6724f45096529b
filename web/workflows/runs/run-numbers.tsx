import { countWorkflow } from '../../../src/api/endpoints/workflows.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { toned } from '../../ui/tone.ts'
import styles from './runs.module.css'

const LOOKED_AT_MS = 10_000

/** How its runs are, each number leading to them. */
export function RunNumbers({ id }: { id: Id<'workflow'> }) {
  const { data } = useEndpoint(countWorkflow, { id }, { everyMs: LOOKED_AT_MS, keep: true })
  if (data === undefined) return null
  const says = t.runs.numbers
  const to = (state: string) => `/runs?workflow=${id}&state=${state}`
  return (
    <span className={styles.numbers}>
      {data.held > 0 && (
        <span {...toned('bad')}>
          <AppLink href={to('held')}>{says.held(data.held, data.is_partial)}</AppLink>
        </span>
      )}
      <span {...toned('wait')}>
        <AppLink href={to('running')}>{says.running(data.running, data.is_partial)}</AppLink>
      </span>
      <span {...toned('good')}>
        <AppLink href={to('completed')}>{says.completed(data.completed)}</AppLink>
      </span>
      {data.cancelled > 0 && (
        <span {...toned('calm')}>
          <AppLink href={to('cancelled')}>{says.cancelled(data.cancelled)}</AppLink>
        </span>
      )}
      <span className={styles.quiet}>{says.since}</span>
      <span title={t.workflowJobs.openHint}>
        <AppLink href={`/workflows/${id}/jobs`}>{t.workflowJobs.open}</AppLink>
      </span>
    </span>
  )
}
