/** What people ask of their lists: every folder, filter, order, count and operator, first pages and pages deep inside. */
import type { Actor } from '../src/accounts/actor.ts'
import { listContacts, searchContacts } from '../src/contacts/contacts.ts'
import type { Db, Tx } from '../src/db/database.ts'
import { mayEnter, reachOf } from '../src/helpdesk/access/reach.ts'
import { listInboxes } from '../src/helpdesk/inboxes.ts'
import { readCounts } from '../src/helpdesk/list/counts.ts'
import type { ConversationFilter, Sort } from '../src/helpdesk/list/filter.ts'
import { listConversations } from '../src/helpdesk/list/list.ts'
import { searchConversations } from '../src/helpdesk/search/search.ts'
import { parseSearch } from '../src/helpdesk/search/search-query.ts'
import { listTeams } from '../src/helpdesk/teams/teams.ts'
import { listFields, listLabels } from '../src/helpdesk/triage/settings.ts'
import { countViews } from '../src/helpdesk/views/views.ts'
import type { ContactId } from '../src/lib/ids.ts'

export interface Ask {
  readonly name: string
  /** How many it found. */
  run(tx: Tx, now: Date): Promise<number>
}

const PAGE = 50
/** So many pages in: five thousand conversations further down. */
const DEEP = 100

export async function everyAsk(tx: Tx, actor: Actor, now: Date): Promise<Ask[]> {
  const list = (name: string, filter: ConversationFilter, sort: Sort = 'latest', after: string | null = null): Ask => ({
    name,
    run: async (inTx) => (await listConversations(inTx, actor, { filter, sort, after, limit: PAGE })).items.length,
  })
  const search = (text: string): Ask => ({
    name: `search ${text}`,
    run: async (inTx, at) =>
      (await searchConversations(inTx, actor, { query: parseSearch(text), after: null, limit: PAGE }, at)).items.length,
  })
  const deep = async (name: string, filter: ConversationFilter, sort: Sort) =>
    list(name, filter, sort, await cursorAt(tx, actor, filter, sort))
  const person = await someone(tx, actor, false)
  const machine = await someone(tx, actor, true)
  return [
    ...lists(list, await surroundingsOf(tx, actor), person, machine),
    await deep('latest, deep', {}, 'latest'),
    await deep('closed, deep', { status: ['closed'] }, 'latest'),
    await deep('newest, deep', {}, 'newest'),
    await deep('tag shipping, deep', { tag: ['shipping'] }, 'latest'),
    await deep('has_files, deep', { has_files: true }, 'latest'),
    { name: 'counts', run: async (inTx) => (await readCounts(inTx, actor)).all.open },
    { name: 'views', run: async (inTx) => (await countViews(inTx, actor)).length },
    ...SEARCHES.map(search),
    search(`from:${person.address}`),
    search(`to:${person.address}`),
    search(person.address),
    { name: 'contacts', run: async (inTx) => (await listContacts(inTx, actor.workspaceId, { after: null, limit: PAGE })).length },
    ...['anna', 'müller', 'alder works', 'mail.example', 'an', 'zielińska', person.address].map((text) => ({
      name: `contacts ${text}`,
      run: async (inTx: Tx) => (await searchContacts(inTx, actor.workspaceId, text)).length,
    })),
    search(
      `after:${new Date(now.getTime() - 400 * 86_400_000).toISOString().slice(0, 10)} before:${new Date(now.getTime() - 380 * 86_400_000).toISOString().slice(0, 10)} tent`,
    ),
  ]
}

