import type { WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'

/** What a run is about, with the way to it. */
export function SubjectLink({ subject, className }: { subject: WorkflowRunSummary['subject']; className?: string | undefined }) {
  if (subject === null) return <span className={className}>{t.runs.aboutNothing}</span>
  const { kind, id, label } = subject
  if (label === null) return <span className={className}>{t.runs.gone}</span>
  return (
    <AppLink
      href={kind === 'conversation' ? `/conversations/${/^#(\d+) /.exec(label)?.[1] ?? id}` : `/contacts/${id}`}
      className={className}
    >
      {label}
    </AppLink>
  )
}
