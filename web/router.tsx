/** Every page and its address, in one list. Each page is a chunk of its own, fetched when its link is pointed at. */
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { z } from 'zod'
import { getSetup } from '../src/api/endpoints/account.ts'
import { FeedbackSource, FeedbackState } from '../src/api/endpoints/feedback.ts'
import { BoardWindow } from '../src/api/endpoints/receivers.ts'
import { call, Problem } from './api.ts'
import { arrivalSearch, quarantineSearch } from './arrivals/arrival-search.ts'
import { bulkSearch } from './bulk/bulk-search.ts'
import { campaignSearch, campaignsSearch } from './campaigns/campaign-search.ts'
import { CompareSearch } from './campaigns/compare/compare-search.ts'
import { contactSearch } from './contacts/contact-search.ts'
import { deliverySearch } from './deliveries/delivery-search.ts'
import { formSearch } from './forms/form-search.ts'
import { DEFAULT_FOLDER, listSearch } from './inbox/list/list-search.ts'
import { INBOX_TABS } from './inboxes/tabs.ts'
import { meQuery } from './me.ts'
import { Crashed, NotFound } from './shell/crashed.tsx'
import { Shell } from './shell/shell.tsx'
import { taskSearch } from './tasks/task-search.ts'
import { editSearch } from './workflows/edit-search.ts'
import { runSearch } from './workflows/runs/run-search.ts'

