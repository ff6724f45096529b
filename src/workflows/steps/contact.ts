/** What workflows do with a person: the run's own, or the customer of its conversation. */
import { actorReference } from '../../accounts/actor.ts'
import type { ListId } from '../../contacts/consent/change-consent.ts'
import { changeConsent } from '../../contacts/consent/change-consent.ts'
import type { Contact } from '../../contacts/contact.ts'
import { type ContactChange, changeContact, findContact } from '../../contacts/contacts.ts'
import { type ContactField, readText } from '../../contacts/custom-data.ts'
import { listFields } from '../../contacts/fields.ts'
import { membershipsOf } from '../../contacts/timeline.ts'
import { suppress } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId } from '../../lib/ids.ts'
import type { Json } from '../definition/graph.ts'
import type { ContactFieldChange, ListAdd, OfList, Suppress, Tags } from '../definition/nodes/contact.ts'
import { liveConversation } from '../facts/conversation.ts'
import { TextError } from '../facts/text.ts'
import type { StepResult } from '../interpret/result.ts'
import { go, refused } from './conversation.ts'
import { type Step, type StepContext, step } from './step.ts'

/** Whom the run is about; null where nobody we know is. */
export async function contactOf({ tx, run }: StepContext): Promise<Contact | null> {
  const { workspaceId, subject, cause } = run
  if (subject?.kind === 'contact') return await findContact(tx, workspaceId, subject.id as ContactId)
  const conversationId = subject?.id ?? cause.conversationId
  const conversation = conversationId === null ? null : await liveConversation(tx, workspaceId, conversationId)
  const id = conversation?.contactId ?? cause.contactId
  return id === null ? null : await findContact(tx, workspaceId, id as ContactId)
}

async function onContact(
  context: StepContext,
  work: (contact: Contact) => Promise<StepResult>,
  refusedPort: string | null = null,
): Promise<StepResult> {
  const contact = await contactOf(context)
  if (!contact) return { kind: 'fail', class: 'nobody', sentence: 'There is no contact here.', retryAt: null, port: 'nobody' }
  try {
    return await work(contact)
  } catch (error) {
    if (error instanceof Refusal) return { ...refused(error.message, error.code), port: refusedPort } as StepResult
    if (error instanceof TextError) return { ...refused(error.message, 'text'), port: refusedPort } as StepResult
    throw error
  }
}

/** What the proof of consent names, beside whoever did it. */
function proofOf({ run, actor }: StepContext) {
  return { source: 'api' as const, sourceId: run.id, actor: actorReference(actor), told: { workflow_id: run.workflowId } }
}

/**
 * Nobody who left a list is put on it again: that is for them to say, or for a person who answers for it by name. Whoever is on it stays so; the proof
 * says where they agreed.
 */
const listAdd = step<ListAdd>({
  type: 'contact.list_add@1',
  run: (context, { list, source }) =>
    onContact(context, async (contact) => {
      const { tx, run, now } = context
      const listId = list as ListId
      const standing = (await membershipsOf(tx, run.workspaceId, contact.id)).find((one) => one.listId === list)?.status
      if (standing === 'subscribed') return go('out', { standing })
      if (standing === 'unsubscribed') return go('left', { standing })
      const wish = { contactId: contact.id, listId, wants: 'subscribed' as const }
      const by = { ...proofOf(context), wording: await context.text(source), confirmed: true }
      const [outcome] = await changeConsent(tx, run.workspaceId, [wish], by, now)
      return go(outcome?.refused === 'unsubscribed' ? 'left' : 'out', { standing: outcome?.became ?? 'none' })
    }),
})

