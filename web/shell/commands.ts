import { useMantineColorScheme } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import {
  BookOpen,
  Hash,
  KeyRound,
  ListChecks,
  type LucideIcon,
  Mail,
  Moon,
  PackageOpen,
  Plus,
  Rows3,
  Rows4,
  Search,
  Send,
  ShieldBan,
  Sun,
  User,
} from 'lucide-react'
import { useMe } from '../me.ts'
import { t } from '../texts/texts.ts'
import { prefer, usePreferences } from '../ui/preferences.ts'
import { PAGES } from './pages.ts'

export interface Command {
  readonly id: string
  readonly group: string
  readonly name: string
  /** What people may look for it by, besides its name. */
  readonly alias?: string
  readonly icon: LucideIcon
  readonly keys?: string
  readonly run: () => void
}

const ADDRESS = /^\S+@\S+$/
/** A message id on its own, in a link, or in the Message-ID that we give: they hold the same UUID. */
const MESSAGE_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i

/** What fits the words that were typed; what was found comes before where one may go. */
export function useCommands(query: string): readonly Command[] {
  const found = useFound(query.trim())
  const standing = useStanding()
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const fitting = standing.filter(({ name, group, alias = '' }) =>
    words.every((word) => `${name} ${group} ${alias}`.toLowerCase().includes(word)),
  )
  return [...found, ...fitting, ...useConversationSearch(query.trim())]
}

function useFound(query: string): readonly Command[] {
  const navigate = useNavigate()
  const me = useMe()
  const group = t.palette.found
  const conversations = me.permissions.includes('conversations.read') ? conversationsFor(query) : []
  const messageId = MESSAGE_ID.exec(query)?.[0].toLowerCase()
  if (messageId) {
    const run = () => void navigate({ to: '/messages/$id', params: { id: messageId } })
    return [{ id: 'message', group, name: `${t.palette.message} ${messageId}`, icon: Mail, run }]
  }
  if (!ADDRESS.test(query)) return conversations
  return [
    ...conversations,
    {
      id: 'deliveries-to',
      group,
      name: t.palette.deliveriesTo(query),
      icon: Send,
      run: () => void navigate({ to: '/deliveries', search: { recipient: query } }),
    },
    {
      id: 'suppressed',
      group,
      name: t.palette.isSuppressed(query),
      icon: ShieldBan,
      run: () => void navigate({ to: '/suppressions', search: { address: query } }),
    },
    {
      id: 'sandbox-to',
      group,
      name: t.palette.sandboxTo(query),
      icon: PackageOpen,
      run: () => void navigate({ to: '/sandbox', search: { recipient: query } }),
    },
  ]

  /** `#4711` is a conversation. */
  function conversationsFor(text: string): readonly Command[] {
    const [, digits] = /^#?(\d{1,12})$/.exec(text) ?? []
    const number = digits && {
      id: 'conversation',
      group,
      name: t.palette.conversation(digits),
      icon: Hash,
      run: () => void navigate({ to: '/conversations/$number', params: { number: digits }, search: {} }),
    }
    return number ? [number] : []
  }
}

/** Behind everything else: whatever was typed may stand in a conversation. */
function useConversationSearch(query: string): readonly Command[] {
  const navigate = useNavigate()
  const me = useMe()
  if (query.length < 2 || !me.permissions.includes('conversations.read')) return []
  const run = () => void navigate({ to: '/inbox/$folder', params: { folder: 'search' }, search: { q: query } })
  return [
    { id: 'search-conversations', group: t.palette.everywhere, name: t.palette.searchConversations(query), icon: Search, run },
  ]
}

function useStanding(): readonly Command[] {
  const navigate = useNavigate()
  const me = useMe()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { density } = usePreferences()
  const may = (permission: (typeof me.permissions)[number]) => me.permissions.includes(permission)
  const isDark = colorScheme === 'dark'
  const isCompact = density === 'compact'
  return [
    ...PAGES.filter((page) => may(page.permission)).map((page) => ({
      id: page.to,
      group: t.palette.pages,
      name: t.shell.pages[page.name],
      alias: t.palette.aliases[page.name] ?? '',
      icon: page.icon,
      keys: `g ${page.key}`,
      run: () => void navigate({ to: page.to }),
    })),
    {
      id: 'account',
      group: t.palette.pages,
      name: t.shell.pages.account,
      icon: User,
      run: () => void navigate({ to: '/account' }),
    },
    { id: 'docs', group: t.palette.pages, name: t.palette.apiDocs, icon: BookOpen, run: () => window.location.assign('/docs') },
    ...(may('delivery.manage')
      ? [{ id: 'many', group: t.palette.acts, name: t.palette.many, icon: ListChecks, run: () => void navigate({ to: '/bulk' }) }]
      : []),
    ...(may('routes.manage')
      ? [
          {
            id: 'new-route',
            group: t.palette.acts,
            name: t.palette.newRoute,
            icon: Plus,
            run: () => void navigate({ to: '/routes/new' }),
          },
        ]
      : []),
    ...(may('keys.manage')
      ? [
          {
            id: 'new-key',
            group: t.palette.acts,
            name: t.palette.newKey,
            icon: KeyRound,
            run: () => void navigate({ to: '/developers', search: { create: true } }),
          },
        ]
      : []),
    {
      id: 'theme',
      group: t.palette.acts,
      name: isDark ? t.palette.toLight : t.palette.toDark,
      icon: isDark ? Sun : Moon,
      run: () => setColorScheme(isDark ? 'light' : 'dark'),
    },
    {
      id: 'density',
      group: t.palette.acts,
      name: isCompact ? t.palette.toComfortable : t.palette.toCompact,
      icon: isCompact ? Rows3 : Rows4,
      run: () => prefer({ density: isCompact ? 'comfortable' : 'compact' }),
    },
  ]
}