interface Context {
  readonly client: QueryClient
}
const text = z.string().max(400).optional().catch(undefined)
const boardSearch = z.object({
  window: BoardWindow.optional().catch(undefined),
  route: z.uuid().optional().catch(undefined),
})
const flag = z.boolean().optional().catch(undefined)

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: CrashedPage,
  notFoundComponent: NowherePage,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: text, ended: flag }),
  component: lazyRouteComponent(() => import('./welcome/sign-in-page.tsx'), 'SignInPage'),
})
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: z.object({ code: text, step: z.enum(['route', 'inbox', 'test']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./welcome/setup-page.tsx'), 'SetupPage'),
})

/** Everything inside the frame is for people who are signed in; a server that was never set up leads there instead. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
      const { needed } = await call(getSetup, {})
      if (needed) throw redirect({ to: '/setup', search: {} })
      throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } })
    }
  },
})

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
})
/** Folders and the list stay where they are while conversations come and go beside them. */
const inboxFrame = createRoute({
  getParentRoute: () => shell,
  id: 'inbox-frame',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./inbox/list/inbox-frame.tsx'), 'InboxFrame'),
})
const inboxIndex = createRoute({
  getParentRoute: () => inboxFrame,
  path: '/inbox',
  beforeLoad: () => {
    throw redirect({ to: '/inbox/$folder', params: { folder: DEFAULT_FOLDER }, search: {}, replace: true })
  },
})
const inboxFolder = createRoute({ getParentRoute: () => inboxFrame, path: '/inbox/$folder' })
const deliveries = createRoute({
  getParentRoute: () => shell,
  path: '/deliveries',
  validateSearch: deliverySearch,
  component: lazyRouteComponent(() => import('./deliveries/activity-page.tsx'), 'ActivityPage'),
})
const bulk = createRoute({
  getParentRoute: () => shell,
  path: '/bulk',
  validateSearch: bulkSearch,
  component: lazyRouteComponent(() => import('./bulk/bulk-page.tsx'), 'BulkPage'),
})
const message = createRoute({
  getParentRoute: () => shell,
  path: '/messages/$id',
  validateSearch: z.object({ delivery: text, tab: z.enum(['content', 'details']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./deliveries/waybill-page.tsx'), 'WaybillPage'),
})
const routes = createRoute({
  getParentRoute: () => shell,
  path: '/routes',
  component: lazyRouteComponent(() => import('./routes/route-list-page.tsx'), 'RouteListPage'),
})
const newRoute = createRoute({
  getParentRoute: () => shell,
  path: '/routes/new',
  component: lazyRouteComponent(() => import('./routes/new-route-page.tsx'), 'NewRoutePage'),
})
const route = createRoute({
  getParentRoute: () => shell,
  path: '/routes/$id',
  component: lazyRouteComponent(() => import('./routes/route-page.tsx'), 'RoutePage'),
})
const rules = createRoute({
  getParentRoute: () => shell,
  path: '/rules',
  component: lazyRouteComponent(() => import('./rules/rules-page.tsx'), 'RulesPage'),
})
const limits = createRoute({
  getParentRoute: () => shell,
  path: '/limits',
  component: lazyRouteComponent(() => import('./limits/limits-page.tsx'), 'LimitsPage'),
})
const domains = createRoute({
  getParentRoute: () => shell,
  path: '/domains',
  component: lazyRouteComponent(() => import('./domains/domain-list-page.tsx'), 'DomainListPage'),
})
const domain = createRoute({
  getParentRoute: () => shell,
  path: '/domains/$id',
  component: lazyRouteComponent(() => import('./domains/domain-page.tsx'), 'DomainPage'),
})
const sandbox = createRoute({
  getParentRoute: () => shell,
  path: '/sandbox',
  validateSearch: z.object({ recipient: text }),
  component: lazyRouteComponent(() => import('./sandbox/sandbox-page.tsx'), 'SandboxPage'),
})
const sandboxIndex = createRoute({ getParentRoute: () => sandbox, path: '/' })
const sandboxMail = createRoute({ getParentRoute: () => sandbox, path: '$id' })
const quarantine = createRoute({
  getParentRoute: () => shell,
  path: '/quarantine',
  validateSearch: quarantineSearch,
  component: lazyRouteComponent(() => import('./arrivals/quarantine-page.tsx'), 'QuarantinePage'),
})
const quarantineIndex = createRoute({ getParentRoute: () => quarantine, path: '/' })
const quarantineMail = createRoute({ getParentRoute: () => quarantine, path: '$id' })
const arrivals = createRoute({
  getParentRoute: () => shell,
  path: '/arrivals',
  validateSearch: arrivalSearch,
  component: lazyRouteComponent(() => import('./arrivals/arrivals-page.tsx'), 'ArrivalsPage'),
})
const arrivalsIndex = createRoute({ getParentRoute: () => arrivals, path: '/' })
const arrival = createRoute({ getParentRoute: () => arrivals, path: '$id' })
const feedback = createRoute({
  getParentRoute: () => shell,
  path: '/feedback',
  validateSearch: z.object({
    state: FeedbackState.optional().catch(undefined),
    source: FeedbackSource.optional().catch(undefined),
    route_id: text,
  }),
  component: lazyRouteComponent(() => import('./feedback/feedback-page.tsx'), 'FeedbackPage'),
})
const feedbackIndex = createRoute({ getParentRoute: () => feedback, path: '/' })
const feedbackPiece = createRoute({ getParentRoute: () => feedback, path: '$id' })
const suppressions = createRoute({
  getParentRoute: () => shell,
  path: '/suppressions',
  validateSearch: z.object({ address: text }),
  component: lazyRouteComponent(() => import('./settings/suppressions-page.tsx'), 'SuppressionsPage'),
})
const replies = createRoute({
  getParentRoute: () => shell,
  path: '/replies',
  component: lazyRouteComponent(() => import('./replies/replies-page.tsx'), 'RepliesPage'),
})
const receivers = createRoute({
  getParentRoute: () => shell,
  path: '/receivers',
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import('./receivers/receivers-page.tsx'), 'ReceiversPage'),
})
const receiver = createRoute({
  getParentRoute: () => shell,
  path: '/receivers/$name',
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import('./receivers/receiver-page.tsx'), 'ReceiverPage'),
})
const canaries = createRoute({
  getParentRoute: () => shell,
  path: '/canaries',
  component: lazyRouteComponent(() => import('./canaries/canaries-page.tsx'), 'CanariesPage'),
})
const reputation = createRoute({
  getParentRoute: () => shell,
  path: '/reputation',
  component: lazyRouteComponent(() => import('./reputation/reputation-page.tsx'), 'ReputationPage'),
})
const developers = createRoute({
  getParentRoute: () => shell,
  path: '/developers',
  validateSearch: z.object({ create: flag }),
  component: lazyRouteComponent(() => import('./settings/developers-page.tsx'), 'DevelopersPage'),
})
const attention = createRoute({
  getParentRoute: () => shell,
  path: '/attention',
  component: lazyRouteComponent(() => import('./attention/attention-page.tsx'), 'AttentionPage'),
})
const webhooks = createRoute({
  getParentRoute: () => shell,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./webhooks/webhook-list-page.tsx'), 'WebhookListPage'),
})
const webhook = createRoute({
  getParentRoute: () => shell,
  path: '/webhooks/$id',
  component: lazyRouteComponent(() => import('./webhooks/webhook-page.tsx'), 'WebhookPage'),
})
const members = createRoute({
  getParentRoute: () => shell,
  path: '/members',
  component: lazyRouteComponent(() => import('./settings/members-page.tsx'), 'MembersPage'),
})
const contacts = createRoute({
  getParentRoute: () => shell,
  path: '/contacts',
  validateSearch: contactSearch,
  component: lazyRouteComponent(() => import('./contacts/contact-list-page.tsx'), 'ContactListPage'),
})
const contactActs = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/acts',
  component: lazyRouteComponent(() => import('./contacts/acts/acts-page.tsx'), 'ActsPage'),
})
const repair = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/repair',
  component: lazyRouteComponent(() => import('./repair/repair-page.tsx'), 'RepairPage'),
})
const contact = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/$id',
  component: lazyRouteComponent(() => import('./contacts/contact-page.tsx'), 'ContactPage'),
})
const lists = createRoute({
  getParentRoute: () => shell,
  path: '/lists',
  component: lazyRouteComponent(() => import('./lists/lists-page.tsx'), 'ListsPage'),
})
const list = createRoute({
  getParentRoute: () => shell,
  path: '/lists/$id',
  component: lazyRouteComponent(() => import('./lists/list-page.tsx'), 'ListPage'),
})
const forms = createRoute({
  getParentRoute: () => shell,
  path: '/forms',
  component: lazyRouteComponent(() => import('./forms/form-list-page.tsx'), 'FormListPage'),
})
const form = createRoute({
  getParentRoute: () => shell,
  path: '/forms/$id',
  validateSearch: formSearch,
  component: lazyRouteComponent(() => import('./forms/form-page.tsx'), 'FormPage'),
})
const segments = createRoute({
  getParentRoute: () => shell,
  path: '/segments',
  component: lazyRouteComponent(() => import('./segments/segment-list-page.tsx'), 'SegmentListPage'),
})
const segmentPage = createRoute({
  getParentRoute: () => shell,
  path: '/segments/$id',
  component: lazyRouteComponent(() => import('./segments/segment-page.tsx'), 'SegmentPage'),
})
const imports = createRoute({
  getParentRoute: () => shell,
  path: '/imports',
  component: lazyRouteComponent(() => import('./imports/import-list-page.tsx'), 'ImportListPage'),
})
const importPage = createRoute({
  getParentRoute: () => shell,
  path: '/imports/$id',
  component: lazyRouteComponent(() => import('./imports/import-page.tsx'), 'ImportPage'),
})
const campaigns = createRoute({
  getParentRoute: () => shell,
  path: '/campaigns',
  validateSearch: campaignsSearch,
  component: lazyRouteComponent(() => import('./campaigns/campaign-list-page.tsx'), 'CampaignListPage'),
})
const campaign = createRoute({
  getParentRoute: () => shell,
  path: '/campaigns/$id',
  validateSearch: campaignSearch,
  component: lazyRouteComponent(() => import('./campaigns/campaign-page.tsx'), 'CampaignPage'),
})
const editCampaign = createRoute({
  getParentRoute: () => shell,
  path: '/campaigns/$id/edit',
  component: lazyRouteComponent(() => import('./campaigns/edit/edit-page.tsx'), 'EditCampaignPage'),
})
const compareCampaigns = createRoute({
  getParentRoute: () => shell,
  path: '/campaigns/compare',
  validateSearch: CompareSearch,
  component: lazyRouteComponent(() => import('./campaigns/compare/compare-page.tsx'), 'ComparePage'),
})
const inboxes = createRoute({
  getParentRoute: () => shell,
  path: '/settings/inboxes',
  component: lazyRouteComponent(() => import('./inboxes/inbox-list-page.tsx'), 'InboxListPage'),
})
const inboxSettings = createRoute({
  getParentRoute: () => shell,
  path: '/settings/inboxes/$id',
  validateSearch: z.object({ tab: z.enum(INBOX_TABS).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./inboxes/inbox-page.tsx'), 'InboxPage'),
})
const teams = createRoute({
  getParentRoute: () => shell,
  path: '/settings/teams',
  component: lazyRouteComponent(() => import('./teams/teams-page.tsx'), 'TeamsPage'),
})
const deskSettings = createRoute({
  getParentRoute: () => shell,
  path: '/settings/fields',
  component: lazyRouteComponent(() => import('./desk-settings/desk-settings-page.tsx'), 'DeskSettingsPage'),
})
const sources = createRoute({
  getParentRoute: () => shell,
  path: '/settings/sources',
  component: lazyRouteComponent(() => import('./sources/sources-page.tsx'), 'SourcesPage'),
})
const sourceConnected = createRoute({
  getParentRoute: () => shell,
  path: '/settings/sources/connected',
  component: lazyRouteComponent(() => import('./sources/connected-page.tsx'), 'ConnectedPage'),
})
const collisions = createRoute({
  getParentRoute: () => shell,
  path: '/settings/collisions',
  component: lazyRouteComponent(() => import('./collisions/collisions-page.tsx'), 'CollisionsPage'),
})
const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./settings/account-page.tsx'), 'AccountPage'),
})
const notificationSettings = createRoute({
  getParentRoute: () => shell,
  path: '/settings/notifications',
  component: lazyRouteComponent(() => import('./notifications/settings-page.tsx'), 'NotificationSettingsPage'),
})

