/** Reading contacts, making them and changing them. Whom mail names is made in save-contact.ts. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { takeTurn } from '../db/turns.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { type ContactId, newId, type WorkspaceId } from '../lib/ids.ts'
import { explainAddress, parseAddress } from '../mail/address.ts'
import { resetConsent } from './consent/carry.ts'
import { type Contact, MAX_TAG_LENGTH, MAX_TAGS, nameOf, readLanguage, readTags, readTimeZone, withName } from './contact.ts'
import {
  deleteAddresses,
  insertContact,
  lockAddresses,
  promoteAddresses,
  replaceAddresses,
  replaceTags,
  selectAtDomain,
  selectByExternalId,
  selectContact,
  selectContacts,
  selectFound,
  selectMergesInto,
  selectNewest,
  selectSurvivor,
  updateContact,
} from './contact-queries.ts'
import { changedData } from './custom-data.ts'
import { selectFields } from './fields-queries.ts'
import { keyOfAddress } from './save-contact.ts'
import { isSharedDomain } from './shared-domain.ts'

export const MAX_ADDRESSES = 50
/** A search is not paged: whoever gets so many writes more. */
export const MAX_FOUND = 50

/** The person, or the one they turned out to be. */
export async function findContact(db: Db | Tx, workspaceId: WorkspaceId, id: ContactId): Promise<Contact | null> {
  const found = await selectContact(db, workspaceId, id)
  if (!found?.mergedInto) return found
  const survivor = await selectSurvivor(db, workspaceId, id)
  return survivor === null ? null : await selectContact(db, workspaceId, survivor)
}

export { selectTagsInUse as tagsInUse } from './contact-queries.ts'
export { selectNewest as listContacts }

/** Those whose name, company or address fits, best first, at most `MAX_FOUND`. */
export async function searchContacts(db: Db | Tx, workspaceId: WorkspaceId, search: string): Promise<Contact[]> {
  return await inOrder(db, workspaceId, await selectFound(db, workspaceId, search, MAX_FOUND))
}

const OTHERS = 10

/** Others who write from the same domain, unless strangers have their mailboxes there. */
export async function othersAtDomain(db: Db | Tx, contact: Contact): Promise<{ domain: string; people: Contact[] } | null> {
  const domain = contact.addresses
    .map((address) => address.slice(address.lastIndexOf('@') + 1))
    .find((name) => !isSharedDomain(name))
  if (domain === undefined) return null
  const ids = await selectAtDomain(db, contact.workspaceId, { domain, except: contact.id, limit: OTHERS })
  const people = await inOrder(db, contact.workspaceId, ids)
  return people.length === 0 ? null : { domain, people }
}

