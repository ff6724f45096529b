import type { z } from 'zod'
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { changeConsent } from '../../contacts/consent/change-consent.ts'
import type { Contact } from '../../contacts/contact.ts'
import {
  changeContact as change,
  createContact as create,
  findContact,
  inOrder,
  mergesInto,
  othersAtDomain,
  searchContacts,
  tagsInUse,
} from '../../contacts/contacts.ts'
import { everythingOf } from '../../contacts/erase.ts'
import { listFiltered } from '../../contacts/filter/filter.ts'
import { membershipsOf, timelineOf } from '../../contacts/timeline.ts'
import { ENGINE, type Tx } from '../../db/database.ts'
import { suppressionsOf } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import { forgetSubmissionsOf, submissionsOfPerson } from '../../forms/forms.ts'
import { erasePerson } from '../../helpdesk/people/erase-person.ts'
import { mergePeople, partPeople } from '../../helpdesk/people/merge-people.ts'
import { onlyVisible, refuseUnseen } from '../../helpdesk/people/visible.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { type ContactId, isId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeContact,
  changeStanding,
  createContact,
  eraseContact,
  getContact,
  listContacts,
  listTagsOfContacts,
  mergeContact,
  partContact,
  tellEverything,
  timelineOfContact,
} from '../endpoints/contacts.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import { type Route, route } from '../route.ts'
import { fromContactBody, toContact, toMembership, toShortContact, toTimelineEntry } from '../wire/contacts.ts'

export function contactRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(listContacts, async ({ params, actor, now }) =>
      database.transaction(ENGINE, (tx) => listed(tx, actor, params, now), { readOnly: true, statementTimeoutMs: 20_000 }),
    ),
    route(getContact, async ({ tx, params, actor, now }) => {
      return await withSurroundings(tx, actor, await found(tx, actor, params.id), now)
    }),
    route(createContact, async ({ tx, body, actor, now }) => toContact(await create(tx, fromContactBody(body), actor, now))),
    route(changeContact, async ({ tx, params, body, actor, now }) => {
      await refuseUnseen(tx, actor, params.id)
      return toContact(await change(tx, params.id, fromContactBody(body), actor, now))
    }),
    route(mergeContact, async ({ tx, params, body, actor, now }) => {
      await refuseUnseen(tx, actor, params.id, body.into)
      return toContact(await mergePeople(tx, { from: params.id, into: body.into }, actor, now))
    }),
    route(eraseContact, async ({ tx, params, actor, now }) => {
      await refuseUnseen(tx, actor, params.id)
      const { id, addresses } = await found(tx, actor, params.id)
      // Of somebody who was joined with another the addresses are the other's.
      await forgetSubmissionsOf(tx, actor.workspaceId, { ids: [params.id], addresses: id === params.id ? addresses : [] })
      return erasePerson(tx, params.id, actor, now)
    }),
    route(listTagsOfContacts, async ({ tx, actor }) => ({ items: await tagsInUse(tx, actor.workspaceId, TAGS) })),
    route(timelineOfContact, async ({ tx, params, actor }) => {
      const contact = await found(tx, actor, params.id)
      return { items: (await timelineOf(tx, actor.workspaceId, contact.id)).map(toTimelineEntry) }
    }),
    route(changeStanding, async ({ tx, params, body, actor, now }) => {
      const contact = await found(tx, actor, params.id)
      const wish = { contactId: contact.id, listId: params.list_id, wants: body.status }
      const source = actor.kind === 'key' ? ('api' as const) : ('person' as const)
      const by = { source, actor: actorReference(actor), wording: body.reason ?? '', override: body.override === true }
      const [outcome] = await changeConsent(tx, actor.workspaceId, [wish], by, now)
      if (outcome?.refused) throw new Refusal('consent_refused', { why: WHY_REFUSED[outcome.refused] })
      const member = (await membershipsOf(tx, actor.workspaceId, contact.id)).find(({ listId }) => listId === params.list_id)
      if (!member) throw new Refusal('not_found', { what: 'list' })
      return toMembership(member)
    }),
    route(tellEverything, async ({ tx, params, actor, now }) => {
      await refuseUnseen(tx, actor, params.id)
      const everything = await everythingOf(tx, actor.workspaceId, params.id, now)
      const { id: contactId, addresses } = await found(tx, actor, params.id)
      const forms = await submissionsOfPerson(tx, actor.workspaceId, { contactId, addresses })
      return { content: Buffer.from(JSON.stringify({ ...everything, forms }, null, 2)), filename: `contact-${params.id}.json` }
    }),
    route(partContact, async ({ tx, params, actor, now }) => {
      await refuseUnseen(tx, actor, params.id)
      return toContact(await partPeople(tx, params.id, actor, now))
    }),
  ]
}

const TAGS = 500
const WHY_REFUSED = {
  unsubscribed: 'they left this list. They come back by themselves, or with an override that says why',
  unconfirmed: 'this list asks people to confirm, and they have not. An override says why it is right all the same',
}

async function found(tx: Tx, actor: Actor, id: ContactId): Promise<Contact> {
  const contact = await findContact(tx, actor.workspaceId, id)
  if (!contact) throw new Refusal('not_found', { what: 'contact' })
  await refuseUnseen(tx, actor, contact.id)
  return contact
}

type ListParams = z.output<(typeof listContacts)['params']>

/** As the owner of the tables, bound to the workspace of whoever asks: behind row-level security no index would serve. */
async function listed(tx: Tx, actor: Actor, { search, sort = 'newest', after, limit, ...filter }: ListParams, now: Date) {
  const { workspaceId } = actor
  if (search !== undefined)
    return { items: (await onlyVisible(tx, actor, await searchContacts(tx, workspaceId, search))).map(toContact), next: null }
  const size = limit ?? DEFAULT_PAGE_SIZE
  const name = `contacts-${sort}`
  const [lastName, lastId] = after === undefined ? [] : decodeCursor(name, after, [(one) => one.length <= 400, isId])
  const behind = lastName === undefined || lastId === undefined ? null : ([lastName, lastId] as const)
  const found = await listFiltered(tx, workspaceId, filter, { sort, after: behind, limit: size + 1 }, now)
  const shown = found.slice(0, size)
  const people = await inOrder(
    tx,
    workspaceId,
    shown.map(({ id }) => id),
  )
  const last = shown.at(-1)
  // A page may be short and still have a next one.
  return {
    items: (await onlyVisible(tx, actor, people)).map(toContact),
    next: found.length > size && last ? encodeCursor(name, [last.name, last.id]) : null,
  }
}

async function withSurroundings(tx: Tx, actor: Actor, contact: Contact, now: Date) {
  const suppressions = await suppressionsOf(tx, contact.workspaceId, contact.addresses, now)
  const others = await othersAtDomain(tx, contact)
  const people = await onlyVisible(tx, actor, others?.people ?? [])
  const merges = await mergesInto(tx, contact)
  return {
    ...toContact(contact),
    lists: (await membershipsOf(tx, contact.workspaceId, contact.id)).map(toMembership),
    suppressions: suppressions.map(({ address, stream, reason, expiresAt }) => ({
      address,
      stream,
      reason,
      expires_at: expiresAt,
    })),
    others: others && people.length > 0 ? { domain: others.domain, people: people.map(toShortContact) } : null,
    merges: merges.map(({ contactId, name, addresses, mergedAt }) => ({
      id: contactId,
      name,
      addresses: [...addresses],
      merged_at: mergedAt,
    })),
  }
}
