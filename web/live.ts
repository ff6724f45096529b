/**
 * What changes on the server changes on the page: server-sent events say what, queries ask again. Never more than one question a second for
 * the same thing. When the line is down the page says so and asks now and then by itself; when it is back, everything is asked anew.
 */
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { Endpoint } from '../src/api/endpoint.ts'
import { countArrivals, countQuarantine, getArrival, listArrivals } from '../src/api/endpoints/arrivals.ts'
import { getBulkAct, listBulkActs } from '../src/api/endpoints/bulk-acts.ts'
import { listCampaignRecipients } from '../src/api/endpoints/campaign-recipients.ts'
import { getCampaign, listCampaigns } from '../src/api/endpoints/campaigns.ts'
import { listCollisions } from '../src/api/endpoints/collisions.ts'
import { getContact, listContacts, timelineOfContact } from '../src/api/endpoints/contacts.ts'
import { countConversations, listConversations } from '../src/api/endpoints/conversation-lists.ts'
import { getConversation } from '../src/api/endpoints/conversations.ts'
import { listDeliveries } from '../src/api/endpoints/deliveries.ts'
import { getDomain, listDomains } from '../src/api/endpoints/domains.ts'
import { getRouteFeedback, listFeedback } from '../src/api/endpoints/feedback.ts'
import { getForm, listFormSubmissions, listForms } from '../src/api/endpoints/forms.ts'
import { listIgnoreRules } from '../src/api/endpoints/ignore-rules.ts'
import { getImport, listImports } from '../src/api/endpoints/imports.ts'
import { getInbox, getInboxAccess, listInboxes } from '../src/api/endpoints/inboxes.ts'
import { listIncidents } from '../src/api/endpoints/incidents.ts'
import { listApiKeys } from '../src/api/endpoints/keys.ts'
import { listContactFields, listLists } from '../src/api/endpoints/lists.ts'
import { Changed, live } from '../src/api/endpoints/live.ts'
import { listMembers } from '../src/api/endpoints/members.ts'
import { getMessage } from '../src/api/endpoints/messages.ts'
import { countNotifications, listNotifications } from '../src/api/endpoints/notifications.ts'
import { getQueues } from '../src/api/endpoints/overview.ts'
import { getConversationPresence, listPresence } from '../src/api/endpoints/presence.ts'
import { getRoute, listRoutes } from '../src/api/endpoints/routes.ts'
import { listLimits, listRules, listWarmUps, previewRouting } from '../src/api/endpoints/routing.ts'
import { listSandboxMails } from '../src/api/endpoints/sandbox.ts'
import { listViews } from '../src/api/endpoints/saved-views.ts'
import { getSegment, listSegments } from '../src/api/endpoints/segments.ts'
import { listHeldEvidence, listSuppressions } from '../src/api/endpoints/suppressions.ts'
import { listAgents, listTeams } from '../src/api/endpoints/teams.ts'
import { getTemplate, listTemplates } from '../src/api/endpoints/templates.ts'
import { getConversationChoices } from '../src/api/endpoints/triage.ts'
import { listCustomFields, listStatusLabels, listTags } from '../src/api/endpoints/triage-settings.ts'
import { getWebhook, listWebhooks } from '../src/api/endpoints/webhooks.ts'
import { listWorkflowJobs } from '../src/api/endpoints/workflow-jobs.ts'
import { getConversationAutomations, getWorkflowRun, listWorkflowRuns } from '../src/api/endpoints/workflow-runs.ts'
import { getWorkflowTask, listWorkflowTasks } from '../src/api/endpoints/workflow-tasks.ts'
import { countWorkflow, getWorkflow, listWorkflows, listWorkflowVersions } from '../src/api/endpoints/workflows.ts'
import { shownNumberOf } from './inbox/conversation/open-conversations.ts'
import { keyOf } from './query.ts'

const ONCE_MS = 1_000
/** A restart of the server or a sleeping laptop is not worth a word before this. */
const GRACE_MS = 4_000
const SILENCE_MS = 45_000
const POLL_MS = 20_000
const MAX_BACKOFF_MS = 30_000
/** A list scrolled further than this is not asked again page by page: it says that there is news. */
const MAX_LIVE_PAGES = 3

interface State {
  readonly isStale: boolean
  /** Lists with news that are not refreshed by themselves. */
  readonly news: ReadonlySet<string>
}

let state: State = { isStale: false, news: new Set() }
const listeners = new Set<() => void>()

function set(change: Partial<State>): void {
  state = { ...state, ...change }
  for (const listener of listeners) listener()
}

export function useLive(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}

/** Begins the list anew, with what is newest. */
export function showNews(client: QueryClient, path: string): void {
  set({ news: new Set([...state.news].filter((each) => each !== path)) })
  void client.resetQueries({ queryKey: [path] })
}

