import type { Contact } from '../../contacts/contact.ts'
import {
  changeContact as change,
  createContact as create,
  findContact,
  listContacts as list,
  mergesInto,
  othersAtDomain,
  searchContacts,
} from '../../contacts/contacts.ts'
import type { Tx } from '../../db/database.ts'
import { suppressionsOf } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import { mergePeople, partPeople } from '../../helpdesk/people/merge-people.ts'
import { changeContact, createContact, getContact, listContacts, mergeContact, partContact } from '../endpoints/contacts.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { fromContactBody, toContact, toShortContact } from '../wire/contacts.ts'

export function contactRoutes(): Route[] {
  return [
    route(listContacts, async ({ tx, params, actor }) => {
      const { search } = params
      if (search !== undefined) return { items: (await searchContacts(tx, actor.workspaceId, search)).map(toContact), next: null }
      const page = pageById('contacts', params)
      return page.of(await list(tx, actor.workspaceId, page.query), toContact)
    }),
    route(getContact, async ({ tx, params, actor, now }) => {
      const contact = await findContact(tx, actor.workspaceId, params.id)
      if (!contact) throw new Refusal('not_found', { what: 'contact' })
      return await withSurroundings(tx, contact, now)
    }),
    route(createContact, async ({ tx, body, actor, now }) => toContact(await create(tx, fromContactBody(body), actor, now))),
    route(changeContact, async ({ tx, params, body, actor, now }) =>
      toContact(await change(tx, params.id, fromContactBody(body), actor, now)),
    ),
    route(mergeContact, async ({ tx, params, body, actor, now }) =>
      toContact(await mergePeople(tx, { from: params.id, into: body.into }, actor, now)),
    ),
    route(partContact, async ({ tx, params, actor, now }) => toContact(await partPeople(tx, params.id, actor, now))),
  ]
}

async function withSurroundings(tx: Tx, contact: Contact, now: Date) {
  const suppressions = await suppressionsOf(tx, contact.workspaceId, contact.addresses, now)
  const others = await othersAtDomain(tx, contact)
  const merges = await mergesInto(tx, contact)
  return {
    ...toContact(contact),
    suppressions: suppressions.map(({ address, stream, reason, expiresAt }) => ({
      address,
      stream,
      reason,
      expires_at: expiresAt,
    })),
    others: others && { domain: others.domain, people: others.people.map(toShortContact) },
    merges: merges.map(({ contactId, name, addresses, mergedAt }) => ({
      id: contactId,
      name,
      addresses: [...addresses],
      merged_at: mergedAt,
    })),
  }
}
