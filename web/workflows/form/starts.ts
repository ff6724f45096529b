/** What steps begin with in the editor whose types leave it open: words that a person puts others in the place of. */
import type { Json } from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'

export function startOf(type: string): Readonly<Record<string, Json>> | null {
  if (type === 'human.task@1')
    return {
      title: '',
      decisions: [
        { key: 'done', label: t.workflows.starts.done },
        { key: 'refused', label: t.workflows.starts.refused },
      ],
      after: { working_days: 3 },
    }
  return null
}
