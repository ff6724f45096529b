import { Tabs } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { type CampaignProgress, getCampaign } from '../../src/api/endpoints/campaigns.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { CampaignActs } from './acts.tsx'
import { CAMPAIGN_TABS, type CampaignTab } from './campaign-search.ts'
import styles from './campaigns.module.css'
import { CampaignContent } from './content.tsx'
import { Overview } from './overview.tsx'
import { Recipients } from './recipients.tsx'
import { CampaignResults } from './results/results.tsx'
import { CampaignBadge } from './state-badge.tsx'
import { Why } from './why.tsx'

const route = getRouteApi('/shell/campaigns/$id')
/** Nobody tells of the people who are looked at one after the other, of a rate, or of a limit that ends: while it moves it is asked for. */
const AGAIN_MS = 2_000
const MOVING = ['preparing', 'sending']

/** One campaign: where its people are now, who they are, what it says. */
export function CampaignPage() {
  const id = route.useParams().id as Id<'campaign'>
  const query = useEndpoint(getCampaign, { id })
  const isMoving = query.data !== undefined && MOVING.includes(query.data.campaign.state)
  useEndpoint(getCampaign, { id }, { everyMs: AGAIN_MS, enabled: isMoving })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  return (
    <Page
      title={query.data?.campaign.name ?? t.campaigns.title}
      shape="filled"
      lead={query.data && <Lead of={query.data} />}
      acts={query.data && <CampaignActs of={{ ...query.data, ...query.data.campaign }} />}
    >
      <Loadable query={query}>{(progress) => <CampaignTabs of={progress} />}</Loadable>
    </Page>
  )
}

function Lead({ of: { campaign, waiting_on } }: { of: CampaignProgress }) {
  return (
    <span className={styles.status}>
      <CampaignBadge campaign={campaign} />
      <span role="status">
        <Why of={{ ...campaign, waiting_on }} />
      </span>
    </span>
  )
}

function CampaignTabs({ of }: { of: CampaignProgress }) {
  const navigate = useNavigate()
  const { tab = 'overview' } = route.useSearch()
  const { id, name } = of.campaign
  const show = (next: string | null) => {
    const known = CAMPAIGN_TABS.find((each) => each === next)
    if (known)
      void navigate({
        to: '/campaigns/$id',
        params: { id },
        search: known === 'overview' ? {} : { tab: known },
        replace: true,
      })
  }
  return (
    <Tabs value={tab} onChange={show} keepMounted={false} className={styles.tabs ?? ''}>
      <Tabs.List aria-label={t.campaigns.tabsLabel(name)}>
        {CAMPAIGN_TABS.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {t.campaigns.tabs[each]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {CAMPAIGN_TABS.map((each) => (
        <Tabs.Panel key={each} value={each} className={styles.tab ?? ''}>
          <Panel tab={each} of={of} />
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

function Panel({ tab, of }: { tab: CampaignTab; of: CampaignProgress }) {
  switch (tab) {
    case 'overview':
      return (
        <div className={styles.scrolls}>
          <Overview of={of} />
        </div>
      )
    case 'recipients':
      return <Recipients of={of} />
    case 'results':
      return (
        <div className={styles.scrolls}>
          <CampaignResults campaignId={of.campaign.id} />
        </div>
      )
    case 'content':
      return (
        <div className={styles.scrolls}>
          <CampaignContent campaign={of.campaign} />
        </div>
      )
  }
}
