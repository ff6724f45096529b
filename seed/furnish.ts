/** The workspace around the conversations: inboxes, teams, people who work there, and what they have set up. Done by the verbs that pages use. */
import type { Actor } from '../src/accounts/actor.ts'
import { addMember, listMembers } from '../src/accounts/members.ts'
import type { Passwords } from '../src/accounts/password.ts'
import { setUpUnattended } from '../src/accounts/set-up-unattended.ts'
import { findFirstWorkspace } from '../src/accounts/workspaces.ts'
import type { Tx } from '../src/db/database.ts'
import { createSandboxRoute } from '../src/delivery/routes/manage.ts'
import type { CustomFieldId, StatusLabelId } from '../src/helpdesk/inbox.ts'
import { changeAccess, createInbox } from '../src/helpdesk/inboxes/manage.ts'
import { listInboxes } from '../src/helpdesk/inboxes.ts'
import { createSavedReply } from '../src/helpdesk/saved-replies/saved-replies.ts'
import { createTeam, listTeams } from '../src/helpdesk/teams/teams.ts'
import type { CustomField } from '../src/helpdesk/triage/custom-field.ts'
import { createField, createLabel, createTag, listFields, listLabels, listTags } from '../src/helpdesk/triage/settings.ts'
import type { StatusLabel } from '../src/helpdesk/triage/triage.ts'
import { createView, listViews } from '../src/helpdesk/views/views.ts'
import type { InboxId, TeamId, UserId, WorkspaceId } from '../src/lib/ids.ts'
import type { Store } from '../src/store.ts'
import { FIRST_NAMES, LAST_NAMES, TAGS } from './words.ts'

export interface Furnished {
  readonly workspaceId: WorkspaceId
  readonly owner: Extract<Actor, { kind: 'user' }>
  readonly ownerEmail: string
  /** Whether the owner was made now, with the password that is said at the end. */
  readonly isNew: boolean
  readonly agents: readonly { readonly id: UserId; readonly name: string; readonly email: string }[]
  readonly inboxes: readonly { readonly id: InboxId; readonly address: string; readonly name: string }[]
  readonly teams: readonly TeamId[]
  readonly labels: readonly { readonly id: StatusLabelId; readonly status: StatusLabel['status'] }[]
  readonly fields: { readonly order: CustomFieldId; readonly plan: CustomFieldId; readonly parcels: CustomFieldId }
}

export const DOMAIN = 'northlight.example'
const OWNER = { email: `owner@${DOMAIN}`, name: 'Robin Northlight' }

const INBOXES = [
  { name: 'Support', local: 'support' },
  { name: 'Billing', local: 'billing' },
  { name: 'Returns', local: 'returns' },
  { name: 'Wholesale', local: 'wholesale' },
  { name: 'Press and legal', local: 'legal' },
  { name: 'Order updates', local: 'updates' },
] as const
/** Only some may work in it. */
const RESTRICTED = 4
/** Takes answers only: what belongs to no conversation is put aside for a person. */
const UPDATE_ONLY = 5
const TEAMS = ['First line', 'Workshop', 'Accounts', 'Wholesale desk']

export async function furnish(
  { database, clock }: Store,
  passwords: Passwords,
  wanted: { readonly agents: number; readonly password: string },
): Promise<Furnished> {
  const now = clock.now()
  const tools = { database, passwords, furnish: (tx: Tx, id: WorkspaceId) => createSandboxRoute(tx, id, now).then(() => {}) }
  const { madeAdministrator: isNew } = await setUpUnattended(
    tools,
    { administrator: { email: OWNER.email, password: wanted.password }, apiKey: null },
    now,
  )
  const workspace = await findFirstWorkspace(database.db)
  if (!workspace) throw new Error('there is no workspace')
  const workspaceId = workspace.id
  const system: Actor = { kind: 'user', id: '' as UserId, name: '', workspaceId, role: 'owner' }
  const known = await listMembers(database.db, system)
  const first = known.find(({ role }) => role === 'owner') ?? known[0]
  if (!first) throw new Error('the workspace has nobody in it')
  const owner = { ...system, id: first.id, name: first.name }

  const agents: { id: UserId; name: string; email: string }[] = [first]
  for (let i = 0; i < wanted.agents; i += 1) {
    const [name, email] = [`${FIRST_NAMES[i]} ${LAST_NAMES[(i * 7) % LAST_NAMES.length]}`, `agent${i + 1}@${DOMAIN}`]
    const there = known.find((member) => member.email === email)
    const role = i === 0 ? 'admin' : 'agent'
    agents.push(there ?? (await addMember(database, passwords, { email, name, role, password: wanted.password }, owner, now)))
  }
  const things = await database.transaction({ as: 'api', workspaceId }, (tx) => furnishThings(tx, owner, agents, now))
  return { workspaceId, owner, ownerEmail: first.email, isNew, agents, ...things }
}

