import { getRouteApi, Link } from '@tanstack/react-router'
import { Stethoscope } from 'lucide-react'
import { checkDomain, type DomainDetail, getDomain, listDomains } from '../../src/api/endpoints/domains.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago, When } from '../ui/time.tsx'
import { DomainActs } from './domain-acts.tsx'
import styles from './domain-page.module.css'
import { DomainReport } from './domain-report.tsx'
import { DomainBadge, subjectName } from './domain-state.tsx'
import { Records } from './records.tsx'

const api = getRouteApi('/shell/domains/$id')

export function DomainPage() {
  const { id } = api.useParams()
  const query = useEndpoint(getDomain, { id: id as Id<'domain'> })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  const domain = query.data
  return (
    <Page
      title={domain?.name ?? t.domains.title}
      lead={
        domain && (
          <span className={styles.title}>
            <DomainBadge state={domain.state} />
            <span>
              {t.domains.since} <When at={domain.state_since} />
            </span>
            {domain.checked_at && (
              <span className={styles.quiet}>
                {t.domains.checked} <Ago at={domain.checked_at} />
              </span>
            )}
          </span>
        )
      }
      acts={domain && <DomainActs domain={domain} />}
    >
      <Loadable query={query}>{(loaded) => <Detail key={loaded.id} domain={loaded} />}</Loadable>
    </Page>
  )
}

const NOTES = { pending: 'wait', verified: 'good', warning: 'care', lapsed: 'bad' } as const

function Detail({ domain }: { domain: DomainDetail }) {
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <Note tone={NOTES[domain.state]}>{t.domains.stateSentence[domain.state]}</Note>
        {domain.state !== 'verified' && domain.campaigns.length > 0 && <Concerned campaigns={domain.campaigns} />}
        <Panel title={t.domains.records} flush>
          <Records records={domain.records} />
        </Panel>
      </div>
      <div className={styles.stack}>
        <Doctor domain={domain} />
        <Keys domain={domain} />
        <History domain={domain} />
      </div>
    </div>
  )
}

/** What is to leave from it all the same. */
function Concerned({ campaigns }: Pick<DomainDetail, 'campaigns'>) {
  return (
    <Note tone="care" hint={t.domains.campaignsHint}>
      {t.domains.campaigns}{' '}
      {campaigns.map(({ id, name, state }, i) => (
        <span key={id}>
          {i > 0 && ', '}
          <Link to="/campaigns/$id" params={{ id }}>
            {name}
          </Link>{' '}
          ({t.campaigns.states[state]})
        </span>
      ))}
    </Note>
  )
}

function Doctor({ domain }: { domain: DomainDetail }) {
  const me = useMe()
  const check = useAction(checkDomain, { changes: [getDomain, listDomains] })
  return (
    <Panel title={t.domains.doctor}>
      <div className={styles.stack}>
        {!check.data && <p className={styles.quiet}>{check.isPending ? t.domains.checking : t.domains.doctorLead}</p>}
        <ActButton
          variant={check.data ? 'default' : 'light'}
          leftSection={<Stethoscope size={15} aria-hidden />}
          because={whyNot(me, 'routes.manage')}
          loading={check.isPending}
          onClick={() => check.mutate({ params: { id: domain.id } })}
        >
          {t.domains.check}
        </ActButton>
        <div aria-live="polite">{check.data && !check.isPending && <DomainReport report={check.data.report} />}</div>
      </div>
    </Panel>
  )
}

function Keys({ domain }: { domain: DomainDetail }) {
  return (
    <Panel title={t.domains.keys} flush>
      <Rows
        label={t.domains.keyLabel}
        rows={domain.keys}
        keyOf={({ selector }) => selector}
        columns={[
          { key: 'selector', header: t.domains.keySelector, cell: ({ selector }) => <code>{selector}</code> },
          { key: 'kind', header: t.domains.keyKind, cell: ({ algorithm }) => t.domains.kinds[algorithm] },
          { key: 'state', header: t.domains.keyState, cell: ({ state }) => t.domains.keyStates[state] },
          { key: 'since', header: t.domains.keySince, end: true, cell: ({ since }) => <Ago at={since} /> },
        ]}
      />
    </Panel>
  )
}

function History({ domain: { history } }: { domain: DomainDetail }) {
  return (
    <Panel title={t.domains.history}>
      {history.length === 0 ? (
        <p className={styles.quiet}>{t.domains.historyEmpty}</p>
      ) : (
        <ol className={styles.history}>
          {history.map((change) => (
            <li key={`${change.at.getTime()} ${change.subject}`}>
              <span className={styles.quiet}>
                <When at={change.at} />
              </span>
              <span>
                {t.domains.historyLine(subjectName(change.subject), t.domains.statuses[change.status])}
                <span className={styles.why}> {change.sentence}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
