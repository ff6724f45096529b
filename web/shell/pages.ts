import {
  Bell,
  Bird,
  ChartColumn,
  Code,
  Ear,
  Gauge,
  Globe,
  type LucideIcon,
  MessageCircleQuestionMark,
  PackageOpen,
  Route as RouteIcon,
  Send,
  ShieldBan,
  Split,
  Stamp,
  Users,
  Webhook,
} from 'lucide-react'
import type { Permission } from '../../src/accounts/actor.ts'
import type { Texts } from '../texts/texts.ts'

export interface PageEntry {
  readonly to:
    | '/'
    | '/attention'
    | '/webhooks'
    | '/deliveries'
    | '/routes'
    | '/rules'
    | '/domains'
    | '/sandbox'
    | '/feedback'
    | '/suppressions'
    | '/replies'
    | '/receivers'
    | '/canaries'
    | '/reputation'
    | '/members'
    | '/developers'
  readonly name: keyof Texts['shell']['pages']
  readonly icon: LucideIcon
  /** After `g`. */
  readonly key: string
  readonly permission: Permission
  readonly group: 'work' | 'settings'
}

/** Every page of the navigation, in its order: navigation, command palette and `g` keys read this one list. */
export const PAGES: readonly PageEntry[] = [
  { to: '/', name: 'overview', icon: Gauge, key: 'o', permission: 'delivery.read', group: 'work' },
  { to: '/attention', name: 'attention', icon: Bell, key: 'a', permission: 'delivery.read', group: 'work' },
  { to: '/deliveries', name: 'deliveries', icon: Send, key: 'd', permission: 'delivery.read', group: 'work' },
  { to: '/routes', name: 'routes', icon: RouteIcon, key: 'r', permission: 'routes.read', group: 'work' },
  { to: '/rules', name: 'rules', icon: Split, key: 'w', permission: 'routes.read', group: 'work' },
  { to: '/domains', name: 'domains', icon: Globe, key: 'n', permission: 'routes.read', group: 'work' },
  { to: '/receivers', name: 'receivers', icon: ChartColumn, key: 'v', permission: 'delivery.read', group: 'work' },
  { to: '/canaries', name: 'canaries', icon: Bird, key: 'c', permission: 'routes.read', group: 'work' },
  { to: '/reputation', name: 'reputation', icon: Stamp, key: 'p', permission: 'routes.read', group: 'work' },
  { to: '/sandbox', name: 'sandbox', icon: PackageOpen, key: 'b', permission: 'delivery.read', group: 'work' },
  { to: '/feedback', name: 'feedback', icon: Ear, key: 'f', permission: 'delivery.read', group: 'work' },
  { to: '/suppressions', name: 'suppressions', icon: ShieldBan, key: 's', permission: 'delivery.read', group: 'work' },
  { to: '/replies', name: 'replies', icon: MessageCircleQuestionMark, key: 'u', permission: 'delivery.read', group: 'work' },
  { to: '/developers', name: 'developers', icon: Code, key: 'k', permission: 'keys.manage', group: 'settings' },
  { to: '/webhooks', name: 'webhooks', icon: Webhook, key: 'h', permission: 'webhooks.manage', group: 'settings' },
  { to: '/members', name: 'members', icon: Users, key: 'm', permission: 'members.manage', group: 'settings' },
]
