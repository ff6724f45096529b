import { type Actor, actorReference } from '../../accounts/actor.ts'
import { changeConsent } from '../../contacts/consent/change-consent.ts'
import type { Contact } from '../../contacts/contact.ts'
import {
  changeContact as change,
  createContact as create,
  findContact,
  listContacts as list,
  mergesInto,
  othersAtDomain,
  searchContacts,
  tagsInUse,
} from '../../contacts/contacts.ts'
import { everythingOf } from '../../contacts/erase.ts'
import { membershipsOf, timelineOf } from '../../contacts/timeline.ts'
import type { Tx } from '../../db/database.ts'
import { suppressionsOf } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import { forgetSubmissionsOf, submissionsOfPerson } from '../../forms/forms.ts'
import { erasePerson } from '../../helpdesk/people/erase-person.ts'
import { mergePeople, partPeople } from '../../helpdesk/people/merge-people.ts'
import { onlyVisible, refuseUnseen } from '../../helpdesk/people/visible.ts'
import type { ContactId } from '../../lib/ids.ts'
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
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { fromContactBody, toContact, toMembership, toShortContact, toTimelineEntry } from '../wire/contacts.ts'

export function contactRoutes(): Route[] {
  return [
    route(listContacts, async ({ tx, params, actor }) => {
      const { search } = params
      if (search !== undefined)
        return {
          items: (await onlyVisible(tx, actor, await searchContacts(tx, actor.workspaceId, search))).map(toContact),
          next: null,
        }
      const page = pageById('contacts', params)
      const { items, next } = page.of(await list(tx, actor.workspaceId, page.query), toContact)
      // A page may be short and still have a next one.
      return { items: [...(await onlyVisible(tx, actor, items))], next }
    }),
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
