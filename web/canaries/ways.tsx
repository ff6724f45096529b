import { Link } from '@tanstack/react-router'
import { Check, CircleDashed, Clock3, type LucideIcon, MailQuestion, ShieldAlert, TriangleAlert, X } from 'lucide-react'
import type { Canary, CanaryCondition, CanaryRun, CanaryWay } from '../../src/api/endpoints/canaries.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { clockOrDay, milliseconds } from '../ui/format.ts'
import { Rows } from '../ui/rows.tsx'
import { Ago, useNow } from '../ui/time.tsx'
import { type Tone, toned } from '../ui/tone.ts'
import styles from './canaries.module.css'

const LOOKS: Readonly<Record<CanaryCondition, { tone: Tone; icon: LucideIcon }>> = {
  new: { tone: 'wait', icon: Clock3 },
  arriving: { tone: 'good', icon: Check },
  late: { tone: 'care', icon: Clock3 },
  missing: { tone: 'bad', icon: X },
  spam: { tone: 'care', icon: TriangleAlert },
  unauthenticated: { tone: 'care', icon: ShieldAlert },
}

/** Each run as a sign: its shape tells the state, its colour only repeats it. */
const SIGNS: Readonly<Record<CanaryRun['state'] | 'junk', { tone: Tone; icon: LucideIcon }>> = {
  sent: { tone: 'wait', icon: CircleDashed },
  arrived: { tone: 'good', icon: Check },
  junk: { tone: 'care', icon: TriangleAlert },
  missing: { tone: 'bad', icon: X },
  unread: { tone: 'doubt', icon: MailQuestion },
}

/** How a canary fares through each of its routes. */
export function Ways({ canary }: { canary: Canary }) {
  const names = t.canaries.columns
  return (
    <div className={styles.flush}>
      <Rows
        label={t.canaries.waysLabel(canary.name)}
        rows={canary.ways}
        keyOf={({ route }) => route.id}
        columns={[
          { key: 'route', header: names.route, cell: ({ route }) => route.name ?? t.board.removedRoute },
          { key: 'condition', header: names.condition, cell: ({ condition }) => <Condition condition={condition} /> },
          { key: 'runs', header: names.runs, cell: (way) => <Runs way={way} /> },
          { key: 'latest', header: names.latest, cell: ({ runs }) => <Latest run={runs[0]} /> },
          {
            key: 'results',
            header: names.results,
            cell: ({ runs }) => <Results run={runs.find(({ results }) => results !== null)} />,
          },
        ]}
      />
    </div>
  )
}

function Condition({ condition }: { condition: CanaryCondition }) {
  const { tone, icon } = LOOKS[condition]
  return <Badge tone={tone} icon={icon} label={t.canaries.conditions[condition]} />
}

function Runs({ way: { runs } }: { way: CanaryWay }) {
  const now = useNow()
  const arrived = runs.filter(({ state }) => state === 'arrived').length
  return (
    <span className={styles.runs} role="img" aria-label={t.canaries.runsLabel(runs.length, arrived)}>
      {[...runs].reverse().map((run) => {
        const { tone, icon: Icon } = SIGNS[run.folder === 'junk' ? 'junk' : run.state]
        return (
          <span
            key={run.id}
            className={styles.sign}
            title={t.canaries.run(t.canaries.runStates[run.state], clockOrDay(run.sent_at, now))}
            {...toned(tone)}
          >
            <Icon size={12} aria-hidden />
          </span>
        )
      })}
    </span>
  )
}

function Latest({ run }: { run: CanaryRun | undefined }) {
  if (!run) return <span className={styles.quiet}>–</span>
  return (
    <span className={styles.latest}>
      <span>
        <Link to="/messages/$id" params={{ id: run.message_id }}>
          {t.canaries.runStates[run.state]}
        </Link>{' '}
        {run.took_ms !== null && t.canaries.took(milliseconds(run.took_ms))} {run.folder === 'junk' && t.canaries.inSpam}
      </span>
      <span className={styles.quiet}>
        <Ago at={run.sent_at} />
        {run.reason && ` · ${run.reason}`}
      </span>
    </span>
  )
}

function Results({ run }: { run: CanaryRun | undefined }) {
  const results = run?.results
  if (!results) return <span className={styles.quiet}>{t.canaries.silent}</span>
  const said = (['spf', 'dkim', 'dmarc'] as const).map((method) => [method.toUpperCase(), results[method]] as const)
  return (
    <span className={styles.results} title={results.server}>
      {said.map(([name, result]) => (
        <span key={name} {...toned(result === 'pass' ? 'good' : result === null ? 'calm' : 'bad')} className={styles.result}>
          {name} {result ?? '–'}
        </span>
      ))}
      {results.tls !== null && (
        <span {...toned(results.tls ? 'good' : 'care')} className={styles.result}>
          {results.tls ? t.canaries.encrypted : t.canaries.plain}
        </span>
      )}
    </span>
  )
}
