import {
  Archive,
  AtSign,
  Bell,
  Bird,
  CalendarClock,
  ChartColumn,
  Code,
  Contact,
  Ear,
  FileUp,
  Footprints,
  Gauge,
  Globe,
  Hourglass,
  Inbox,
  KeyRound,
  LayoutTemplate,
  ListChecks,
  ListFilter,
  ListTodo,
  type LucideIcon,
  MailCheck,
  MailPlus,
  Megaphone,
  MessageCircleQuestionMark,
  PackageOpen,
  Route as RouteIcon,
  Send,
  ShieldBan,
  Split,
  Stamp,
  Tags,
  TextCursorInput,
  TextQuote,
  Users,
  UsersRound,
  Webhook,
  Workflow,
} from 'lucide-react'
import type { Permission } from '../../src/accounts/actor.ts'
import type { Texts } from '../texts/texts.ts'

/** As somebody thinks of them who comes for the first time: what needs me, the people and what they are sent, the mail, the ways it takes, whether it arrives, and set-up. */
export const GROUPS = ['start', 'audience', 'mail', 'ways', 'arrival', 'settings'] as const
export type PageGroup = (typeof GROUPS)[number]

export interface PageEntry {
  readonly to:
    | '/inbox'
    | '/'
    | '/attention'
    | '/deliveries'
    | '/sandbox'
    | '/feedback'
    | '/replies'
    | '/suppressions'
    | '/routes'
    | '/rules'
    | '/limits'
    | '/domains'
    | '/receivers'
    | '/canaries'
    | '/reputation'
    | '/developers'
    | '/webhooks'
    | '/members'
    | '/campaigns'
    | '/templates'
    | '/contacts'
    | '/lists'
    | '/segments'
    | '/forms'
    | '/imports'
    | '/workflows'
    | '/runs'
    | '/tasks'
    | '/quarantine'
    | '/arrivals'
    | '/settings/inboxes'
    | '/settings/sources'
    | '/settings/saved-replies'
    | '/settings/teams'
    | '/settings/fields'
    | '/settings/working-hours'
    | '/settings/secrets'
    | '/settings/collisions'
  readonly name: keyof Texts['shell']['pages']
  readonly icon: LucideIcon
  /** After `g`. */
  readonly key: string
  readonly permission: Permission
  readonly group: PageGroup
}

/** Every page of the navigation, in its order: navigation, command palette and `g` keys read this one list. */
export const PAGES: readonly PageEntry[] = [
  { to: '/inbox', name: 'inbox', icon: Inbox, key: 'i', permission: 'conversations.read', group: 'start' },
  { to: '/', name: 'overview', icon: Gauge, key: 'o', permission: 'delivery.read', group: 'start' },
  { to: '/attention', name: 'attention', icon: Bell, key: 'a', permission: 'delivery.read', group: 'start' },
  { to: '/tasks', name: 'tasks', icon: ListTodo, key: 'K', permission: 'conversations.read', group: 'start' },
  { to: '/campaigns', name: 'campaigns', icon: Megaphone, key: 'C', permission: 'conversations.read', group: 'audience' },
  { to: '/templates', name: 'templates', icon: LayoutTemplate, key: 'T', permission: 'conversations.read', group: 'audience' },
  { to: '/contacts', name: 'contacts', icon: Contact, key: 'e', permission: 'conversations.read', group: 'audience' },
  { to: '/lists', name: 'lists', icon: ListChecks, key: 'L', permission: 'conversations.read', group: 'audience' },
  { to: '/segments', name: 'segments', icon: ListFilter, key: 'S', permission: 'conversations.read', group: 'audience' },
  { to: '/forms', name: 'forms', icon: TextCursorInput, key: 'F', permission: 'conversations.read', group: 'audience' },
  { to: '/workflows', name: 'workflows', icon: Workflow, key: 'W', permission: 'workflows.manage', group: 'audience' },
  { to: '/runs', name: 'runs', icon: Footprints, key: 'R', permission: 'workflows.manage', group: 'audience' },
  { to: '/imports', name: 'imports', icon: FileUp, key: 'I', permission: 'audience.manage', group: 'audience' },
  { to: '/deliveries', name: 'deliveries', icon: Send, key: 'd', permission: 'delivery.read', group: 'mail' },
  { to: '/quarantine', name: 'quarantine', icon: Archive, key: 'Q', permission: 'conversations.read', group: 'mail' },
  { to: '/arrivals', name: 'arrivals', icon: MailCheck, key: 'A', permission: 'conversations.read', group: 'mail' },
  { to: '/sandbox', name: 'sandbox', icon: PackageOpen, key: 'b', permission: 'delivery.read', group: 'mail' },
  { to: '/feedback', name: 'feedback', icon: Ear, key: 'f', permission: 'delivery.read', group: 'mail' },
  { to: '/replies', name: 'replies', icon: MessageCircleQuestionMark, key: 'u', permission: 'delivery.read', group: 'mail' },
  { to: '/suppressions', name: 'suppressions', icon: ShieldBan, key: 's', permission: 'delivery.read', group: 'mail' },
  { to: '/routes', name: 'routes', icon: RouteIcon, key: 'r', permission: 'routes.read', group: 'ways' },
  { to: '/rules', name: 'rules', icon: Split, key: 'w', permission: 'routes.read', group: 'ways' },
  { to: '/limits', name: 'limits', icon: Hourglass, key: 'l', permission: 'routes.read', group: 'ways' },
  { to: '/domains', name: 'domains', icon: Globe, key: 'n', permission: 'routes.read', group: 'ways' },
  { to: '/receivers', name: 'receivers', icon: ChartColumn, key: 'v', permission: 'delivery.read', group: 'arrival' },
  { to: '/canaries', name: 'canaries', icon: Bird, key: 'c', permission: 'routes.read', group: 'arrival' },
  { to: '/reputation', name: 'reputation', icon: Stamp, key: 'p', permission: 'routes.read', group: 'arrival' },
  { to: '/settings/inboxes', name: 'inboxes', icon: Inbox, key: 'x', permission: 'inboxes.manage', group: 'settings' },
  { to: '/settings/sources', name: 'sources', icon: MailPlus, key: 'q', permission: 'inboxes.manage', group: 'settings' },
  {
    to: '/settings/saved-replies',
    name: 'savedReplies',
    icon: TextQuote,
    key: 'y',
    permission: 'conversations.read',
    group: 'settings',
  },
  { to: '/settings/teams', name: 'teams', icon: UsersRound, key: 't', permission: 'inboxes.manage', group: 'settings' },
  { to: '/settings/fields', name: 'deskSettings', icon: Tags, key: 'j', permission: 'inboxes.manage', group: 'settings' },
  {
    to: '/settings/working-hours',
    name: 'workingHours',
    icon: CalendarClock,
    key: 'H',
    permission: 'workflows.manage',
    group: 'settings',
  },
  { to: '/settings/secrets', name: 'secrets', icon: KeyRound, key: 'V', permission: 'workflows.manage', group: 'settings' },
  { to: '/settings/collisions', name: 'collisions', icon: AtSign, key: 'z', permission: 'inboxes.manage', group: 'settings' },
  { to: '/developers', name: 'developers', icon: Code, key: 'k', permission: 'keys.manage', group: 'settings' },
  { to: '/webhooks', name: 'webhooks', icon: Webhook, key: 'h', permission: 'webhooks.manage', group: 'settings' },
  { to: '/members', name: 'members', icon: Users, key: 'm', permission: 'members.manage', group: 'settings' },
]
