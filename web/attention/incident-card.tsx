import { CircleAlert, TriangleAlert, UserRoundCheck } from 'lucide-react'
import { acknowledgeIncident, type Incident, listIncidents, resolveIncident } from '../../src/api/endpoints/incidents.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Badge } from '../ui/badge.tsx'
import { Raw } from '../ui/raw.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { toned } from '../ui/tone.ts'
import styles from './attention-page.module.css'
import { Fix } from './fix.tsx'

const CHANGES = [listIncidents, getQueues]

export function IncidentCard({ incident }: { incident: Incident }) {
  const { title, sentence, hint, severity, opened_at, times, evidence } = incident
  const tone = severity === 'critical' ? 'bad' : 'care'
  return (
    <article className={styles.incident} {...toned(tone)}>
      <div className={styles.head}>
        <Badge tone={tone} icon={severity === 'critical' ? CircleAlert : TriangleAlert} label={t.attention[severity]} />
        <h3 className={styles.title}>{title}</h3>
        <span className={styles.when}>
          <Ago at={opened_at} />
          {times > 1 && ` · ${t.attention.seen(times)}`}
        </span>
      </div>
      <p className={styles.sentence}>{sentence}</p>
      {hint && <p className={styles.hint}>{hint}</p>}
      <div className={styles.acts}>
        <Fix incident={incident} />
        <Taking incident={incident} />
      </div>
      {Object.keys(evidence).length > 0 && (
        <details className={styles.evidence}>
          <summary>{t.attention.evidence}</summary>
          <Raw text={JSON.stringify(evidence, null, 2)} label={t.attention.evidence} copyLabel={t.attention.copyEvidence} />
        </details>
      )}
    </article>
  )
}

/** Take note of it, or say that it is over. */
function Taking({ incident: { id, title, state, acknowledged_by } }: { incident: Incident }) {
  const me = useMe()
  const ask = useAsk()
  const because = whyNot(me, 'delivery.manage')
  const acknowledge = useAction(acknowledgeIncident, { changes: CHANGES, onDone: () => toast('good', t.attention.noted) })
  const resolve = useAction(resolveIncident, { changes: CHANGES, onDone: () => toast('good', t.attention.done) })
  async function end() {
    const { resolveTitle, resolveBody, resolve: act } = t.attention
    if (await ask({ title: resolveTitle(title), body: resolveBody, act })) resolve.mutate({ params: { id } })
  }
  return (
    <>
      {state === 'open' ? (
        <ActButton
          size="compact-sm"
          variant="default"
          label={`${t.attention.acknowledge}: ${title}`}
          hint={t.attention.acknowledgeHint}
          because={because}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ params: { id } })}
        >
          {t.attention.acknowledge}
        </ActButton>
      ) : (
        <span className={styles.noted}>
          <UserRoundCheck size={14} aria-hidden /> {t.attention.notedBy(acknowledged_by?.name ?? null)}
        </span>
      )}
      <ActButton
        size="compact-sm"
        variant="default"
        label={`${t.attention.resolve}: ${title}`}
        because={because}
        loading={resolve.isPending}
        onClick={() => void end()}
      >
        {t.attention.resolve}
      </ActButton>
    </>
  )
}
