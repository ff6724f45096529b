import { CircleCheck, CircleX, Clock3, type LucideIcon } from 'lucide-react'
import { checkMailbox, listMailboxes, type Mailbox, removeMailbox } from '../../src/api/endpoints/mailboxes.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Badge } from '../ui/badge.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { toast } from '../ui/toasts.tsx'
import type { Tone } from '../ui/tone.ts'
import styles from './canaries.module.css'

const LOOKS: Readonly<Record<Mailbox['state'], { tone: Tone; icon: LucideIcon }>> = {
  untried: { tone: 'wait', icon: Clock3 },
  working: { tone: 'good', icon: CircleCheck },
  failing: { tone: 'bad', icon: CircleX },
}

/** The mailboxes that canaries look into, and whether they can be read. */
export function Mailboxes() {
  const query = useEndpoint(listMailboxes, {})
  // What takes mail for inboxes stands with the sources.
  const items = (query.data?.items ?? []).filter(({ source_id }) => source_id === null)
  if (items.length === 0) return null
  const names = t.canaries.mailboxColumns
  return (
    <Panel title={t.canaries.mailboxes} flush>
      <p className={styles.facts}>{t.canaries.mailboxesLead}</p>
      <div className={styles.flush}>
        <Rows
          label={t.canaries.mailboxes}
          rows={items}
          keyOf={({ id }) => id}
          columns={[
            { key: 'name', header: names.name, cell: (mailbox) => <Name mailbox={mailbox} /> },
            { key: 'server', header: names.server, cell: ({ host, port }) => `${host}:${port}` },
            { key: 'state', header: names.state, cell: (mailbox) => <State mailbox={mailbox} /> },
            { key: 'acts', header: names.acts, isHidden: true, end: true, cell: (mailbox) => <Acts mailbox={mailbox} /> },
          ]}
        />
      </div>
    </Panel>
  )
}

function Name({ mailbox: { name, address } }: { mailbox: Mailbox }) {
  return (
    <span className={styles.latest}>
      <span>{name}</span>
      <span className={styles.quiet}>{address}</span>
    </span>
  )
}

function State({ mailbox: { state, problem } }: { mailbox: Mailbox }) {
  return (
    <span className={styles.latest}>
      <span>
        <Badge {...LOOKS[state]} label={t.canaries.mailboxStates[state]} />
      </span>
      {problem && (
        <span className={styles.quiet}>
          {problem.sentence} {problem.hint}
        </span>
      )}
    </span>
  )
}

function Acts({ mailbox: { id, name } }: { mailbox: Mailbox }) {
  const because = whyNot(useMe(), 'routes.manage')
  const ask = useAsk()
  const changes = [listMailboxes]
  const check = useAction(checkMailbox, {
    changes,
    onDone: ({ ok, problem, inbox_mails }) =>
      ok ? toast('good', t.canaries.checkOk(inbox_mails ?? 0)) : toast('bad', problem?.sentence ?? ''),
  })
  const remove = useAction(removeMailbox, { changes, onDone: () => toast('good', t.canaries.removed(name)) })
  async function onRemove() {
    if (
      await ask({
        title: t.canaries.removeMailbox(name),
        body: t.canaries.removeMailboxBody,
        act: t.canaries.remove,
        danger: true,
      })
    )
      remove.mutate({ params: { id } })
  }
  const common = { size: 'compact-xs', variant: 'default', because } as const
  return (
    <span className={styles.acts}>
      <ActButton
        {...common}
        label={`${t.canaries.check}: ${name}`}
        loading={check.isPending}
        onClick={() => check.mutate({ params: { id } })}
      >
        {t.canaries.check}
      </ActButton>
      <ActButton {...common} label={`${t.canaries.remove}: ${name}`} loading={remove.isPending} onClick={() => void onRemove()}>
        {t.canaries.remove}
      </ActButton>
    </span>
  )
}