/** Words that nearly every letter has, that some have, that one has, that none has; every operator, alone and with others. */
const SEARCHES = [
  ...[
    'order',
    'tent',
    'hello order',
    'zip',
    'glacier',
    'gasket',
    'E-8214',
    'NL-482913',
    '"spare gasket"',
    'xylophone',
    'Müller',
    'bestellung',
    '注文',
    'посылка',
    'طلب',
    'ör',
  ],
  ...['order -tent', 'refund tent crampons', 'tent glacier', 'whistles Osaka', 'kilimanjaro tent', 'adapter OR', 'the', 'a'],
  ...[
    'from:anna',
    'from:müller',
    'from:nobody@nowhere.example',
    'to:support',
    'to:legal@northlight.example',
    'from:anna tent',
    'from:keiko glacier',
  ],
  ...[
    'tag:refund',
    'tag:"legal hold"',
    'tag:"school order"',
    'tag:refund tent',
    'tag:"legal hold" tent',
    'tag:nothing',
    'tag:refund tag:press',
  ],
  ...[
    'is:open',
    'is:pending',
    'is:closed',
    'is:spam',
    'is:snoozed',
    'is:waiting',
    'is:unassigned',
    'is:mine',
    'is:unread',
    'is:starred',
    'is:followed',
    'is:deleted',
  ],
  ...[
    'is:open tent',
    'is:spam glacier',
    'is:deleted tent',
    'is:starred tent',
    'is:open is:mine is:waiting',
    'is:unassigned gasket',
    'is:mine tent',
  ],
  ...['has:attachment', 'has:note', 'has:attachment tent', 'has:note glacier', 'has:note has:attachment is:open'],
  ...[
    'in:support',
    'in:legal',
    'in:wholesale glacier',
    'in:press-and-legal order',
    'assignee:me',
    'assignee:none',
    'assignee:agent3 tent',
    'number:4711',
    '#990000',
  ],
  ...[
    'before:2025',
    'before:2025 tent',
    'after:7d',
    'after:7d tent',
    'before:30d after:40d',
    'before:2025-06 tag:refund',
    'before:2025 glacier from:anna',
  ],
]

type Lister = (name: string, filter: ConversationFilter, sort?: Sort) => Ask

interface Known {
  readonly inboxes: readonly { readonly id: NonNullable<ConversationFilter['inbox']>; readonly name: string }[]
  readonly teams: readonly { readonly id: Exclude<NonNullable<ConversationFilter['team']>, 'none'>; readonly name: string }[]
  readonly labels: readonly { readonly id: NonNullable<ConversationFilter['label']>; readonly name: string }[]
  readonly fields: readonly { readonly id: string; readonly name: string }[]
}

async function surroundingsOf(tx: Tx, actor: Actor): Promise<Known> {
  const { workspaceId } = actor
  const reach = await reachOf(tx, actor)
  return {
    inboxes: (await listInboxes(tx, workspaceId)).filter(({ id }) => mayEnter(reach, id)),
    teams: await listTeams(tx, workspaceId),
    labels: await listLabels(tx, workspaceId),
    fields: await listFields(tx, workspaceId),
  }
}

