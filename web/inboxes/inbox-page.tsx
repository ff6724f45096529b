import { Tabs } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { getInbox, type Inbox } from '../../src/api/endpoints/inboxes.ts'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { listAgents, listTeams } from '../../src/api/endpoints/teams.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { AddressesSection } from './addresses-section.tsx'
import { AnsweringSection } from './answering-section.tsx'
import { AutomaticSection } from './automatic-section.tsx'
import { FedBy } from './fed-by.tsx'
import { GeneralSection } from './general-section.tsx'
import { IgnoreSection } from './ignore-section.tsx'
import { InboxActs } from './inbox-acts.tsx'
import { InboxState } from './inbox-list-page.tsx'
import styles from './inboxes.module.css'
import { NoMatchToday } from './no-match-today.tsx'
import { PeopleSection } from './people-section.tsx'
import { SendingSection } from './sending-section.tsx'
import { storyOf } from './story.ts'
import { INBOX_TABS, type InboxTab } from './tabs.ts'

const route = getRouteApi('/shell/settings/inboxes/$id')

export function InboxPage() {
  const id = route.useParams().id as Id<'inbox'>
  const { tab = 'general' } = route.useSearch()
  const navigate = useNavigate()
  const query = useEndpoint(getInbox, { id })
  const go = (next: string | null) => {
    const known = INBOX_TABS.find((name) => name === next)
    if (known)
      void navigate({
        to: '/settings/inboxes/$id',
        params: { id },
        search: known === 'general' ? {} : { tab: known },
        replace: true,
      })
  }
  return (
    <Page
      title={query.data?.name ?? t.inboxes.title}
      lead={query.data?.address}
      shape="narrow"
      acts={query.data && <InboxActs inbox={query.data} />}
    >
      <Loadable query={query}>
        {(inbox) => (
          <div className={styles.sections}>
            {inbox.problems.map(({ code, sentence, hint }) => (
              <Note key={`${code} ${sentence}`} tone="care" hint={hint}>
                {sentence}
              </Note>
            ))}
            <Story inbox={inbox} />
            <Tabs value={tab} onChange={go} keepMounted={false}>
              <Tabs.List aria-label={t.inboxes.settingsOf(inbox.name)}>
                {INBOX_TABS.map((name) => (
                  <Tabs.Tab key={name} value={name}>
                    {t.inboxes.tabs[name]}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              {INBOX_TABS.map((name) => (
                <Tabs.Panel key={name} value={name} className={styles.tab ?? ''}>
                  <Section tab={name} inbox={inbox} />
                </Tabs.Panel>
              ))}
            </Tabs>
          </div>
        )}
      </Loadable>
    </Page>
  )
}

function Story({ inbox }: { inbox: Inbox }) {
  const agents = useEndpoint(listAgents, {}).data?.items ?? []
  const teams = useEndpoint(listTeams, {}).data?.items ?? []
  const routes = useEndpoint(listRoutes, {}).data?.items ?? []
  return (
    <Panel title={t.inboxes.whatHappens} aside={<InboxState inbox={inbox} />}>
      <p className={styles.story}>{storyOf(inbox, { agents, teams, routes })}</p>
      <FedBy inbox={inbox} />
      <NoMatchToday inbox={inbox} />
    </Panel>
  )
}

function Section({ tab, inbox }: { tab: InboxTab; inbox: Inbox }) {
  switch (tab) {
    case 'general':
      return <GeneralSection inbox={inbox} />
    case 'addresses':
      return <AddressesSection inbox={inbox} />
    case 'sending':
      return <SendingSection inbox={inbox} />
    case 'answering':
      return <AnsweringSection inbox={inbox} />
    case 'automatic':
      return <AutomaticSection inbox={inbox} />
    case 'ignored':
      return <IgnoreSection inbox={inbox} />
    case 'people':
      return <PeopleSection inbox={inbox} />
  }
}