const listRemove = step<OfList>({
  type: 'contact.list_remove@1',
  run: (context, { list }) =>
    onContact(context, async (contact) => {
      const { tx, run, now } = context
      const isOn = (await membershipsOf(tx, run.workspaceId, contact.id)).some(({ listId }) => listId === list)
      if (!isOn) return go('out', { standing: 'none' })
      const wish = { contactId: contact.id, listId: list as ListId, wants: 'unsubscribed' as const }
      const by = { ...proofOf(context), wording: `Taken off by the workflow “${run.workflowName}”` }
      await changeConsent(tx, run.workspaceId, [wish], by, now)
      return go('out', { standing: 'unsubscribed' })
    }),
})

const isSame = (one: string) => (other: string) => one.toLowerCase() === other.toLowerCase()

const tag = step<Tags>({
  type: 'contact.tag@1',
  run: (context, { tags }) =>
    onContact(context, async (contact) => {
      const added = tags.filter((one) => !contact.tags.some(isSame(one)))
      if (added.length > 0) await change(context, contact, { tags: [...contact.tags, ...added] })
      return go('out', { added })
    }),
})

const untag = step<Tags>({
  type: 'contact.untag@1',
  run: (context, { tags }) =>
    onContact(context, async (contact) => {
      const removed = contact.tags.filter((one) => tags.some(isSame(one)))
      if (removed.length > 0) await change(context, contact, { tags: contact.tags.filter((one) => !removed.includes(one)) })
      return go('out', { removed })
    }),
})

async function change({ tx, actor, now }: StepContext, contact: Contact, wanted: ContactChange): Promise<Contact> {
  return await changeContact(tx, contact.id, wanted, actor, now)
}

/** What every contact has; by any other name it is a field of the workspace's own. */
const OWN = {
  name: 'name',
  first_name: 'firstName',
  last_name: 'lastName',
  company: 'company',
  job_title: 'jobTitle',
  language: 'language',
  time_zone: 'timeZone',
  external_id: 'externalId',
  note: 'note',
} as const satisfies Readonly<Record<string, keyof ContactChange>>
const MAX_OWN = 200
const MAX_NOTE = 20_000

const field = step<ContactFieldChange>({
  type: 'contact.field@1',
  run: (context, config) =>
    onContact(
      context,
      async (contact) => {
        const value = config.value === null ? null : await context.value(config.value)
        const wanted = wantedOf(config.field, value, await listFields(context.tx, context.run.workspaceId))
        if (typeof wanted === 'string') return refused(wanted, 'invalid')
        await change(context, contact, wanted)
        return go('out', { value })
      },
      'refused',
    ),
})

/** A sentence where it is no value for it. */
function wantedOf(name: string, value: Json, fields: readonly ContactField[]): ContactChange | string {
  if (Object.hasOwn(OWN, name)) {
    const text = value === null ? '' : typeof value === 'object' ? null : String(value)
    const max = name === 'note' ? MAX_NOTE : MAX_OWN
    if (text === null) return `${name} is a text, and this is none.`
    if (text.length > max) return `${name} has at most ${max} characters.`
    return { [OWN[name as keyof typeof OWN]]: text }
  }
  const key = name.startsWith('data.') ? name.slice('data.'.length) : name
  const found = fields.find((one) => one.key === key)
  const isText = typeof value === 'string' && found !== undefined && found.type !== 'text'
  const read = isText ? readText(found, value) : { ok: true as const, value }
  return read.ok ? { data: { [key]: read.value } } : `${read.why}.`
}

const never = step<Suppress>({
  type: 'contact.suppress@1',
  run: (context, { reason }) =>
    onContact(context, async ({ addresses }) => {
      const { tx, run, actor, now } = context
      const entries = addresses.map((address) => ({
        ...{ address, stream: 'all' as const, reason: 'manual' as const, source: 'person' as const, deliveryId: null },
        note: `${reason} (workflow “${run.workflowName}”)`,
      }))
      return go('out', { suppressed: await suppress(tx, run.workspaceId, entries, actorReference(actor), now) })
    }),
})

export const CONTACT_STEPS = [listAdd, listRemove, tag, untag, field, never] as unknown as readonly Step<never>[]
