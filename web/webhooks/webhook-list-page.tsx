import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listWebhooks, type Webhook } from '../../src/api/endpoints/webhooks.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ItemList, ItemName } from '../ui/item-list.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { CreateWebhook } from './create-webhook.tsx'
import { WebhookBadge } from './webhook-badge.tsx'
import styles from './webhook-pages.module.css'

export function WebhookListPage() {
  const [adding, setAdding] = useState(false)
  const because = whyNot(useMe(), 'webhooks.manage')
  const query = useEndpoint(listWebhooks, {}, { enabled: because === null })
  return (
    <Page
      title={t.webhooks.title}
      lead={t.webhooks.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
          {t.webhooks.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title={t.webhooks.emptyTitle}
              sentence={t.webhooks.empty}
              act={
                <Button variant="default" onClick={() => setAdding(true)}>
                  {t.webhooks.add}
                </Button>
              }
            />
          ) : (
            <List webhooks={items} />
          )
        }
      </Loadable>
      {adding && <CreateWebhook onClose={() => setAdding(false)} />}
    </Page>
  )
}

function List({ webhooks }: { webhooks: readonly Webhook[] }) {
  return (
    <ItemList label={t.webhooks.label} columns="minmax(0, 1fr) auto">
      {webhooks.map((webhook) => (
        <li key={webhook.id}>
          <Link to="/webhooks/$id" params={{ id: webhook.id }}>
            <span>
              <ItemName>{webhook.url}</ItemName>
              <br />
              <span className={styles.quiet}>
                {[webhook.description, eventsOf(webhook)].filter((text) => text !== '').join(' · ')}
              </span>
            </span>
            <WebhookBadge webhook={webhook} />
          </Link>
        </li>
      ))}
    </ItemList>
  )
}

export function eventsOf({ event_types }: Pick<Webhook, 'event_types'>): string {
  return event_types.length === 0 ? t.webhooks.allEvents : event_types.join(', ')
}
