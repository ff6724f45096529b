import { CircleCheck, CircleHelp, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import { getReputation, type ReputationChange, type ReputationFinding } from '../../src/api/endpoints/reputation.ts'
import { NobodySuppressed } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago } from '../ui/time.tsx'
import type { Tone } from '../ui/tone.ts'
import styles from './reputation-page.module.css'

const LOOKS: Readonly<Record<ReputationFinding['state'], { tone: Tone; icon: LucideIcon }>> = {
  good: { tone: 'good', icon: CircleCheck },
  warning: { tone: 'care', icon: TriangleAlert },
  bad: { tone: 'bad', icon: CircleX },
  unknown: { tone: 'doubt', icon: CircleHelp },
}

export function ReputationPage() {
  const query = useEndpoint(getReputation, {})
  return (
    <Page title={t.reputation.title} lead={t.reputation.lead}>
      <Loadable query={query}>
        {({ items, changes }) =>
          items.length === 0 ? (
            <EmptyState picture={<NobodySuppressed />} title={t.reputation.emptyTitle} sentence={t.reputation.empty} />
          ) : (
            <div className={styles.stack}>
              <Findings items={items} />
              <History changes={changes} />
            </div>
          )
        }
      </Loadable>
    </Page>
  )
}

function Findings({ items }: { items: readonly ReputationFinding[] }) {
  const names = t.reputation.columns
  return (
    <Panel title={t.reputation.label} aside={t.reputation.fine(items.filter(({ state }) => state === 'good').length)} flush>
      <div className={styles.flush}>
        <Rows
          label={t.reputation.label}
          rows={items}
          keyOf={({ subject_kind, subject, check }) => `${subject_kind} ${subject} ${check}`}
          columns={[
            { key: 'state', header: names.state, cell: ({ state }) => <State state={state} /> },
            { key: 'subject', header: names.subject, cell: (finding) => <Subject of={finding} /> },
            { key: 'check', header: names.check, cell: ({ check_name }) => check_name },
            { key: 'says', header: names.says, cell: (finding) => <Says finding={finding} /> },
            {
              key: 'checked',
              header: names.checked,
              end: true,
              cell: ({ checked_at }) => (
                <span className={styles.quiet}>
                  <Ago at={checked_at} short />
                </span>
              ),
            },
          ]}
        />
      </div>
    </Panel>
  )
}

function State({ state }: { state: ReputationFinding['state'] }) {
  const { tone, icon } = LOOKS[state]
  return <Badge tone={tone} icon={icon} label={t.reputation.states[state]} />
}

function Subject({ of: { subject_kind, subject_name } }: { of: Pick<ReputationFinding, 'subject_kind' | 'subject_name'> }) {
  return (
    <span className={styles.subject}>
      <span className={styles.name}>{subject_name}</span>
      <span className={styles.quiet}>{t.reputation.kinds[subject_kind]}</span>
    </span>
  )
}

function Says({ finding: { sentence, hint, since, state } }: { finding: ReputationFinding }) {
  return (
    <span className={styles.says}>
      <span>{sentence}</span>
      {hint && <span className={styles.hint}>{hint}</span>}
      {state !== 'good' && (
        <span className={styles.quiet}>
          {t.reputation.since} <Ago at={since} />
        </span>
      )}
    </span>
  )
}

function History({ changes }: { changes: readonly ReputationChange[] }) {
  return (
    <Panel title={t.reputation.history}>
      {changes.length === 0 ? (
        <p className={styles.quiet}>{t.reputation.noHistory}</p>
      ) : (
        <ul className={styles.history}>
          {changes.map((change) => (
            <li key={`${change.at.toISOString()} ${change.subject} ${change.check_name}`}>
              <State state={change.state} />
              <span>{change.sentence}</span>
              <span className={styles.quiet}>
                <Ago at={change.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
