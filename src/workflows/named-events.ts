/** Events with a name: a program tells that something happened. Workflows that begin by it begin, those that wait for it go on. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import { findContact } from '../contacts/contacts.ts'
import { type Database, isRefusedForItsContent, type Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import type { NewEvent } from '../events/event.ts'
import { reachConversation } from '../helpdesk/reading/read.ts'
import { createGatherer } from '../lib/gather.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { EventName } from './definition/nodes/triggers.ts'
import type { Values } from './interpret/state.ts'
import { refuseLong } from './start-run.ts'

export interface NamedEvent {
  readonly name: string
  /** Of what: an order, a customer; waits may name it. */
  readonly key?: string
  readonly payload: Values
  readonly conversationId?: string
  readonly contactId?: ContactId
}

/** What it is about has to be there, and within the reach of whoever tells it. */
export async function tellEvent(tx: Tx, actor: Actor, event: NamedEvent, now: Date): Promise<void> {
  refuseUnreadable(event)
  const { conversationId, contactId } = event
  const conversation = conversationId === undefined ? null : await reachConversation(tx, actor, conversationId)
  if (contactId !== undefined && !(await findContact(tx, actor.workspaceId, contactId)))
    throw new Refusal('not_found', { what: 'contact', pointer: '/contact_id' })
  const about = {
    ...(conversation && { conversation_id: conversation.id }),
    ...(contactId !== undefined && { contact_id: contactId }),
  }
  await append(tx, toldBy(actor, event, about), now)
}

/** Of nobody: there is nothing to look up before it is written down. */
export type LooseEvent = Pick<NamedEvent, 'name' | 'key' | 'payload'>

const EVENTS_AT_ONCE = 200

interface Told {
  readonly workspaceId: WorkspaceId
  readonly told: NewEvent
  readonly now: Date
}

/**
 * Takes events of nobody. Those of a workspace that come while others are being written down are one transaction, and each is answered after its commit:
 * many that come together cost little more than one. `told` is called after each.
 */
export function createEventTaker(
  database: Database,
  told: () => void,
): (actor: Actor, event: LooseEvent, now: Date) => Promise<void> {
  const take = createGatherer<Told, void>({
    groupOf: ({ workspaceId }) => workspaceId,
    most: EVENTS_AT_ONCE,
    // Nothing of the transaction is there then. After everything else nobody knows, and nothing is told twice.
    mayBeOfOne: isRefusedForItsContent,
    async work(batch) {
      const [{ workspaceId }] = batch as readonly [Told]
      const now = new Date(Math.max(...batch.map((one) => one.now.getTime())))
      const events = batch.map((one) => one.told)
      await database.transaction({ as: 'api', workspaceId }, (tx) => append(tx, events, now), {
        prepared: true,
      })
      told()
      return batch.map(() => undefined)
    },
  })
  return async (actor, event, now) => {
    refuseUnreadable(event)
    await take({ workspaceId: actor.workspaceId, told: toldBy(actor, event, {}), now })
  }
}

function refuseUnreadable({ name, payload }: LooseEvent): void {
  const read = EventName.safeParse(name)
  if (!read.success) throw new Refusal('invalid_request', { why: read.error.issues[0]?.message ?? '', pointer: '/name' })
  refuseLong(payload, '/payload')
}

function toldBy(actor: Actor, { name, key, payload }: LooseEvent, about: Values): NewEvent {
  const data = { name, payload, ...(key !== undefined && { key }), ...about }
  return { type: 'event.received', workspaceId: actor.workspaceId, actor: actorReference(actor), data }
}
