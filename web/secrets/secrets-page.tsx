import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listWorkflowSecrets, removeWorkflowSecret, type WorkflowSecret } from '../../src/api/endpoints/workflow-secrets.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import styles from './secrets.module.css'

/** What requests of workflows prove themselves with, and which workflows would miss it. */
export function SecretsPage() {
  const because = whyNot(useMe(), 'workflows.manage')
  const query = useEndpoint(listWorkflowSecrets, {})
  const [open, setOpen] = useState<WorkflowSecret | 'new' | null>(null)
  const says = t.secrets
  return (
    <Page
      title={says.title}
      lead={says.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setOpen('new')}>
          {says.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <EmptyState
                title={says.emptyTitle}
                sentence={says.empty}
                act={because === null && <Button onClick={() => setOpen('new')}>{says.add}</Button>}
              />
            ) : (
              <Rows
                label={says.title}
                rows={items}
                keyOf={({ name }) => name}
                columns={[
                  { key: 'name', header: says.name, cell: ({ name }) => <b className={styles.name}>{name}</b> },
                  { key: 'changed', header: says.changed, cell: ({ changed_at }) => <Ago at={changed_at} /> },
                  { key: 'uses', header: says.usedBy, cell: ({ used_by }) => <Uses of={used_by} /> },
                  {
                    key: 'acts',
                    header: t.common.acts,
                    isHidden: true,
                    end: true,
                    cell: (secret) => <Acts secret={secret} because={because} onReplace={() => setOpen(secret)} />,
                  },
                ]}
              />
            )}
            {open && (
              <SecretDialog
                secret={open === 'new' ? null : open}
                taken={items.map(({ name }) => name)}
                onClose={() => setOpen(null)}
              />
            )}
          </>
        )}
      </Loadable>
    </Page>
  )
}

/** `isAsked`: in a question, which leads nowhere but to its answers. */
export function Uses({ of, isAsked = false }: { of: WorkflowSecret['used_by']; isAsked?: boolean }) {
  const says = t.secrets
  if (of.length === 0) return <span className={styles.quiet}>{says.unused}</span>
  return (
    <ul className={styles.uses}>
      {of.map(({ workflow: { id, name, is_removed }, places }) => (
        <li key={id}>
          {is_removed || isAsked ? (
            name
          ) : (
            <Link to="/workflows/$id" params={{ id }}>
              {name}
            </Link>
          )}{' '}
          <span className={styles.quiet}>
            {is_removed ? says.removedWorkflow : places.map((place) => says.places[place]).join(', ')}
          </span>
        </li>
      ))}
    </ul>
  )
}

interface ActsProps {
  readonly secret: WorkflowSecret
  readonly because: string | null
  readonly onReplace: () => void
}

function Acts({ secret: { name, used_by }, because, onReplace }: ActsProps) {
  const ask = useAsk()
  const says = t.secrets
  const remove = useAction(removeWorkflowSecret, {
    changes: [listWorkflowSecrets],
    onDone: () => toast('good', says.removed(name)),
  })
  async function askAndRemove() {
    const body = (
      <>
        <p>{says.removeBody(used_by.length)}</p>
        {used_by.length > 0 && <Uses of={used_by} isAsked />}
      </>
    )
    if (await ask({ title: says.removeTitle(name), body, act: says.remove, danger: true })) remove.mutate({ params: { name } })
  }
  const usual = { size: 'compact-sm', variant: 'default', because } as const
  return (
    <span className={styles.acts}>
      <ActButton {...usual} label={says.replaceLabel(name)} onClick={onReplace}>
        {says.replace}
      </ActButton>
      <ActButton {...usual} label={says.removeLabel(name)} loading={remove.isPending} onClick={() => void askAndRemove()}>
        {says.remove}
      </ActButton>
    </span>
  )
}
