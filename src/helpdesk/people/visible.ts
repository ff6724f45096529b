/**
 * Whose contacts somebody sees. Who reaches every inbox sees all of them; everybody else those who asked something in a conversation that they reach, and
 * those who never asked anything: they stand in no inbox that could be closed to somebody. What is not seen is not there.
 */
import type { Actor } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId } from '../../lib/ids.ts'
import { reachOf } from '../access/reach.ts'
import { selectVisible } from './visible-queries.ts'

/** One statement for all of them. */
export async function onlyVisible<C extends { readonly id: ContactId }>(
  tx: Db | Tx,
  actor: Actor,
  contacts: readonly C[],
): Promise<readonly C[]> {
  const reach = await reachOf(tx, actor)
  if (reach.all || contacts.length === 0) return contacts
  const visible = await selectVisible(
    tx,
    actor.workspaceId,
    reach,
    contacts.map(({ id }) => id),
  )
  return contacts.filter(({ id }) => visible.has(id))
}

export async function refuseUnseen(tx: Db | Tx, actor: Actor, ...ids: readonly ContactId[]): Promise<void> {
  const seen = await onlyVisible(
    tx,
    actor,
    ids.map((id) => ({ id })),
  )
  if (seen.length < ids.length) throw new Refusal('not_found', { what: 'contact' })
}
