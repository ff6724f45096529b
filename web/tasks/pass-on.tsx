import { Button, Select } from '@mantine/core'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { listAgents } from '../../src/api/endpoints/teams.ts'
import {
  getWorkflowTask,
  listWorkflowTasks,
  passOnWorkflowTask,
  type WorkflowTask,
} from '../../src/api/endpoints/workflow-tasks.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

/** Lets somebody else decide. */
export function PassOn({ task }: { task: WorkflowTask }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <Button size="compact-sm" variant="default" leftSection={<UserPlus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        {t.tasks.passOn.open}
      </Button>
      {isOpen && <PassOnDialog task={task} onClose={() => setOpen(false)} />}
    </div>
  )
}

function PassOnDialog({ task: { id, people }, onClose }: { task: WorkflowTask; onClose: () => void }) {
  const says = t.tasks.passOn
  const agents = useEndpoint(listAgents, {}).data?.items ?? []
  const [to, choose] = useState<string | null>(null)
  const others = agents.filter((agent) => !people.some((one) => one.id === agent.id))
  const pass = useAction(passOnWorkflowTask, {
    changes: [listWorkflowTasks, getWorkflowTask],
    quiet: true,
    onDone: () => {
      toast('good', says.done(others.find((one) => one.id === to)?.name ?? ''))
      onClose()
    },
  })
  function submit() {
    const chosen = others.find((one) => one.id === to)
    if (chosen) pass.mutate({ params: { id }, body: { user_id: chosen.id } })
  }
  return (
    <Dialog title={says.title} onClose={onClose}>
      <Form onSubmit={submit} problem={pass.error?.message ?? null}>
        <p>{says.lead}</p>
        <Select
          label={says.to}
          placeholder={t.tasks.choose}
          searchable
          data={others.map(({ id: value, name }) => ({ value, label: name }))}
          value={to}
          onChange={choose}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={to === null} loading={pass.isPending}>
            {says.act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