export async function inOrder(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<Contact[]> {
  if (ids.length === 0) return []
  const found = new Map((await selectContacts(db, workspaceId, ids)).map((contact) => [contact.id, contact]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

const MERGES = 50

/** Who was joined with this person and can be parted again. */
export function mergesInto(db: Db | Tx, contact: Contact) {
  return selectMergesInto(db, contact.workspaceId, contact.id, MERGES)
}

export type ContactChange = Partial<
  Pick<
    Contact,
    | 'name'
    | 'firstName'
    | 'lastName'
    | 'externalId'
    | 'language'
    | 'timeZone'
    | 'tags'
    | 'company'
    | 'jobTitle'
    | 'phones'
    | 'note'
    | 'addresses'
  >
> & {
  /** Null takes a value away; what is left out stays. */
  readonly data?: Readonly<Record<string, unknown>>
  /** Addresses that are another person's come over to this one; otherwise they are refused. */
  readonly takeAddresses?: boolean
}

export async function createContact(tx: Tx, wanted: ContactChange, actor: Actor, now: Date): Promise<Contact> {
  const id = newId<ContactId>(now.getTime())
  const plain: Contact = {
    workspaceId: actor.workspaceId,
    id,
    name: '',
    firstName: '',
    lastName: '',
    externalId: null,
    language: '',
    timeZone: '',
    data: {},
    tags: [],
    company: '',
    jobTitle: '',
    phones: [],
    note: '',
    addresses: [],
    mergedInto: null,
    createdAt: now,
    updatedAt: now,
  }
  await insertContact(tx, plain)
  const contact = await withChange(tx, plain, wanted, actor, now)
  if (contact.name === '' && contact.addresses.length === 0)
    throw new Refusal('invalid_request', { why: 'A contact needs a name or an address.', pointer: '/name' })
  await updateContact(tx, contact)
  await record(tx, 'contact.created', contact, {}, actor, now)
  return contact
}

export async function changeContact(tx: Tx, id: ContactId, change: ContactChange, actor: Actor, now: Date): Promise<Contact> {
  const contact = await selectContact(tx, actor.workspaceId, id, { lock: true })
  if (!contact) throw new Refusal('not_found', { what: 'contact' })
  if (contact.mergedInto) throw new Refusal('wrong_state', { what: 'contact', state: 'joined with another', action: 'changed' })
  const changed = await withChange(tx, contact, change, actor, now)
  const names = Object.keys(changed) as (keyof Contact)[]
  const changes = names.filter((name) => name !== 'updatedAt' && JSON.stringify(contact[name]) !== JSON.stringify(changed[name]))
  if (changes.length === 0) return contact
  await updateContact(tx, changed)
  await record(tx, 'contact.changed', changed, { changes }, actor, now)
  return changed
}

async function withChange(tx: Tx, contact: Contact, change: ContactChange, actor: Actor, now: Date): Promise<Contact> {
  const { takeAddresses = false, addresses: wanted, data, tags, ...fields } = change
  const plain = withName(contact, { ...contact, ...(await readFields(tx, contact, fields)), updatedAt: now }, fields.name)
  const known = data === undefined ? plain : { ...plain, data: await readData(tx, contact, data) }
  const changed = tags === undefined ? known : { ...known, tags: await writeTags(tx, contact, tags, now) }
  if (wanted === undefined) return changed
  const addresses = [...new Set(wanted.map((text, i) => toKey(text, `/addresses/${i}`)))]
  if (addresses.length > MAX_ADDRESSES) throw new Refusal('too_many_addresses', { limit: MAX_ADDRESSES, pointer: '/addresses' })
  await takeOver(tx, contact, addresses, takeAddresses)
  const missed = await replaceAddresses(tx, contact.workspaceId, contact.id, addresses, now)
  // Somebody got one at the same moment, who was not to be seen before: now they are, and their address is locked.
  if (missed.length > 0) {
    await takeOver(tx, contact, addresses, takeAddresses)
    await replaceAddresses(tx, contact.workspaceId, contact.id, addresses, now)
  }
  const moved = { contactId: contact.id, before: contact.addresses, after: addresses }
  await resetConsent(tx, contact.workspaceId, moved, actorReference(actor), now)
  return { ...changed, addresses }
}

async function readFields(tx: Tx, contact: Contact, fields: Partial<Contact>): Promise<Partial<Contact>> {
  const { externalId, language, timeZone } = fields
  const tag = language ? readLanguage(language) : (language ?? null)
  if (language && tag === null)
    throw new Refusal('invalid_request', { why: `“${language}” is no language tag such as en or pt-BR.`, pointer: '/language' })
  if (timeZone && readTimeZone(timeZone) === null)
    throw new Refusal('invalid_request', { why: `“${timeZone}” is no time zone such as Europe/Berlin.`, pointer: '/time_zone' })
  if (externalId) {
    const owner = await ownerOfExternalId(tx, contact.workspaceId, externalId)
    if (owner !== null && owner !== contact.id)
      throw new Refusal('address_in_use', {
        address: externalId,
        why: 'it is the external id of another contact',
        pointer: '/external_id',
      })
  }
  return {
    ...fields,
    ...(tag !== null && { language: tag }),
    ...(externalId !== undefined && { externalId: externalId || null }),
  }
}

/** Whose it is. Who asks may give it to somebody: others who ask wait. */
export async function ownerOfExternalId(tx: Tx, workspaceId: WorkspaceId, externalId: string): Promise<ContactId | null> {
  await takeTurn(tx, 'external_id', workspaceId)
  return await selectByExternalId(tx, workspaceId, externalId)
}

async function readData(tx: Tx, contact: Contact, data: Readonly<Record<string, unknown>>) {
  const checked = changedData(await selectFields(tx, contact.workspaceId), contact.data, data)
  if (!checked.ok) throw new Refusal('invalid_request', { why: checked.why, pointer: `/data/${checked.key}` })
  return checked.data
}

async function writeTags(tx: Tx, contact: Contact, wanted: readonly string[], now: Date): Promise<string[]> {
  const tags = readTags(wanted)
  if (tags === null || tags.length > MAX_TAGS) {
    const why = `A contact has at most ${MAX_TAGS} tags of at most ${MAX_TAG_LENGTH} characters.`
    throw new Refusal('invalid_request', { why, pointer: '/tags' })
  }
  await replaceTags(tx, contact.workspaceId, contact.id, tags, now)
  return tags
}

/** Before addresses change hands: that they may is said, and whoever loses one keeps a primary one as long as they have any. */
async function takeOver(tx: Tx, { workspaceId, id }: Contact, addresses: readonly string[], mayTake: boolean): Promise<void> {
  const others = (await lockAddresses(tx, workspaceId, addresses)).filter(({ contactId }) => contactId !== id)
  const [first] = others
  if (!first) return
  if (!mayTake) {
    const owner = await selectContact(tx, workspaceId, first.contactId)
    const why = `it is ${owner ? nameOf(owner) : 'another contact'}’s. Take it from them, or join the two contacts`
    throw new Refusal('address_in_use', {
      address: first.address,
      why,
      pointer: `/addresses/${addresses.indexOf(first.address)}`,
    })
  }
  const owners = [...new Set(others.map(({ contactId }) => contactId))]
  await deleteAddresses(tx, workspaceId, others)
  await promoteAddresses(tx, workspaceId, owners)
}

function toKey(text: string, pointer: string): string {
  const parsed = parseAddress(text.trim())
  const key = parsed && keyOfAddress(text)
  if (key) return key
  const why = explainAddress(text.trim())
  throw new Refusal('invalid_address', { text, ...(why !== null && { why }), pointer })
}

export async function record(
  tx: Tx,
  type: 'contact.created' | 'contact.changed' | 'contact.merged',
  contact: Contact,
  data: Readonly<Record<string, unknown>>,
  actor: Actor,
  now: Date,
): Promise<void> {
  const { workspaceId, id: subjectId } = contact
  const event = { type, workspaceId, subjectId, actor: actorReference(actor), data: { name: nameOf(contact), ...data } }
  await append(tx, event, now)
}