function lists(list: Lister, { inboxes, teams, labels, fields }: Known, person: Someone, machine: Someone): Ask[] {
  const open: ConversationFilter = { status: ['open'] }
  const field = (name: string) => fields.find((one) => one.name === name)?.id ?? ''
  return [
    ...[list('all', {}), list('open', open), list('pending', { status: ['pending'] }), list('closed', { status: ['closed'] })],
    ...[list('spam', { status: ['spam'] }), list('deleted', { deleted: true }), list('snoozed', { snoozed: true }, 'wakes')],
    ...[
      list('unassigned', { ...open, assignee: 'none' }),
      list('mine', { ...open, assignee: 'me' }),
      list('mine, all', { assignee: 'me' }),
    ],
    ...[list('unread', { unread: true }), list('unread, mine', { ...open, unread: true, assignee: 'me' })],
    ...[list('starred', { starred: true }), list('followed', { followed: true }), list('drafts', { drafts: true })],
    ...[list('waiting', { ...open, waiting: true }, 'waiting'), list('not waiting', { waiting: false }), list('due', {}, 'due')],
    ...(['oldest', 'newest', 'first', 'priority', 'waiting'] as const).map((sort) => list(`sort ${sort}`, {}, sort)),
    ...(['oldest', 'newest', 'priority'] as const).map((sort) => list(`open, sort ${sort}`, open, sort)),
    ...inboxes.flatMap(({ id, name }) => [
      list(`inbox ${name}`, { inbox: id, ...open }),
      list(`inbox ${name}, unassigned`, { inbox: id, ...open, assignee: 'none' }),
      list(`inbox ${name}, all, oldest`, { inbox: id }, 'oldest'),
      list(`inbox ${name}, all, newest`, { inbox: id }, 'newest'),
      list(`inbox ${name}, deleted`, { inbox: id, deleted: true }),
      list(`inbox ${name}, snoozed`, { inbox: id, snoozed: true }, 'wakes'),
    ]),
    ...teams.map(({ id, name }) => list(`team ${name}`, { ...open, team: id })),
    list('no team', { ...open, team: 'none' }),
    ...teams.slice(0, 1).map(({ id }) => list('team, all, oldest', { team: id }, 'oldest')),
    ...labels.map(({ id, name }) => list(`label ${name}`, { label: id })),
    ...['shipping', 'refund', 'school order', 'legal hold', 'nothing'].map((tag) => list(`tag ${tag}`, { tag: [tag] })),
    ...[
      list('tags refund+press', { tag: ['refund', 'press'] }),
      list('tag refund, open, mine', { ...open, tag: ['refund'], assignee: 'me' }),
    ],
    ...[
      list('tag refund, oldest', { tag: ['refund'] }, 'oldest'),
      list('tag legal hold, open', { ...open, tag: ['legal hold'] }),
    ],
    ...(['urgent', 'high', 'normal', 'low'] as const).map((priority) => list(`priority ${priority}`, { priority: [priority] })),
    ...(['email', 'phone', 'web', 'api'] as const).map((channel) => list(`channel ${channel}`, { channel })),
    ...[list('channel api, open', { ...open, channel: 'api' }), list('channel web, oldest', { channel: 'web' }, 'oldest')],
    ...[list('has_files', { has_files: true }), list('no files', { has_files: false }), list('has_note', { has_note: true })],
    ...[list('has_files, has_note, open, mine', { ...open, has_files: true, has_note: true, assignee: 'me' })],
    ...[
      list('field order, none has it', { fields: { [field('Order number')]: 'NL-1' } }),
      list('field plan Guide', { fields: { [field('Membership')]: 'Guide' } }),
    ],
    ...[
      list('contact', { contact: person.id }),
      list('contact of thousands', { contact: machine.id }),
      list('contact of thousands, oldest', { contact: machine.id }, 'oldest'),
    ],
    list('contact of thousands, open, unassigned', { ...open, contact: machine.id, assignee: 'none' }),
    list('urgent, unassigned, open', { ...open, priority: ['urgent', 'high'], assignee: 'none' }, 'priority'),
  ]
}

async function cursorAt(tx: Tx, actor: Actor, filter: ConversationFilter, sort: Sort): Promise<string | null> {
  let after: string | null = null
  for (let page = 0; page < DEEP; page += 5)
    after = (await listConversations(tx, actor, { filter, sort, after, limit: PAGE * 5 })).next ?? after
  return after
}

interface Someone {
  readonly id: ContactId
  readonly address: string
}

/** A customer from the lists; or of all who wrote lately the one who wrote most. */
async function someone(tx: Db | Tx, actor: Actor, most: boolean): Promise<Someone> {
  const { items } = await listConversations(tx, actor, { filter: {}, sort: 'latest', after: null, limit: 500 })
  const customers = items.flatMap(({ customer }) => (customer.id ? [{ id: customer.id, address: customer.address }] : []))
  const times = Map.groupBy(customers, ({ id }) => id)
  const sorted = [...times.values()].sort((a, b) => b.length - a.length)
  const chosen = most ? sorted[0]?.[0] : sorted.at(-1)?.[0]
  if (!chosen) throw new Error('nobody wrote')
  return chosen
}