async function furnishThings(tx: Tx, owner: Actor, agents: Furnished['agents'], now: Date) {
  const { workspaceId } = owner
  const teams = await furnishTeams(tx, owner, agents, now)
  const inboxes = await furnishInboxes(tx, owner, agents, now)
  const labels = await furnishLabels(tx, owner, now)
  const fields = await furnishFields(tx, owner, now)
  const tags = new Set((await listTags(tx, workspaceId, false)).map(({ name }) => name))
  for (const [name, color] of TAGS) if (!tags.has(name)) await createTag(tx, { name, color }, owner, now)
  await furnishViews(tx, owner, now)
  return { inboxes, teams, labels, fields }
}

async function furnishTeams(tx: Tx, owner: Actor, agents: Furnished['agents'], now: Date): Promise<TeamId[]> {
  const known = await listTeams(tx, owner.workspaceId)
  const teams: TeamId[] = []
  for (const [i, name] of TEAMS.entries()) {
    const members = agents.filter((_, at) => at % TEAMS.length === i || at === 0).map(({ id }) => id)
    const there = known.find((team) => team.name === name)
    teams.push(there?.id ?? (await createTeam(tx, { name, members }, owner, now)).id)
  }
  return teams
}

async function furnishInboxes(tx: Tx, owner: Actor, agents: Furnished['agents'], now: Date): Promise<Furnished['inboxes']> {
  const known = await listInboxes(tx, owner.workspaceId)
  const inboxes: { id: InboxId; address: string; name: string }[] = []
  for (const [i, { name, local }] of INBOXES.entries()) {
    const address = `${local}@${DOMAIN}`
    const there = known.find((inbox) => inbox.address === address)
    const signature = `<p>{{ agent.first_name }}<br>${name}, Northlight Outfitters</p>`
    const noMatch = i === UPDATE_ONLY ? ('quarantine' as const) : ('start' as const)
    const inbox = there ?? (await createInbox(tx, { name, address, signature, noMatch }, owner, now))
    inboxes.push({ id: inbox.id, address, name })
    if (there || i !== RESTRICTED) continue
    const people = agents.slice(0, 3).map(({ id }) => ({ userId: id, level: 'full' as const }))
    await changeAccess(tx, inbox.id, { restricted: true, people }, owner, now)
  }
  return inboxes
}

const LABELS = [
  { name: 'Waiting for parts', status: 'pending', color: 'orange' },
  { name: 'Waiting for the carrier', status: 'pending', color: 'yellow' },
  { name: 'Needs a manager', status: 'open', color: 'red' },
  { name: 'Solved by itself', status: 'closed', color: 'green' },
] as const

async function furnishLabels(tx: Tx, owner: Actor, now: Date): Promise<Furnished['labels']> {
  const known = await listLabels(tx, owner.workspaceId)
  const labels: StatusLabel[] = []
  for (const label of LABELS)
    labels.push(known.find(({ name }) => name === label.name) ?? (await createLabel(tx, label, owner, now)))
  return labels
}

async function furnishFields(tx: Tx, owner: Actor, now: Date): Promise<Furnished['fields']> {
  const known = await listFields(tx, owner.workspaceId)
  const field = async (wanted: Pick<CustomField, 'name' | 'type' | 'options' | 'inList'>) =>
    (
      known.find(({ name }) => name === wanted.name) ??
      (await createField(tx, { ...wanted, inboxId: null, isRequired: false }, owner, now))
    ).id
  return {
    order: await field({ name: 'Order number', type: 'text', options: [], inList: true }),
    plan: await field({ name: 'Membership', type: 'choice', options: ['Basic', 'Plus', 'Guide'], inList: false }),
    parcels: await field({ name: 'Parcels', type: 'integer', options: [], inList: false }),
  }
}

async function furnishViews(tx: Tx, owner: Actor, now: Date): Promise<void> {
  const known = new Set((await listViews(tx, owner)).map(({ name }) => name))
  const wishes = [
    {
      name: 'Refunds to decide',
      filter: { tag: ['refund'], status: ['open' as const] },
      sort: 'oldest' as const,
      isShared: true,
    },
    {
      name: 'Urgent and nobody’s',
      filter: { priority: ['urgent' as const, 'high' as const], assignee: 'none' as const, status: ['open' as const] },
      sort: 'priority' as const,
      isShared: true,
    },
    { name: 'With files, mine', filter: { has_files: true, assignee: 'me' as const }, sort: 'latest' as const, isShared: false },
  ]
  for (const wish of wishes) if (!known.has(wish.name)) await createView(tx, owner, wish, now)
  if (known.size > 0) return
  const folder = await createSavedReply(tx, owner, true, { ...REPLY, name: 'Shipping', html: '' }, now)
  for (const [name, html] of SAVED_REPLIES)
    await createSavedReply(tx, owner, false, { ...REPLY, parentId: folder.id, name, html }, now)
}

const REPLY = { parentId: null, inboxId: null, uploads: [], position: 0 } as const
const SAVED_REPLIES = [
  [
    'Parcel is late',
    '<p>Hi {{ contact.first_name | there }},</p><p>I am sorry that your parcel is late. I have asked the carrier and will write again tomorrow.</p>',
  ],
  [
    'Ask for the order number',
    '<p>Hi {{ contact.first_name | there }},</p><p>could you send us the number of your order? It begins with NL.</p>',
  ],
] as const
