import { Link } from '@tanstack/react-router'
import { getCampaignResults, type CampaignResults as Results } from '../../../src/api/endpoints/campaign-results.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Course } from './course.tsx'
import { CsvLink } from './csv-link.tsx'
import { Links } from './links.tsx'
import { Receivers } from './receivers.tsx'
import styles from './results.module.css'
import { Summary } from './summary.tsx'
import { Classes, Variants } from './tables.tsx'

/** What is counted comes within seconds; people go on reading for days. */
const WHILE_SENDING_MS = 5_000
const LATER_MS = 30_000

/** What came of a campaign: a tab of its page. Live while it is looked at. */
export function CampaignResults({ campaignId }: { campaignId: string }) {
  const id = campaignId as Results['campaign']['id']
  const query = useEndpoint(getCampaignResults, { id }, { everyMs: WHILE_SENDING_MS })
  return <Loadable query={query}>{(results) => <Loaded results={results} />}</Loadable>
}

function Loaded({ results }: { results: Results }) {
  const { campaign, figures, classes, variants } = results
  const isMoving = ['preparing', 'sending'].includes(campaign.state)
  const everyMs = isMoving ? WHILE_SENDING_MS : LATER_MS
  const ended = figures.accepted + figures.bounced + figures.failed + figures.expired + figures.suppressed + figures.cancelled
  if (ended === 0) return <EmptyState title={t.results.nothing} sentence={t.results.nothingSentence} />
  return (
    <div className={styles.stack}>
      <Panel title={t.results.summary} aside={<Aside campaign={campaign} />}>
        <Summary results={results} />
      </Panel>
      {variants.length > 0 && <Variants variants={variants} />}
      <Course campaign={campaign} everyMs={everyMs} />
      <Links campaign={campaign} everyMs={everyMs} />
      <Receivers campaign={campaign} everyMs={everyMs} />
      {classes.length > 0 && <Classes campaign={campaign} classes={classes} />}
    </div>
  )
}

function Aside({ campaign }: { campaign: Results['campaign'] }) {
  return (
    <span className={styles.tools}>
      <Link to="/campaigns/compare" search={{ ids: campaign.id }}>
        {t.results.compare}
      </Link>
      <CsvLink campaign={campaign} table="summary" name={t.results.summary} />
    </span>
  )
}
