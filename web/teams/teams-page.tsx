import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type Agent, listAgents, listTeams, removeTeam, type Team } from '../../src/api/endpoints/teams.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Rows } from '../ui/rows.tsx'
import { toast } from '../ui/toasts.tsx'
import { TeamDialog } from './team-dialog.tsx'
import styles from './teams.module.css'

export function TeamsPage() {
  const because = whyNot(useMe(), 'inboxes.manage')
  const query = useEndpoint(listTeams, {})
  const agents = useEndpoint(listAgents, {}).data?.items ?? []
  const [open, setOpen] = useState<Team | 'new' | null>(null)
  return (
    <Page
      title={t.teams.title}
      lead={t.teams.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setOpen('new')}>
          {t.teams.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title={t.teams.emptyTitle}
              sentence={t.teams.empty}
              act={because === null && <Button onClick={() => setOpen('new')}>{t.teams.add}</Button>}
            />
          ) : (
            <Rows
              label={t.teams.title}
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { key: 'name', header: t.teams.columns.name, cell: ({ name }) => <span className={styles.name}>{name}</span> },
                { key: 'members', header: t.teams.columns.members, cell: (team) => namesOf(team, agents) || t.teams.nobody },
                {
                  key: 'acts',
                  header: t.common.acts,
                  isHidden: true,
                  end: true,
                  cell: (team) => <Acts team={team} because={because} onChange={() => setOpen(team)} />,
                },
              ]}
            />
          )
        }
      </Loadable>
      {open && <TeamDialog team={open === 'new' ? null : open} agents={agents} onClose={() => setOpen(null)} />}
    </Page>
  )
}

function namesOf({ members }: Team, agents: readonly Agent[]): string {
  return agents
    .filter(({ id }) => members.includes(id))
    .map(({ name }) => name)
    .join(', ')
}

function Acts({ team, because, onChange }: { team: Team; because: string | null; onChange: () => void }) {
  const ask = useAsk()
  const remove = useAction(removeTeam, { changes: [listTeams], onDone: () => toast('good', t.teams.removed(team.name)) })
  async function run() {
    const { removeTitle, removeBody, remove: act } = t.teams
    if (await ask({ title: removeTitle(team.name), body: removeBody, act, danger: true }))
      remove.mutate({ params: { id: team.id } })
  }
  const shared = { size: 'compact-sm', variant: 'default', because } as const
  return (
    <span className={styles.acts}>
      <ActButton {...shared} label={`${t.teams.change}: ${team.name}`} onClick={onChange}>
        {t.teams.change}
      </ActButton>
      <ActButton {...shared} label={`${t.teams.remove}: ${team.name}`} loading={remove.isPending} onClick={() => void run()}>
        {t.teams.remove}
      </ActButton>
    </span>
  )
}
