import { Fragment } from 'react'
import type { Attempt } from '../../src/api/endpoints/deliveries.ts'
import type { Event } from '../../src/api/endpoints/shapes.ts'
import { t } from '../texts/texts.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { absolute, milliseconds } from '../ui/format.ts'
import { Raw } from '../ui/raw.tsx'
import { type Tone, toned } from '../ui/tone.ts'
import styles from './evidence.module.css'
import { replyTextOf } from './reply.ts'

const says = () => t.waybill.evidence

/** Everything that is known of an attempt: what was answered, where, how it was protected, how long each stage took. */
export function AttemptEvidence({ attempt, events }: { attempt: Attempt; events: readonly Event[] }) {
  const place =
    attempt.address &&
    `${attempt.address.includes(':') ? `[${attempt.address}]` : attempt.address}${attempt.port ? `:${attempt.port}` : ''}`
  return (
    <div className={styles.evidence} {...toned(toneOf(attempt))}>
      <Reply attempt={attempt} />
      <Facts
        inColumns
        facts={[
          [says().stage, t.waybill.stages[attempt.stage] ?? attempt.stage],
          [says().host, attempt.host],
          [says().address, place],
          [says().tls, attempt.tls ?? (attempt.address ? says().noTls : null)],
          [says().route, attempt.route.name],
          [says().class, attempt.class && <code>{attempt.class}</code>],
          [says().began, absolute(attempt.started_at)],
          [says().took, milliseconds(attempt.duration_ms)],
        ]}
      />
      {attempt.stages_ms && Object.keys(attempt.stages_ms).length > 0 && <Stages stagesMs={attempt.stages_ms} />}
      {attempt.transcript && (
        <details>
          <summary className={styles.summary}>{says().transcript}</summary>
          <div className={styles.events}>
            <Raw text={attempt.transcript} label={says().transcript} copyLabel={says().copyTranscript} />
          </div>
        </details>
      )}
      {events.length > 0 && <RawEvents events={events} />}
    </div>
  )
}

export function EventEvidence({ events }: { events: readonly Event[] }) {
  return (
    <div className={styles.evidence}>
      <RawEventList events={events} />
    </div>
  )
}

function Reply({ attempt }: { attempt: Attempt }) {
  const words = replyTextOf(attempt)
  return (
    <div>
      <div className={styles.title}>{attempt.code === null ? says().noReply : says().reply}</div>
      <div className={styles.reply}>
        <span>
          {attempt.code !== null && <span className={styles.code}>{attempt.code} </span>}
          {words}
        </span>
        <CopyButton text={[attempt.code, words].filter(Boolean).join(' ')} label={says().copyReply} />
      </div>
    </div>
  )
}

/** One bar after the other, as the stages followed one another: where the time went is seen at once. */
function Stages({ stagesMs }: { stagesMs: Readonly<Record<string, number>> }) {
  const stages = Object.entries(stagesMs)
  const total = stages.reduce((sum, [, ms]) => sum + ms, 0) || 1
  let before = 0
  return (
    <div>
      <div className={styles.title}>{says().stages}</div>
      <div className={styles.stages}>
        {stages.map(([stage, ms]) => {
          const left = (before / total) * 100
          before += ms
          return (
            <Fragment key={stage}>
              <span>{t.waybill.stages[stage] ?? stage}</span>
              <span className={styles.track} aria-hidden>
                <span className={styles.bar} style={{ left: `${left}%`, width: `${(ms / total) * 100}%` }} />
              </span>
              <span className={styles.ms}>{milliseconds(ms)}</span>
            </Fragment>
          )
        })}
      </div>
    </div>
  )
}

function RawEvents({ events }: { events: readonly Event[] }) {
  return (
    <details>
      <summary className={styles.summary}>{says().events(events.length)}</summary>
      <RawEventList events={events} />
    </details>
  )
}

function RawEventList({ events }: { events: readonly Event[] }) {
  return (
    <div className={styles.events}>
      {events.map((event) => (
        <Raw
          key={`${event.type} ${event.at.toISOString()}`}
          text={JSON.stringify({ at: event.at, type: event.type, actor: event.actor, data: event.data }, null, 2)}
          label={says().event}
          copyLabel={says().copyEvent}
        />
      ))}
    </div>
  )
}

function toneOf({ outcome }: Attempt): Tone {
  return ({ accepted: 'good', rejected: 'bad', deferred: 'care', blocked: 'care', unknown: 'doubt' } as const)[outcome]
}
