/** The fields that a workspace adds to contacts. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Tx } from '../db/database.ts'
import { takeTurn } from '../db/turns.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import type { ContactField } from './custom-data.ts'
import { deleteField, selectFields, upsertField } from './fields-queries.ts'

export { selectFields as listFields } from './fields-queries.ts'

export const MAX_FIELDS = 100

/** Adds it, or changes what it is called, its choices and whether it is required. Its type stays: what is stored was read by it. */
export async function saveField(tx: Tx, wanted: ContactField, actor: Actor, now: Date): Promise<ContactField> {
  await takeTurn(tx, 'contact_field', actor.workspaceId)
  const fields = await selectFields(tx, actor.workspaceId)
  const before = fields.find(({ key }) => key === wanted.key)
  if (!before && fields.length >= MAX_FIELDS)
    throw new Refusal('invalid_request', { why: `Contacts have at most ${MAX_FIELDS} fields of their own.` })
  if (before && before.type !== wanted.type)
    throw new Refusal('invalid_request', { why: 'The type of a field stays. Add another field instead.', pointer: '/type' })
  const isChoice = wanted.type === 'choice' || wanted.type === 'choices'
  const options = isChoice ? [...new Set(wanted.options.map((option) => option.trim()).filter((option) => option !== ''))] : []
  if (isChoice && options.length === 0)
    throw new Refusal('invalid_request', { why: 'Say at least one choice.', pointer: '/options' })
  const field = { ...wanted, options }
  await upsertField(tx, actor.workspaceId, field, now)
  await append(tx, event(field.key, before ? 'changed' : 'added', actor), now)
  return field
}

/** What contacts have in it stays with them, unseen, until they are changed: a field that comes back finds it again. */
export async function removeField(tx: Tx, key: string, actor: Actor, now: Date): Promise<void> {
  if (!(await deleteField(tx, actor.workspaceId, key))) throw new Refusal('not_found', { what: 'field' })
  await append(tx, event(key, 'removed', actor), now)
}

function event(name: string, act: 'added' | 'changed' | 'removed', actor: Actor) {
  return {
    type: 'contact_field.changed' as const,
    workspaceId: actor.workspaceId,
    actor: actorReference(actor),
    data: { name, act },
  }
}
