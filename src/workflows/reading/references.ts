/** What definitions point to: whether it is there, and what it is called. */
import { rosterOf } from '../../accounts/roster.ts'
import { findCampaign } from '../../campaigns/manage.ts'
import { listFields as listContactFields } from '../../contacts/fields.ts'
import { findList } from '../../contacts/lists.ts'
import { findSegment } from '../../contacts/segments/segments.ts'
import type { Db, Tx } from '../../db/database.ts'
import { isUsable } from '../../delivery/domains/domain.ts'
import { listDomains } from '../../delivery/domains/manage.ts'
import { findForm } from '../../forms/forms.ts'
import { listInboxes } from '../../helpdesk/inboxes.ts'
import { listTeams } from '../../helpdesk/teams/teams.ts'
import { listFields, listLabels, listTags, MAX_TAGS_SHOWN } from '../../helpdesk/triage/settings.ts'
import { isId, type WorkspaceId } from '../../lib/ids.ts'
import { parseMailbox } from '../../mail/address.ts'
import { listTemplates } from '../../templates/library/templates.ts'
import { listCalendars } from '../calendars/calendars.ts'
import { configOf, typeOf } from '../definition/catalogue.ts'
import { type Condition, rowsOf } from '../definition/condition.ts'
import { referencesOfRow } from '../definition/fields.ts'
import type { Graph } from '../definition/graph.ts'
import { type Names, REFERENCES, type Reference } from '../definition/node-type.ts'
import { valuesIn } from '../definition/roles.ts'
import { selectWorkflowNames } from '../queries.ts'
import { listSecrets } from '../requests/secrets.ts'

export interface NamedReference {
  readonly kind: Reference
  readonly id: string
  readonly name: string
}

/** Of one definition; a larger number would be no definition. */
const MAX_REFERENCES = 2_000

type Wanted = ReadonlyMap<Reference, ReadonlySet<string>>

/** Everything that these definitions name, in the settings of nodes and in the rows of conditions. */
export function referencesIn(graphs: readonly Graph[]): Wanted {
  const found = new Map<Reference, Set<string>>()
  let left = MAX_REFERENCES
  const add = (kind: Reference, id: unknown) => {
    if (typeof id !== 'string' || left <= 0) return
    left -= 1
    found.set(kind, (found.get(kind) ?? new Set()).add(id))
  }
  for (const node of graphs.flatMap(({ nodes }) => Object.values(nodes))) {
    const [type, config] = [typeOf(node.type), configOf(node)]
    if (!type || config === null) continue
    for (const { role, value } of valuesIn(type, config)) {
      if ((REFERENCES as readonly string[]).includes(role)) add(role as Reference, value)
      if (role === 'condition') for (const one of rowsOf(value as Condition).flatMap(referencesOfRow)) add(one.kind, one.id)
    }
  }
  return found
}

type Looking = (tx: Db | Tx, workspaceId: WorkspaceId, ids: readonly string[]) => Promise<readonly { id: string; name: string }[]>

async function eachOf<T extends { readonly name: string }>(
  ids: readonly string[],
  find: (id: string) => Promise<T | null>,
): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = []
  for (const id of ids.filter(isId)) {
    const one = await find(id)
    if (one) found.push({ id, name: one.name })
  }
  return found
}

const LOOKING: Partial<Readonly<Record<Reference, Looking>>> = {
  inbox: async (tx, workspaceId) => (await listInboxes(tx, workspaceId)).filter(({ closedAt }) => !closedAt),
  user: async (tx, workspaceId) => await rosterOf(tx, workspaceId),
  team: async (tx, workspaceId) => await listTeams(tx, workspaceId),
  tag: async (tx, workspaceId, ids) => {
    const tags = await listTags(tx, workspaceId, false)
    const known = new Set(tags.map(({ name }) => name.toLowerCase()))
    // Of more than can be shown nobody can say which are not there.
    const there = ids.filter((id) => tags.length >= MAX_TAGS_SHOWN || known.has(id.toLowerCase()))
    return there.map((id) => ({ id, name: id }))
  },
  sender: async (tx, workspaceId, ids) => {
    const inboxes = (await listInboxes(tx, workspaceId)).filter(({ closedAt }) => !closedAt)
    const written = ids.filter((id) => !isId(id) && parseMailbox(id) !== null)
    return [...inboxes, ...written.map((id) => ({ id, name: id }))]
  },
  label: async (tx, workspaceId) => await listLabels(tx, workspaceId),
  field: async (tx, workspaceId) => await listFields(tx, workspaceId),
  contact_field: async (tx, workspaceId) =>
    (await listContactFields(tx, workspaceId)).map(({ key, label }) => ({ id: key, name: label })),
  list: (tx, workspaceId, ids) => eachOf(ids, (id) => findList(tx, workspaceId, id as Parameters<typeof findList>[2])),
  segment: (tx, workspaceId, ids) => eachOf(ids, (id) => findSegment(tx, workspaceId, id as Parameters<typeof findSegment>[2])),
  form: (tx, workspaceId, ids) => eachOf(ids, (id) => findForm(tx, workspaceId, id as Parameters<typeof findForm>[2])),
  campaign: (tx, workspaceId, ids) =>
    eachOf(ids, (id) => findCampaign(tx, workspaceId, id as Parameters<typeof findCampaign>[2])),
  template: async (tx, workspaceId) => await listTemplates(tx, workspaceId),
  calendar: async (tx, workspaceId) => await listCalendars(tx, workspaceId),
  secret: async (tx, workspaceId) => (await listSecrets(tx, workspaceId)).map(({ name }) => ({ id: name, name })),
  workflow: (tx, workspaceId, ids) => selectWorkflowNames(tx, workspaceId, ids.filter(isId)),
}

/** Kinds that are looked at here: of others nobody can say that they are missing. */
export function isLookedAt(kind: Reference): boolean {
  return LOOKING[kind] !== undefined
}

/** What is there of what is named. */
export async function findReferences(tx: Db | Tx, workspaceId: WorkspaceId, wanted: Wanted): Promise<NamedReference[]> {
  const found: NamedReference[] = []
  for (const [kind, ids] of wanted) {
    const there = (await LOOKING[kind]?.(tx, workspaceId, [...ids])) ?? []
    found.push(...there.filter(({ id }) => ids.has(id)).map(({ id, name }) => ({ kind, id, name })))
  }
  return found
}

/** Those who are named as senders, and whose mail nobody signs: receivers may take it for forged. */
export async function unsignedAmong(tx: Tx, workspaceId: WorkspaceId, senders: Iterable<string>): Promise<Map<string, string>> {
  const named = [...senders]
  if (named.length === 0) return new Map()
  const signed = (await listDomains(tx, workspaceId)).filter(({ state }) => isUsable(state)).map(({ name }) => name)
  const inboxes = new Map((await listInboxes(tx, workspaceId)).map(({ id, address }) => [id as string, address]))
  const domainOf = (sender: string) => parseMailbox(inboxes.get(sender) ?? sender)?.address.domain.toLowerCase() ?? null
  return new Map(
    named.flatMap((sender) => {
      const domain = domainOf(sender)
      return domain === null || signed.includes(domain) ? [] : [[sender, domain]]
    }),
  )
}

/** For sentences: what has no name here is said as what it is. */
export function namesFrom(found: readonly NamedReference[]): Names {
  const names = new Map(found.map(({ kind, id, name }) => [`${kind} ${id}`, name]))
  return {
    of: (kind, id) =>
      names.get(`${kind} ${id}`) ?? (kind === 'tag' || id === 'nobody' ? id : `a ${kind.replaceAll('_', ' ')} that is gone`),
  }
}