const newConversation = createRoute({
  getParentRoute: () => shell,
  path: '/conversations/new',
  validateSearch: z.object({
    draft: z.uuid().optional().catch(undefined),
    from: z.int().optional().catch(undefined),
    item: z.uuid().optional().catch(undefined),
    to: text,
  }),
  component: lazyRouteComponent(() => import('./inbox/conversation/new-conversation-page.tsx'), 'NewConversationPage'),
})
const conversation = createRoute({
  getParentRoute: () => inboxFrame,
  path: '/conversations/$number',
  component: lazyRouteComponent(() => import('./inbox/conversation/conversation-page.tsx'), 'ConversationPage'),
})
const savedReplies = createRoute({
  getParentRoute: () => shell,
  path: '/settings/saved-replies',
  component: lazyRouteComponent(() => import('./saved-replies/saved-replies-page.tsx'), 'SavedRepliesPage'),
})

const templates = createRoute({
  getParentRoute: () => shell,
  path: '/templates',
  validateSearch: z.object({ tab: z.enum(['images']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./templates/template-list-page.tsx'), 'TemplateListPage'),
})
const template = createRoute({
  getParentRoute: () => shell,
  path: '/templates/$id',
  component: lazyRouteComponent(() => import('./templates/template-page.tsx'), 'TemplatePage'),
})

const workflows = createRoute({
  getParentRoute: () => shell,
  path: '/workflows',
  component: lazyRouteComponent(() => import('./workflows/workflow-list-page.tsx'), 'WorkflowListPage'),
})
const workflow = createRoute({
  getParentRoute: () => shell,
  path: '/workflows/$id',
  validateSearch: editSearch,
  component: lazyRouteComponent(() => import('./workflows/edit-page.tsx'), 'EditWorkflowPage'),
})

const workflowJobs = createRoute({
  getParentRoute: () => shell,
  path: '/workflows/$id/jobs',
  component: lazyRouteComponent(() => import('./workflows/jobs/jobs-page.tsx'), 'WorkflowJobsPage'),
})

const runs = createRoute({
  getParentRoute: () => shell,
  path: '/runs',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('./workflows/runs/run-list-page.tsx'), 'RunListPage'),
})
const run = createRoute({
  getParentRoute: () => shell,
  path: '/runs/$id',
  component: lazyRouteComponent(() => import('./workflows/runs/run-page.tsx'), 'RunPage'),
})

const tasks = createRoute({
  getParentRoute: () => shell,
  path: '/tasks',
  validateSearch: taskSearch,
  component: lazyRouteComponent(() => import('./tasks/task-list-page.tsx'), 'TaskListPage'),
})
const task = createRoute({
  getParentRoute: () => shell,
  path: '/tasks/$id',
  component: lazyRouteComponent(() => import('./tasks/task-page.tsx'), 'TaskPage'),
})

const calendars = createRoute({
  getParentRoute: () => shell,
  path: '/settings/working-hours',
  component: lazyRouteComponent(() => import('./calendars/calendars-page.tsx'), 'CalendarsPage'),
})

const secrets = createRoute({
  getParentRoute: () => shell,
  path: '/settings/secrets',
  component: lazyRouteComponent(() => import('./secrets/secrets-page.tsx'), 'SecretsPage'),
})

const tree = root.addChildren([
  signIn,
  setup,
  shell.addChildren([
    overview,
    inboxFrame.addChildren([inboxIndex, inboxFolder, conversation]),
    attention,
    workflows,
    workflow,
    workflowJobs,
    runs,
    run,
    tasks,
    task,
    calendars,
    secrets,
    webhooks,
    webhook,
    deliveries,
    bulk,
    message,
    routes,
    newRoute,
    route,
    rules,
    limits,
    domains,
    domain,
    sandbox.addChildren([sandboxIndex, sandboxMail]),
    quarantine.addChildren([quarantineIndex, quarantineMail]),
    arrivals.addChildren([arrivalsIndex, arrival]),
    feedback.addChildren([feedbackIndex, feedbackPiece]),
    suppressions,
    replies,
    receivers,
    receiver,
    canaries,
    reputation,
    developers,
    members,
    templates,
    template,
    contacts,
    contactActs,
    repair,
    contact,
    lists,
    list,
    segments,
    segmentPage,
    forms,
    form,
    imports,
    campaigns,
    campaign,
    editCampaign,
    compareCampaigns,
    importPage,
    newConversation,
    savedReplies,
    inboxes,
    inboxSettings,
    teams,
    deskSettings,
    sources,
    sourceConnected,
    collisions,
    account,
    notificationSettings,
  ]),
])

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: CrashedPage,
    defaultNotFoundComponent: NotFound,
  })
}

/** Outside the frame, where nothing else is the page's main part. */
function NowherePage() {
  return (
    <main>
      <NotFound />
    </main>
  )
}

function CrashedPage({ error }: ErrorComponentProps) {
  return <Crashed error={error instanceof Error ? error : new Error(String(error))} />
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