/** Listens until the returned function is called. */
export function goLive(client: QueryClient): () => void {
  let source: EventSource | null = null
  let backoffMs = 1_000
  let wasDown = false
  const timers = new Map<string, number>()
  const asked = createAsker((key) => refresh(client, key))
  // Told several times a second while thousands of mails leave.
  const anew = createAsker(() => void client.invalidateQueries())
  const everything = () => anew([])

  function later(name: string, ms: number, run: () => void): void {
    window.clearTimeout(timers.get(name))
    timers.set(name, window.setTimeout(run, ms))
  }
  function never(name: string): void {
    window.clearTimeout(timers.get(name))
  }

  function open(): void {
    source?.close()
    source = new EventSource(live.path)
    source.onopen = () => {
      pulse()
      backoffMs = 1_000
      for (const name of ['grace', 'poll']) never(name)
      if (wasDown) void client.invalidateQueries()
      wasDown = false
      set({ isStale: false })
    }
    source.onerror = () => {
      if (!wasDown) later('grace', GRACE_MS, declareStale)
      wasDown = true
      // The browser tries again by itself after a lost connection, but not after an answer that was no stream.
      if (source?.readyState === EventSource.CLOSED) {
        later('reopen', backoffMs * (0.5 + Math.random()), open)
        backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2)
      }
    }
    source.addEventListener('heartbeat', pulse)
    source.addEventListener('changed', (event) => {
      pulse()
      const changed = Changed.safeParse(JSON.parse(event.data))
      if (changed.success) for (const key of keysOf(changed.data)) asked(key)
    })
    source.addEventListener('missed', everything)
  }
  function declareStale(): void {
    set({ isStale: true })
    poll()
  }
  /** The server says something at least every 15 seconds: a line without a pulse is dead, whatever the socket says. */
  function pulse(): void {
    later('silence', SILENCE_MS, () => {
      wasDown = true
      declareStale()
      open()
    })
  }
  function onOffline(): void {
    wasDown = true
    declareStale()
  }
  function poll(): void {
    later('poll', POLL_MS, () => {
      void client.invalidateQueries()
      poll()
    })
  }

  open()
  // The system often knows sooner than the socket: a laptop that wakes up, a network that changed.
  window.addEventListener('offline', onOffline)
  window.addEventListener('online', open)
  return () => {
    window.removeEventListener('offline', onOffline)
    window.removeEventListener('online', open)
    source?.close()
    for (const timer of timers.values()) window.clearTimeout(timer)
    set({ isStale: false, news: new Set() })
  }
}

/** What is told later, by whoever took the mail. */
const HEARD: ReadonlySet<string> = new Set([
  'delivery.delivered',
  'delivery.bounced',
  'delivery.complained',
  'delivery.delayed',
  'delivery.relayed',
])

const BELL = [keyOf(countNotifications), keyOf(listNotifications)]

/** What is sent moves them; only the pages that are looked at are asked for again. */
const CAMPAIGNS = [keyOf(getCampaign), keyOf(listCampaigns), keyOf(listCampaignRecipients)]

const RUNS = [keyOf(listWorkflowRuns), keyOf(getWorkflowRun), keyOf(countWorkflow), keyOf(getConversationAutomations)]

/** Somebody else published, turned on or off, or removed one: whoever draws on it is to see that. Each letter of theirs is not. */
const WORKFLOW_TURNS: ReadonlySet<string> = new Set([
  'workflow.created',
  'workflow.published',
  'workflow.enabled',
  'workflow.disabled',
  'workflow.removed',
])
const TURNED = [keyOf(getWorkflow), keyOf(listWorkflowVersions), keyOf(listWorkflowJobs)]

const CONVERSATIONS = [keyOf(listConversations), keyOf(countConversations), keyOf(listViews)]

