import { getRouteApi } from '@tanstack/react-router'
import { getWebhook, type Webhook } from '../../src/api/endpoints/webhooks.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Facts } from '../ui/facts.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { WebhookActs } from './webhook-acts.tsx'
import { WebhookBadge } from './webhook-badge.tsx'
import { eventsOf } from './webhook-list-page.tsx'
import { WebhookLog } from './webhook-log.tsx'
import styles from './webhook-pages.module.css'

const route = getRouteApi('/shell/webhooks/$id')

export function WebhookPage() {
  const id = route.useParams().id as Id<'webhook_endpoint'>
  const query = useEndpoint(getWebhook, { id })
  return (
    <Page
      title={query.data ? hostOf(query.data.url) : t.webhooks.title}
      lead={query.data?.description}
      acts={query.data && <WebhookActs webhook={query.data} />}
    >
      <Loadable query={query}>
        {(webhook) => (
          <div className={styles.sections}>
            <Trouble webhook={webhook} />
            <About webhook={webhook} />
            <WebhookLog id={webhook.id} />
          </div>
        )}
      </Loadable>
    </Page>
  )
}

function Trouble({ webhook: { state, disabled_why, failing_since } }: { webhook: Webhook }) {
  if (state === 'disabled' && disabled_why) return <Note tone="bad">{t.webhooks.disabledWhy[disabled_why]}</Note>
  if (!failing_since) return null
  return (
    <Note tone="care">
      {t.webhooks.failingSince} <Ago at={failing_since} />.
    </Note>
  )
}

function About({ webhook }: { webhook: Webhook }) {
  const { last_success_at } = webhook
  const lastSuccess = last_success_at ? <Ago at={last_success_at} /> : t.webhooks.noSuccess
  return (
    <Panel title={t.webhooks.about} aside={<WebhookBadge webhook={webhook} />}>
      <Facts
        inColumns
        facts={[
          [t.webhooks.url, webhook.url],
          [t.webhooks.events, eventsOf(webhook)],
          [t.webhooks.lastSuccess, lastSuccess],
        ]}
      />
    </Panel>
  )
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url
}
