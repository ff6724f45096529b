import { FileButton } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { FileUp } from 'lucide-react'
import { importWorkflow, listWorkflows } from '../../../src/api/endpoints/workflows.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { toast } from '../../ui/toasts.tsx'

const MAX_BYTES = 1_000_000

/** A file of ours or of Elsa 3 becomes a draft. What was said about it stands beside the draft from then on. */
export function ImportWorkflow() {
  const navigate = useNavigate()
  const says = t.workflowFiles
  const because = whyNot(useMe(), 'workflows.manage')
  const take = useAction(importWorkflow, {
    changes: [listWorkflows],
    onDone: ({ workflow: { id, name }, report }) => {
      toast('good', says.imported(name))
      const panel = report.remarks.length > 0 ? 'import' : 'problems'
      void navigate({ to: '/workflows/$id', params: { id }, search: { panel } })
    },
  })
  async function read(file: File) {
    if (file.size > MAX_BYTES) return toast('bad', says.tooLarge)
    const given = objectIn(await file.text())
    if (given === null) return toast('bad', says.notJson)
    take.mutate({ body: { file: given } })
  }
  return (
    <FileButton accept=".json,application/json" onChange={(file) => file && void read(file)}>
      {(props) => (
        <ActButton
          {...props}
          variant="default"
          leftSection={<FileUp size={15} aria-hidden />}
          because={because}
          hint={says.importHint}
          loading={take.isPending}
        >
          {says.import}
        </ActButton>
      )}
    </FileButton>
  )
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null
  } catch {
    return null
  }
}