/** Which answers a change makes old. */
function keysOf({ type, message_id, subject_id }: Changed): readonly (readonly unknown[])[] {
  const [noun] = type.split('.')
  switch (noun) {
    case 'message':
    case 'delivery':
      return [
        ...CAMPAIGNS,
        ...(message_id ? [keyOf(getMessage, { id: message_id })] : []),
        ...shownConversation(message_id),
        keyOf(listDeliveries),
        keyOf(getQueues),
        keyOf(listRoutes),
        ...(type === 'delivery.sent' ? [keyOf(listSandboxMails)] : []),
        ...(HEARD.has(type) ? [keyOf(listFeedback), keyOf(getRouteFeedback)] : []),
      ]
    case 'route':
      return [
        keyOf(listRoutes),
        ...(subject_id ? [keyOf(getRoute, { id: subject_id })] : []),
        keyOf(getQueues),
        keyOf(getMessage),
        keyOf(previewRouting),
        ...(type.startsWith('route.warm_up') ? [keyOf(listWarmUps)] : []),
      ]
    case 'rule':
      return [keyOf(listRules), keyOf(previewRouting)]
    case 'pace':
      return [keyOf(listLimits), keyOf(previewRouting)]
    case 'bulk_act':
      return [keyOf(listBulkActs), keyOf(getBulkAct)]
    case 'domain':
      // What was removed is asked for no more.
      return [keyOf(listDomains), ...(subject_id && type !== 'domain.removed' ? [keyOf(getDomain, { id: subject_id })] : [])]
    case 'suppression':
      return [keyOf(listSuppressions), keyOf(listHeldEvidence)]
    case 'incident':
      return [keyOf(listIncidents), keyOf(getQueues)]
    case 'webhook':
      return [keyOf(listWebhooks), ...(subject_id ? [keyOf(getWebhook, { id: subject_id })] : [])]
    case 'campaign':
      return CAMPAIGNS
    case 'workflow':
      return [
        ...RUNS,
        ...(WORKFLOW_TURNS.has(type) ? TURNED : []),
        keyOf(listWorkflows),
        keyOf(listWorkflowTasks),
        keyOf(getWorkflowTask),
      ]
    case 'conversation':
      return [
        ...(type === 'conversation.notified' ? BELL : []),
        ...CONVERSATIONS,
        ...shownConversation(subject_id),
        keyOf(getConversationChoices),
      ]
    case 'inbound':
      return [
        keyOf(listArrivals),
        keyOf(countArrivals),
        keyOf(countQuarantine),
        ...(subject_id ? [keyOf(getArrival, { id: subject_id })] : []),
        keyOf(listIgnoreRules),
      ]
    case 'ignore_rule':
      return [keyOf(listIgnoreRules)]
    case 'tag':
    case 'custom_field':
    case 'status_label':
      return [keyOf(listTags), keyOf(listCustomFields), keyOf(listStatusLabels), keyOf(getConversationChoices)]
    case 'inbox':
      return [keyOf(countConversations), keyOf(listInboxes), keyOf(getInbox), keyOf(getInboxAccess), keyOf(listCollisions)]
    case 'team':
      return [keyOf(countConversations), keyOf(listTeams), keyOf(listAgents)]
    case 'contact':
      return [keyOf(listContacts), keyOf(getContact), keyOf(timelineOfContact)]
    case 'list':
    case 'contact_field':
      return [keyOf(listLists), keyOf(listContactFields)]
    case 'segment':
      return [keyOf(listSegments), ...unlessRemoved(type, getSegment)]
    case 'template':
      return [keyOf(listTemplates), ...unlessRemoved(type, getTemplate)]
    case 'form':
      return [keyOf(listForms), ...unlessRemoved(type, getForm, listFormSubmissions)]
    case 'import':
      return [keyOf(listImports), keyOf(getImport), keyOf(listLists), keyOf(listContacts)]
    case 'notification':
      return BELL
    case 'presence':
      return [keyOf(listPresence), ...(subject_id ? [keyOf(getConversationPresence, { id: subject_id })] : [])]
    case 'member':
      return [keyOf(listMembers), keyOf(listAgents)]
    case 'api_key':
      return [keyOf(listApiKeys)]
    default:
      return []
  }
}

/** What was removed is asked for no more. */
function unlessRemoved(type: string, ...endpoints: readonly Endpoint[]): readonly (readonly unknown[])[] {
  return type.endsWith('.removed') ? [] : endpoints.map((endpoint) => keyOf(endpoint))
}

/** The page of the conversation that this is about, if there is one. */
function shownConversation(id: string | null): readonly (readonly unknown[])[] {
  const number = shownNumberOf(id)
  return number === null ? [] : [keyOf(getConversation, { id: number })]
}

/** Asks at once the first time, then at most once a second for the same key, and always once more after the last change. */
function createAsker(refreshes: (key: readonly unknown[]) => void): (key: readonly unknown[]) => void {
  const resting = new Map<string, { again: boolean }>()
  return function ask(key) {
    const name = JSON.stringify(key)
    const rest = resting.get(name)
    if (rest) {
      rest.again = true
      return
    }
    refreshes(key)
    const mine = { again: false }
    resting.set(name, mine)
    window.setTimeout(() => {
      resting.delete(name)
      if (mine.again) ask(key)
    }, ONCE_MS)
  }
}

function refresh(client: QueryClient, key: readonly unknown[]): void {
  const far = client.getQueryCache().findAll({ queryKey: key, type: 'active' }).filter(hasManyPages)
  if (far.length > 0) {
    set({ news: new Set([...state.news, String(key[0])]) })
    return
  }
  void client.invalidateQueries({ queryKey: key })
}

function hasManyPages(query: { state: { data: unknown } }): boolean {
  const pages = (query.state.data as InfiniteData<unknown> | undefined)?.pages
  return Array.isArray(pages) && pages.length > MAX_LIVE_PAGES
}
