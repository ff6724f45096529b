import {
  getRouteFeedback,
  listFeedback,
  type RouteFeedback,
  renewRouteFeedback,
  replayFeedbackBy,
} from '../../src/api/endpoints/feedback.ts'
import { changeRoute, getRoute } from '../../src/api/endpoints/routes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago, When } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './told-later.module.css'

/** On the page of a route to a provider: where it tells its news to, and what is known of that. */
export function ToldLater({ routeId }: { routeId: Id<'route'> }) {
  const query = useEndpoint(getRouteFeedback, { id: routeId })
  return (
    <Panel title={t.toldLater.title} aside={<AppLink href={`/feedback?route_id=${routeId}`}>{t.toldLater.all}</AppLink>}>
      <Loadable query={query}>{(feedback) => <Told routeId={routeId} feedback={feedback} />}</Loadable>
    </Panel>
  )
}

interface Props {
  readonly routeId: Id<'route'>
  readonly feedback: RouteFeedback
}

function Told({ routeId, feedback }: Props) {
  const { kind, url, seen_topic, topic_arn, poll_error, lag } = feedback
  const texts = t.toldLater
  return (
    <div className={styles.told}>
      <p className={styles.lead}>{texts.lead[kind]}</p>
      {seen_topic !== null && seen_topic !== topic_arn && <SeenTopic routeId={routeId} topic={seen_topic} />}
      {poll_error !== null && (
        <Note tone="care" hint={poll_error}>
          {texts.pollFailed}
        </Note>
      )}
      <div>
        <div className={styles.label}>{texts.address}</div>
        {url === null ? (
          <p className={styles.quiet}>{texts.hidden}</p>
        ) : (
          <div className={styles.address}>
            <code>{url}</code>
            <CopyButton text={url} label={texts.copyAddress} />
          </div>
        )}
      </div>
      <Facts
        facts={[
          [texts.topic, topic_arn ? <code key="topic">{topic_arn}</code> : texts.noTopic],
          [texts.confirmed, feedback.confirmed_at && <When key="confirmed" at={feedback.confirmed_at} />],
          [texts.lastReceived, feedback.last_received_at ? <Ago key="received" at={feedback.last_received_at} /> : texts.never],
          [texts.lastBelieved, feedback.last_believed_at ? <Ago key="believed" at={feedback.last_believed_at} /> : texts.never],
          [texts.lag, lag.count > 0 ? texts.lagOf(seconds(lag.p50_seconds), seconds(lag.p95_seconds), lag.count) : null],
          [texts.polled, feedback.polled_at && <Ago key="polled" at={feedback.polled_at} />],
        ]}
      />
      {kind === 'scaleway' && feedback.last_believed_at === null && <p className={styles.quiet}>{texts.pollsInstead}</p>}
      {url !== null && <Renew routeId={routeId} />}
    </div>
  )
}

/** One press instead of looking an ARN up, and what came before is not lost. */
function SeenTopic({ routeId, topic }: { routeId: Id<'route'>; topic: string }) {
  const me = useMe()
  const replay = useAction(replayFeedbackBy, {
    changes: [getRouteFeedback, listFeedback],
    onDone: () => toast('good', t.toldLater.usedTopic),
  })
  const use = useAction(changeRoute, {
    changes: [getRoute, getRouteFeedback],
    onDone: () => replay.mutate({ body: { state: 'ignored', route_id: routeId } }),
  })
  return (
    <Note
      tone="care"
      act={
        <ActButton
          size="compact-sm"
          variant="default"
          because={whyNot(me, 'routes.manage')}
          loading={use.isPending || replay.isPending}
          onClick={() => use.mutate({ params: { id: routeId }, body: { settings: { topic_arn: topic } } })}
        >
          {t.toldLater.useTopic}
        </ActButton>
      }
    >
      {t.toldLater.seenTopic(topic)}
    </Note>
  )
}

function Renew({ routeId }: { routeId: Id<'route'> }) {
  const me = useMe()
  const ask = useAsk()
  const renew = useAction(renewRouteFeedback, {
    changes: [getRouteFeedback],
    onDone: () => toast('good', t.toldLater.renewed),
  })
  async function run() {
    const { renewTitle, renewBody, renew: act } = t.toldLater
    if (await ask({ title: renewTitle, body: renewBody, act })) renew.mutate({ params: { id: routeId } })
  }
  return (
    <div>
      <ActButton
        size="xs"
        variant="default"
        because={whyNot(me, 'routes.manage')}
        loading={renew.isPending}
        onClick={() => void run()}
      >
        {t.toldLater.renew}
      </ActButton>
    </div>
  )
}

function seconds(value: number | null): string {
  const n = value ?? 0
  return n < 120 ? `${n} s` : n < 7_200 ? `${Math.round(n / 60)} min` : `${Math.round(n / 3_600)} h`
}
