import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import { getQueues, type QueueOverview } from '../../src/api/endpoints/overview.ts'
import { healthTone } from '../parts/health.ts'
import { NoMailYet } from '../parts/pictures.tsx'
import { type Look, STATE_LOOKS } from '../parts/states.tsx'
import { useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { toned } from '../ui/tone.ts'
import { Hours } from './hours.tsx'
import styles from './overview-page.module.css'
import { RoutesPanel } from './routes-panel.tsx'
import { StreamsPanel } from './streams-panel.tsx'

/** Home: is mail flowing, what needs a person, what waits and why. */
export function OverviewPage() {
  const query = useEndpoint(getQueues, {})
  return (
    <Page title={t.overview.title} bare>
      <Loadable query={query}>{(queues) => <Overview queues={queues} />}</Loadable>
    </Page>
  )
}

function Overview({ queues }: { queues: QueueOverview }) {
  const navigate = useNavigate()
  const hasMail = queues.streams.some(({ counts }) => Object.values(counts).some((n) => n > 0))
  return (
    <>
      <Health health={queues.health} />
      <div className={styles.grid}>
        <NeedsYou items={queues.health.items} />
        {hasMail ? (
          <>
            <div className={styles.wide}>
              <Hours hours={queues.hours} />
            </div>
            <StreamsPanel streams={queues.streams} />
          </>
        ) : (
          <EmptyState
            picture={<NoMailYet />}
            title={t.overview.emptyTitle}
            sentence={t.overview.empty}
            act={<Button onClick={() => void navigate({ to: '/routes' })}>{t.overview.sendTest}</Button>}
          />
        )}
        <RoutesPanel routes={queues.routes} />
      </div>
    </>
  )
}

function Health({ health }: { health: QueueOverview['health'] }) {
  const tone = healthTone(health)
  const Icon = tone === 'good' ? CircleCheck : TriangleAlert
  return (
    <div className={styles.health}>
      <span className={styles.dot} {...toned(tone)}>
        <Icon size={20} aria-hidden />
      </span>
      <h1 className={styles.sentence}>{health.sentence}</h1>
    </div>
  )
}

/** What the server says needs someone, each with the way to it. Nothing when there is nothing. */
function NeedsYou({ items }: { items: QueueOverview['health']['items'] }) {
  if (items.length === 0) return null
  return (
    <div className={styles.wide}>
      <Panel title={t.overview.needsYou} flush>
        <ul>
          {items.map((item) => (
            <Item key={item.sentence} item={item} />
          ))}
        </ul>
      </Panel>
    </div>
  )
}

function Item({ item: { sentence, link } }: { item: QueueOverview['health']['items'][number] }) {
  const { tone, icon: Icon } = lookOfLink(link)
  return (
    <li className={styles.item} {...toned(tone)}>
      <Icon size={16} aria-hidden />
      <span className={styles.words}>{sentence}</span>
      {link && (
        <AppLink href={link}>
          {t.overview.look}
          <span className="visually-hidden">: {sentence}</span>
        </AppLink>
      )}
    </li>
  )
}

/** A link to deliveries in a state wears that state's sign. */
function lookOfLink(link: string | null): Look {
  const state = DeliveryState.safeParse(link && new URL(link, 'http://any').searchParams.get('state')).data
  return state ? STATE_LOOKS[state] : { tone: 'care', icon: TriangleAlert }
}
