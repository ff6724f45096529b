import { Link } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import type { ReactNode } from 'react'
import { exportCampaignRecipients } from '../../src/api/endpoints/campaign-recipients.ts'
import type { CampaignProgress } from '../../src/api/endpoints/campaigns.ts'
import { MANY_DEFERRED } from '../../src/campaigns/campaign.ts'
import { hrefOf } from '../api.ts'
import { amountOf } from '../limits/pace-words.ts'
import { t } from '../texts/texts.ts'
import { clockOrDay, number } from '../ui/format.ts'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { useNow, When } from '../ui/time.tsx'
import styles from './campaigns.module.css'
import { PublicPanel } from './extra/public-panel.tsx'
import { TestOfVersions } from './extra/test-of-versions.tsx'
import { FlowBar, FlowLegend } from './flow-bar.tsx'
import { hadIt, partsOf } from './look.ts'
import { rateOf } from './rate-words.ts'
import { Scheduled } from './why.tsx'

/** Where everybody is now, how fast it goes, and who was left out. */
export function Overview({ of }: { of: CampaignProgress }) {
  const { campaign } = of
  const told = campaign.question ?? (campaign.state === 'paused' || campaign.state === 'cancelled' ? campaign.reason : null)
  return (
    <div className={styles.stack}>
      {told && (
        <Note tone={campaign.state === 'cancelled' ? 'calm' : 'care'} hint={told.hint}>
          {told.sentence}
        </Note>
      )}
      {of.domain_fault && (
        <Note tone="care" hint={of.domain_fault.hint}>
          {of.domain_fault.sentence}
        </Note>
      )}
      <Panel title={t.campaigns.where}>
        {of.candidates === 0 ? <p className={styles.quiet}>{t.campaigns.nobodyYet}</p> : <Flow of={of} />}
        <Figures of={of} />
      </Panel>
      <TestOfVersions campaign={campaign} />
      {of.candidates > 0 && <LeftOut of={of} />}
      <PublicPanel campaign={campaign} />
    </div>
  )
}

function Flow({ of }: { of: CampaignProgress }) {
  const { id } = of.campaign
  const parts = partsOf({ ...of, excluded: of.excluded.reduce((sum, { n }) => sum + n, 0) })
  return (
    <>
      <FlowBar parts={parts} />
      <div className={styles.sum}>
        <b>{t.campaigns.sum(of.candidates)}</b>
        <span>
          <Link to="/campaigns/$id" params={{ id }} search={{ tab: 'recipients', state: 'sent,delivered' }}>
            {t.campaigns.whoHadIt}
          </Link>
          {' · '}
          <a href={hrefOf(exportCampaignRecipients, { id })} download>
            <Download size={13} aria-hidden /> {t.campaigns.export}
          </a>
        </span>
      </div>
      <FlowLegend id={id} parts={parts} />
      {of.deferred >= MANY_DEFERRED && <p className={styles.quiet}>{t.campaigns.manyDeferred(number(MANY_DEFERRED))}</p>}
    </>
  )
}

function Figures({ of }: { of: CampaignProgress }) {
  const now = useNow()
  const { campaign, allowed, ends_at: endsAt, ends_by: endsBy } = of
  const says = t.campaigns
  const isUnderWay = campaign.state === 'sending' || campaign.state === 'paused'
  const facts: readonly (readonly [string, ReactNode, ReactNode?])[] = [
    [says.facts.sent, of.candidates > 0 && says.sentOf(number(hadIt(of.deliveries)), number(of.candidates - campaign.excluded))],
    [says.facts.rate, campaign.state === 'sending' && (of.rate_per_hour === null ? says.noRate : rateOf(of.rate_per_hour))],
    [
      says.facts.allowed,
      isUnderWay && (allowed ? amountOf(allowed) : says.anyPace),
      isUnderWay && allowed && says.limits[allowed.scope],
    ],
    [says.facts.ends, endsAt && clockOrDay(endsAt, now), endsAt && endsBy && says.endsBy[endsBy]],
    [
      says.facts.scheduled,
      campaign.state === 'scheduled' && campaign.scheduled_at && (
        <Scheduled at={campaign.scheduled_at} zone={campaign.time_zone} />
      ),
    ],
    [says.facts.started, campaign.started_at && <When at={campaign.started_at} />],
    [says.facts.finished, campaign.finished_at && <When at={campaign.finished_at} />],
    [says.facts.pace, !isUnderWay && campaign.pace && amountOf(campaign.pace)],
    [says.facts.replied, of.replied.people > 0 && number(of.replied.people)],
  ]
  return (
    <dl className={styles.figures}>
      {facts
        .filter(([, value]) => value !== false && value !== null && value !== '')
        .map(([name, value, more]) => (
          <div key={name} className={styles.figure}>
            <dt>{name}</dt>
            <dd>
              {value}
              {more && <small>{more}</small>}
            </dd>
          </div>
        ))}
    </dl>
  )
}

function LeftOut({ of: { campaign, excluded } }: { of: CampaignProgress }) {
  return (
    <Panel title={t.campaigns.leftOut}>
      {excluded.length === 0 ? (
        <p className={styles.quiet}>{t.campaigns.leftOutNone}</p>
      ) : (
        <ul className={styles.reasons}>
          {excluded.map(({ reason, n }) => (
            <li key={reason}>
              <span className={styles.n}>{number(n)}</span>
              <Link to="/campaigns/$id" params={{ id: campaign.id }} search={{ tab: 'recipients', excluded: reason }}>
                {t.campaigns.exclusions[reason]}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
