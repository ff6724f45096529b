import type { NamedActor } from '../../accounts/names.ts'
import type { Json } from '../../workflows/definition/graph.ts'
import type { Problem } from '../../workflows/definition/node-type.ts'
import type { Version, Workflow } from '../../workflows/manage.ts'
import { keyOfProblem } from '../../workflows/reading/check-draft.ts'
import type { DescribedWorkflow } from '../../workflows/reading/list.ts'
import type { NamedReference } from '../../workflows/reading/references.ts'
import type * as endpoints from '../endpoints/workflows.ts'

type Name = (reference: string | null) => NamedActor
type Values = Record<string, unknown>

export function toSummary(described: DescribedWorkflow, name: Name): endpoints.WorkflowSummary {
  const { workflow: w, description, subject, starts, version, hasChanges, hasImportReport, running, held } = described
  return {
    ...{ id: w.id, name: w.name, description, subject, is_enabled: w.isEnabled, place: w.place, starts: [...starts] },
    version: version && { id: version.id, number: version.number, published_at: version.publishedAt },
    ...{
      draft_revision: w.draftRevision,
      has_changes: hasChanges,
      has_import_report: hasImportReport,
      running,
      held,
      created_at: w.createdAt,
    },
    created_by: w.createdBy === null ? null : name(w.createdBy).name,
    updated_at: w.updatedAt,
  }
}

export function toWorkflow(described: DescribedWorkflow, names: readonly NamedReference[], name: Name): endpoints.Workflow {
  const { draft, layout } = described.workflow
  return { ...toSummary(described, name), draft: objectOf(draft), layout: objectOf(layout), names: [...names] }
}

export function toVersion(v: Version, active: Workflow['versionId'], name: Name): endpoints.WorkflowVersion {
  return {
    ...{ id: v.id, number: v.number, note: v.note, published_at: v.publishedAt },
    published_by: v.publishedBy === null ? null : name(v.publishedBy).name,
    is_active: v.id === active,
  }
}

export function toProblem(problem: Problem): endpoints.WorkflowProblem {
  return { key: keyOfProblem(problem), ...problem }
}

/** What came in as JSON is JSON. */
export function asJson(value: Values): Json {
  return value as Json
}

export function objectOf(value: Json): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
