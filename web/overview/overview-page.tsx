import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { CircleCheck, CircleHelp, Pause, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { getQueues, type QueueOverview } from '../../src/api/endpoints/overview.ts'
import { NoMailYet } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { type Tone, toned } from '../ui/tone.ts'
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
        <NeedsYou queues={queues} />
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
  const tone: Tone = health.ok ? 'good' : 'care'
  const Icon = health.ok ? CircleCheck : TriangleAlert
  return (
    <div className={styles.health}>
      <span className={styles.dot} {...toned(tone)}>
        <Icon size={20} aria-hidden />
      </span>
      <h1 className={styles.sentence}>{health.sentence}</h1>
    </div>
  )
}

/** Incidents first, then what waits for a decision. Nothing when there is nothing. */
function NeedsYou({ queues }: { queues: QueueOverview }) {
  const { held, unknown, health } = queues
  if (held + unknown + health.items.length === 0) return null
  return (
    <div className={styles.wide}>
      <Panel title={t.overview.needsYou} flush>
        <ul>
          {health.items.map((item) => (
            <Item
              key={item.sentence}
              tone="care"
              icon={<TriangleAlert size={16} aria-hidden />}
              words={item.sentence}
              link={item.link}
              act={t.overview.look}
            />
          ))}
          {held > 0 && (
            <Item
              tone="care"
              icon={<Pause size={16} aria-hidden />}
              words={t.overview.held(held)}
              hint={t.overview.heldHint}
              link="/deliveries?state=held"
              act={t.overview.show}
            />
          )}
          {unknown > 0 && (
            <Item
              tone="doubt"
              icon={<CircleHelp size={16} aria-hidden />}
              words={t.overview.unknown(unknown)}
              hint={t.overview.unknownHint}
              link="/deliveries?state=unknown"
              act={t.overview.show}
            />
          )}
        </ul>
      </Panel>
    </div>
  )
}

interface ItemProps {
  readonly tone: Tone
  readonly icon: ReactNode
  readonly words: string
  readonly hint?: string
  readonly link: string | null
  readonly act: string
}

function Item({ tone, icon, words, hint, link, act }: ItemProps) {
  return (
    <li className={styles.item} {...toned(tone)}>
      {icon}
      <span className={styles.words}>
        {words}
        {hint && <span className={styles.quiet}>{hint}</span>}
      </span>
      {link && (
        <AppLink href={link}>
          {act}
          <span className="visually-hidden">: {words}</span>
        </AppLink>
      )}
    </li>
  )
}
