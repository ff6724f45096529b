/** Everything that is known of one person: told to them, and erased. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { suppress, suppressionsOf } from '../delivery/suppression/suppress.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { clearIncident } from '../incidents/incidents.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { selectActivity } from './activity/queries.ts'
import { selectConsentEvents, selectMemberships } from './consent/queries.ts'
import { deleteContacts, selectContact, selectMergedInto } from './contact-queries.ts'
import { findContact } from './contacts.ts'
import { erasureKey } from './preferences/erasure-key.ts'

const MOST = 100_000

/** As plain data, in words that a program and a person can read. */
export async function everythingOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ContactId,
  now: Date,
): Promise<Record<string, unknown>> {
  const contact = await findContact(db, workspaceId, id)
  if (!contact) throw new Refusal('not_found', { what: 'contact' })
  const { workspaceId: _, mergedInto: __, ...known } = contact
  return {
    told_at: now,
    contact: known,
    lists: await selectMemberships(db, workspaceId, contact.id),
    consent: await selectConsentEvents(db, workspaceId, contact.id, MOST),
    activity: await selectActivity(db, workspaceId, contact.id, MOST),
    suppressions: await suppressionsOf(db, workspaceId, contact.addresses, now),
  }
}

/** Whoever is erased, and those who were joined with them. */
export async function lockForErasing(
  tx: Tx,
  id: ContactId,
  actor: Actor,
): Promise<{ ids: ContactId[]; addresses: readonly string[] }> {
  const contact = await selectContact(tx, actor.workspaceId, id, { lock: true })
  if (!contact) throw new Refusal('not_found', { what: 'contact' })
  return { ids: [id, ...(await selectMergedInto(tx, actor.workspaceId, id))], addresses: contact.addresses }
}

/** The addresses stay as addresses that no newsletter goes to; nothing says any more whose they were. What else names the contact let go of it before. */
export async function eraseContacts(
  tx: Tx,
  { ids, addresses }: { readonly ids: readonly ContactId[]; readonly addresses: readonly string[] },
  actor: Actor,
  now: Date,
): Promise<void> {
  const by = actorReference(actor)
  const erased = { stream: 'bulk' as const, reason: 'unsubscribed' as const, source: 'person' as const, deliveryId: null }
  await suppress(
    tx,
    actor.workspaceId,
    addresses.map((address) => ({ ...erased, address, note: 'Erased' })),
    by,
    now,
  )
  for (const id of ids) await clearIncident(tx, actor.workspaceId, erasureKey(id), now)
  await deleteContacts(tx, actor.workspaceId, ids)
  await append(tx, { type: 'contact.erased', workspaceId: actor.workspaceId, subjectId: ids[0] ?? '', actor: by, data: {} }, now)
}
