import { Button, MultiSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type Agent, changeTeam, createTeam, listAgents, listTeams, type Team } from '../../src/api/endpoints/teams.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

/** A new team, or one that is there. */
export function TeamDialog({ team, agents, onClose }: { team: Team | null; agents: readonly Agent[]; onClose: () => void }) {
  const [name, setName] = useState(team?.name ?? '')
  const [members, setMembers] = useState<string[]>([...(team?.members ?? [])])
  const options = {
    quiet: true,
    changes: [listTeams, listAgents],
    onDone: (saved: Team) => {
      toast('good', t.teams.saved(saved.name))
      onClose()
    },
  }
  const create = useAction(createTeam, options)
  const change = useAction(changeTeam, options)
  const errors = errorsFor(create.error ?? change.error, ['/name'])
  function submit() {
    const body = { name: name.trim(), members: members as Id<'user'>[] }
    if (team) change.mutate({ params: { id: team.id }, body })
    else create.mutate({ body })
  }
  return (
    <Dialog title={team ? t.teams.changeTitle(team.name) : t.teams.add} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={t.teams.name}
          value={name}
          error={errors.of('/name')}
          maxLength={100}
          data-autofocus
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          label={t.teams.members}
          value={members}
          searchable
          data={agents.map((agent) => ({ value: agent.id, label: agent.name }))}
          onChange={setMembers}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || change.isPending}>
            {team ? t.teams.save : t.teams.addAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
