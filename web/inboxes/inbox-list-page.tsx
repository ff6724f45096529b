import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { CircleCheck, DoorClosed, Lock, MailPlus, Plus, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { type Inbox, listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ItemList, ItemName } from '../ui/item-list.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { CreateInbox } from './create-inbox.tsx'
import styles from './inboxes.module.css'

export function InboxListPage() {
  const [adding, setAdding] = useState(false)
  const because = whyNot(useMe(), 'inboxes.manage')
  const query = useEndpoint(listInboxes, {})
  return (
    <Page
      title={t.inboxes.title}
      lead={t.inboxes.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
          {t.inboxes.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title={t.inboxes.emptyTitle}
              sentence={t.inboxes.empty}
              act={because === null && <Button onClick={() => setAdding(true)}>{t.inboxes.add}</Button>}
            />
          ) : (
            <ItemList label={t.inboxes.label} columns="minmax(0, 1fr) auto auto">
              {items.map((inbox) => (
                <li key={inbox.id}>
                  <InboxLine inbox={inbox} />
                </li>
              ))}
            </ItemList>
          )
        }
      </Loadable>
      {adding && <CreateInbox onClose={() => setAdding(false)} />}
    </Page>
  )
}

function InboxLine({ inbox }: { inbox: Inbox }) {
  const [problem] = inbox.problems
  return (
    <Link to="/settings/inboxes/$id" params={{ id: inbox.id }} search={{}}>
      <span>
        <span className={styles.head}>
          <ItemName>{inbox.name}</ItemName>
          {inbox.restricted && <Badge tone="calm" icon={Lock} label={t.inboxes.restricted} />}
          {inbox.no_match !== 'start' && <Badge tone="calm" icon={MailPlus} label={t.inboxes.updateOnly} />}
        </span>
        <span className={styles.address}>{inbox.address}</span>
      </span>
      <InboxState inbox={inbox} />
      <span className={styles.counts}>
        {t.inboxes.open(inbox.open)}
        {inbox.unassigned > 0 && <span className={styles.address}>{t.inboxes.unassigned(inbox.unassigned)}</span>}
      </span>
      {problem && !inbox.closed_at && (
        <span className={styles.why}>
          {problem.sentence} {problem.hint}
        </span>
      )}
    </Link>
  )
}

export function InboxState({ inbox: { closed_at, problems } }: { inbox: Inbox }) {
  if (closed_at) return <Badge tone="calm" icon={DoorClosed} label={t.inboxes.closed} />
  if (problems.length > 0) return <Badge tone="care" icon={TriangleAlert} label={t.inboxes.problems(problems.length)} />
  return <Badge tone="good" icon={CircleCheck} label={t.inboxes.works} />
}
