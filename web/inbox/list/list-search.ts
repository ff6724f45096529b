/** Where one is among the conversations, as the URL says it: a folder, an inbox, and whatever is filtered besides. */
import { z } from 'zod'
import { CHANNELS, CONVERSATION_STATUSES, PRIORITIES } from '../../../src/helpdesk/conversation.ts'
import { type ConversationFilter, SORTS, type Sort } from '../../../src/helpdesk/list/filter.ts'

const id = z.uuid().optional().catch(undefined)

export const listSearch = z.object({
  /** Beside an open conversation, where the path has no room for it. */
  folder: z.string().max(60).optional().catch(undefined),
  inbox: id,
  q: z.string().max(500).optional().catch(undefined),
  assignee: z
    .union([z.enum(['me', 'none']), z.uuid()])
    .optional()
    .catch(undefined),
  team: z
    .union([z.literal('none'), z.uuid()])
    .optional()
    .catch(undefined),
  tag: z.string().max(50).optional().catch(undefined),
  priority: z.enum(PRIORITIES).optional().catch(undefined),
  status: z.enum(CONVERSATION_STATUSES).optional().catch(undefined),
  label: id,
  channel: z.enum(CHANNELS).optional().catch(undefined),
  contact: id,
  files: z.boolean().optional().catch(undefined),
  waiting: z.boolean().optional().catch(undefined),
  unread: z.boolean().optional().catch(undefined),
  /** A custom field, and what stands in it: in the type that the field has. */
  field: id,
  is: z
    .union([z.string().max(1_000), z.number(), z.boolean()])
    .optional()
    .catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
})
export type ListSearch = z.output<typeof listSearch>

/** Folders that everybody has, in their order. */
export const FOLDERS = [
  'unassigned',
  'mine',
  'open',
  'pending',
  'snoozed',
  'drafts',
  'starred',
  'followed',
  'closed',
  'spam',
  'deleted',
  'all',
] as const
export type Folder = (typeof FOLDERS)[number]
export const DEFAULT_FOLDER: Folder = 'open'

const FILTERS: Readonly<Record<Folder, ConversationFilter>> = {
  unassigned: { status: ['open'], assignee: 'none', snoozed: false },
  mine: { status: ['open'], assignee: 'me', snoozed: false },
  open: { status: ['open'], snoozed: false },
  pending: { status: ['pending'], snoozed: false },
  snoozed: { snoozed: true },
  drafts: { drafts: true },
  starred: { starred: true },
  followed: { followed: true },
  closed: { status: ['closed'] },
  spam: { status: ['spam'] },
  deleted: { deleted: true },
  all: {},
}

export type Place =
  | { readonly kind: 'folder'; readonly folder: Folder }
  | { readonly kind: 'team'; readonly id: string }
  | { readonly kind: 'view'; readonly id: string }
  | { readonly kind: 'search' }

/** A path of long ago, or a folder that is not there any more, is the first one. */
export function placeOf(folder: string | undefined): Place {
  const [, kind, id] = /^(team|view)-([0-9a-f-]{36})$/.exec(folder ?? '') ?? []
  if ((kind === 'team' || kind === 'view') && id !== undefined) return { kind, id }
  if (folder === 'search') return { kind: 'search' }
  return { kind: 'folder', folder: FOLDERS.find((each) => each === folder) ?? DEFAULT_FOLDER }
}

export function pathOf(place: Place): string {
  switch (place.kind) {
    case 'folder':
      return place.folder
    case 'search':
      return 'search'
    case 'team':
    case 'view':
      return `${place.kind}-${place.id}`
  }
}

/** What the list is asked, without the page. Of a saved view the server knows the filter. */
export function questionOf(place: Place, search: ListSearch) {
  const base: ConversationFilter =
    place.kind === 'folder'
      ? FILTERS[place.folder]
      : place.kind === 'team'
        ? { status: ['open'], team: place.id as never, snoozed: false }
        : {}
  return {
    ...base,
    ...(place.kind === 'view' && { view: place.id }),
    ...filtersIn(search),
    ...sortOf(place, search),
  }
}

/** The filters that stand beside the folder. */
export function filtersIn(search: ListSearch): ConversationFilter {
  const { inbox, assignee, team, tag, priority, status, label, channel, contact, files, waiting, unread, field, is } = search
  return {
    ...(inbox && { inbox }),
    ...(assignee && { assignee }),
    ...(team && { team }),
    ...(tag && { tag: [tag] }),
    ...(priority && { priority: [priority] }),
    ...(status && { status: [status] }),
    ...(label && { label }),
    ...(channel && { channel }),
    ...(contact && { contact }),
    ...(files && { has_files: true }),
    ...(waiting && { waiting: true }),
    ...(unread && { unread: true }),
    ...(field && is !== undefined && is !== '' && { fields: { [field]: is } }),
  } as ConversationFilter
}

function sortOf(place: Place, { sort }: ListSearch): { sort?: Sort } {
  if (sort) return { sort }
  return place.kind === 'folder' && place.folder === 'snoozed' ? { sort: 'wakes' } : {}
}

/** The whole question as a view keeps it. */
export function asView(place: Place, search: ListSearch): { readonly filter: ConversationFilter; readonly sort: Sort } {
  const { sort = 'latest', view: _, ...filter } = questionOf(place, search) as ReturnType<typeof questionOf> & { view?: string }
  return { filter, sort }
}

export const FILTER_KEYS = [
  'assignee',
  'team',
  'tag',
  'priority',
  'status',
  'label',
  'channel',
  'contact',
  'files',
  'waiting',
  'unread',
  'field',
  'is',
] as const

export function isFiltered(search: ListSearch): boolean {
  return FILTER_KEYS.some((key) => search[key] !== undefined)
}

/** Without what is not said: such a URL is short. */
export function cleaned(search: ListSearch): ListSearch {
  return Object.fromEntries(
    // That a field says no is something to look for.
    Object.entries(search).filter(([key, value]) => value !== undefined && value !== '' && (value !== false || key === 'is')),
  ) as ListSearch
}
