import { Tabs } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { getMessage, type Message } from '../../src/api/endpoints/messages.ts'
import type { Id } from '../../src/lib/ids.ts'
import { DeliveryStatus } from '../parts/delivery-status.tsx'
import { StoryTimeline } from '../parts/story-timeline.tsx'
import { useEndpoint } from '../query.ts'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Content } from './content.tsx'
import { Details } from './details.tsx'
import { Label } from './label.tsx'
import { Recipients } from './recipients.tsx'
import styles from './waybill-page.module.css'

const route = getRouteApi('/shell/messages/$id')

/** The waybill of a message: where each delivery is, why, what was tried, what was answered, and what happens next. */
export function WaybillPage() {
  const { id } = route.useParams()
  const { delivery } = route.useSearch()
  // Of a campaign it is one recipient's; of other mail the same for all of them.
  const query = useEndpoint(getMessage, { id: id as Id<'message'>, ...asId(delivery) }, { keep: true })
  // An id that is no id, or of nothing: the same words.
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  return (
    <Page title={t.waybill.word} tab={query.data?.subject || t.waybill.word} bare>
      <Loadable query={query}>{(message) => <Waybill message={message} />}</Loadable>
    </Page>
  )
}

function asId(text: string | undefined): { delivery?: Id<'delivery'> } {
  const parsed = getMessage.params.shape.delivery.safeParse(text)
  return parsed.success && parsed.data ? { delivery: parsed.data } : {}
}

type Tab = 'story' | 'content' | 'details'

function Waybill({ message }: { message: Message }) {
  const navigate = useNavigate()
  const { tab = 'story', delivery } = route.useSearch()
  const show = (next: string | null) =>
    void navigate({
      to: '/messages/$id',
      params: { id: message.id },
      search: { ...(delivery && { delivery }), ...(next !== null && next !== 'story' && { tab: next as 'content' | 'details' }) },
      replace: true,
    })
  return (
    <div className={message.deliveries.length === 1 ? styles.sheet : undefined}>
      <Label message={message} />
      <Tabs className={styles.tabs ?? ''} value={tab satisfies Tab} onChange={show} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="story">{t.waybill.tabs.story}</Tabs.Tab>
          <Tabs.Tab value="content">{t.waybill.tabs.content}</Tabs.Tab>
          <Tabs.Tab value="details">{t.waybill.tabs.details}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="story" className={styles.tabBody ?? ''}>
          <Story message={message} chosen={delivery} />
        </Tabs.Panel>
        <Tabs.Panel value="content" className={styles.tabBody ?? ''}>
          <Content message={message} delivery={message.campaign ? message.deliveries[0]?.id : undefined} />
        </Tabs.Panel>
        <Tabs.Panel value="details" className={styles.tabBody ?? ''}>
          <Details message={message} />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

function Story({ message, chosen }: { message: Message; chosen: string | undefined }) {
  const delivery = message.deliveries.find(({ id }) => id === chosen) ?? message.deliveries[0]
  if (!delivery) return null
  const detail = (
    <div className={styles.one}>
      <DeliveryStatus key={delivery.id} delivery={delivery} />
      <div className={styles.story}>
        <StoryTimeline key={delivery.id} delivery={delivery} messageEvents={message.events} />
      </div>
    </div>
  )
  if (message.deliveries.length === 1) return detail
  return (
    <div className={styles.many}>
      <Recipients message={message} selected={delivery.id} />
      {detail}
    </div>
  )
}
