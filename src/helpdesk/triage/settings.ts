/** What a workspace adds to its conversations: labels of a status, custom fields, tags. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type Id, type InboxId, newId, type WorkspaceId } from '../../lib/ids.ts'
import type { CustomFieldId, StatusLabelId } from '../inbox.ts'
import { findInbox } from '../inboxes.ts'
import type { CustomField } from './custom-field.ts'
import { selectFields, selectLabels } from './queries.ts'
import {
  countTagged,
  deleteField,
  deleteLabel,
  deleteTag,
  insertField,
  insertLabel,
  insertRewrite,
  insertTag,
  lockTag,
  orderFields,
  orderLabels,
  type RewriteId,
  rewriteTag,
  selectTags,
  type Tag,
  updateField,
  updateLabel,
  updateTagColor,
} from './settings-queries.ts'
import { tagName } from './tag.ts'
import type { StatusLabel } from './triage.ts'

export const MAX_LABELS = 100
export const MAX_FIELDS = 200
export const MAX_TAGS_SHOWN = 1_000
/** Further than this nobody counts. */
export const MAX_COUNTED = 1_000
/** Done at once; the rest by the job. Each of them is written into the index of words anew. */
const TAGGED_AT_ONCE = 100

export { selectFields as listFields, selectLabels as listLabels }

type Noun = 'tag' | 'custom_field' | 'status_label'

async function record(
  tx: Tx,
  noun: Noun,
  name: string,
  act: string,
  subjectId: string | null,
  actor: Actor,
  now: Date,
): Promise<void> {
  const { workspaceId } = actor
  const event = { type: `${noun}.changed` as const, workspaceId, actor: actorReference(actor), data: { name, act } }
  await append(tx, subjectId === null ? event : { ...event, subjectId }, now)
}

export type NewLabel = Pick<StatusLabel, 'name' | 'status' | 'color'>

export async function createLabel(tx: Tx, wanted: NewLabel, actor: Actor, now: Date): Promise<StatusLabel> {
  const all = await selectLabels(tx, actor.workspaceId)
  if (all.length >= MAX_LABELS) throw new Refusal('too_many_of_these', { limit: MAX_LABELS, what: 'labels' })
  const position = 1 + Math.max(0, ...all.map((label) => label.position))
  const label: StatusLabel = { ...wanted, id: newId<StatusLabelId>(now.getTime()), position }
  if (!(await insertLabel(tx, actor.workspaceId, label))) throw taken('label', wanted.name)
  await record(tx, 'status_label', label.name, 'created', label.id, actor, now)
  return label
}

/** Its status stays: conversations that have it would otherwise be of another status than it says. */
export async function changeLabel(
  tx: Tx,
  id: StatusLabelId,
  wanted: Partial<Pick<StatusLabel, 'name' | 'color'>>,
  actor: Actor,
  now: Date,
): Promise<StatusLabel> {
  const all = await selectLabels(tx, actor.workspaceId)
  const label = all.find((each) => each.id === id)
  if (!label) throw new Refusal('not_found', { what: 'label' })
  const changed = { ...label, ...wanted }
  if (all.some((each) => each.id !== id && isSameName(each.name, changed.name))) throw taken('label', changed.name)
  await updateLabel(tx, actor.workspaceId, changed)
  await record(tx, 'status_label', changed.name, 'changed', id, actor, now)
  return changed
}

/** Conversations that have it keep their status. */
export async function removeLabel(tx: Tx, id: StatusLabelId, actor: Actor, now: Date): Promise<void> {
  const label = (await selectLabels(tx, actor.workspaceId)).find((each) => each.id === id)
  if (!label) throw new Refusal('not_found', { what: 'label' })
  await deleteLabel(tx, actor.workspaceId, id)
  await record(tx, 'status_label', label.name, 'removed', id, actor, now)
}

export async function setLabelOrder(tx: Tx, ids: readonly StatusLabelId[], actor: Actor, now: Date): Promise<StatusLabel[]> {
  await orderLabels(tx, actor.workspaceId, ids)
  await record(tx, 'status_label', '', 'put in order', null, actor, now)
  return selectLabels(tx, actor.workspaceId)
}

export type NewField = Omit<CustomField, 'id' | 'position'>

export async function createField(tx: Tx, wanted: NewField, actor: Actor, now: Date): Promise<CustomField> {
  const all = await selectFields(tx, actor.workspaceId)
  if (all.length >= MAX_FIELDS) throw new Refusal('too_many_of_these', { limit: MAX_FIELDS, what: 'fields' })
  refuseOptions(wanted)
  await refuseInbox(tx, wanted.inboxId, actor)
  const position = 1 + Math.max(0, ...all.map((field) => field.position))
  const field: CustomField = { ...wanted, id: newId<CustomFieldId>(now.getTime()), position }
  if (!(await insertField(tx, actor.workspaceId, field, now))) throw taken('field', wanted.name)
  await record(tx, 'custom_field', field.name, 'created', field.id, actor, now)
  return field
}

/** Its type stays: what stands in conversations was checked by it. */
export async function changeField(
  tx: Tx,
  id: CustomFieldId,
  wanted: Partial<Omit<NewField, 'type'>>,
  actor: Actor,
  now: Date,
): Promise<CustomField> {
  const all = await selectFields(tx, actor.workspaceId)
  const field = all.find((each) => each.id === id)
  if (!field) throw new Refusal('not_found', { what: 'field' })
  const changed = { ...field, ...wanted }
  refuseOptions(changed)
  await refuseInbox(tx, changed.inboxId, actor)
  if (all.some((each) => each.id !== id && each.inboxId === changed.inboxId && isSameName(each.name, changed.name)))
    throw taken('field', changed.name)
  await updateField(tx, actor.workspaceId, changed)
  await record(tx, 'custom_field', changed.name, 'changed', id, actor, now)
  return changed
}

/** Its values are taken out of the conversations by the job. */
export async function removeField(tx: Tx, id: CustomFieldId, actor: Actor, now: Date): Promise<void> {
  const { workspaceId } = actor
  const field = (await selectFields(tx, workspaceId)).find((each) => each.id === id)
  if (!field) throw new Refusal('not_found', { what: 'field' })
  await deleteField(tx, workspaceId, id)
  const rewrite = { workspaceId, id: newId<RewriteId>(now.getTime()), kind: 'field' as const, subject: id }
  await insertRewrite(tx, { ...rewrite, becomes: null, after: null }, now)
  await record(tx, 'custom_field', field.name, 'removed', id, actor, now)
}

export async function setFieldOrder(tx: Tx, ids: readonly CustomFieldId[], actor: Actor, now: Date): Promise<CustomField[]> {
  await orderFields(tx, actor.workspaceId, ids)
  await record(tx, 'custom_field', '', 'put in order', null, actor, now)
  return selectFields(tx, actor.workspaceId)
}

function refuseOptions({ type, options }: Pick<CustomField, 'type' | 'options'>): void {
  const isChoice = type === 'choice' || type === 'choices'
  const why = isChoice ? 'A field of choices needs at least one option.' : 'Only fields of choices have options.'
  if (isChoice !== options.length > 0) throw new Refusal('invalid_request', { why, pointer: '/options' })
  if (new Set(options).size !== options.length)
    throw new Refusal('invalid_request', { why: 'Each option may stand in the list once.', pointer: '/options' })
}

async function refuseInbox(tx: Tx, id: InboxId | null, { workspaceId }: Actor): Promise<void> {
  if (id !== null && !(await findInbox(tx, workspaceId, id)))
    throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox_id' })
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function taken(what: string, name: string): Refusal {
  return new Refusal('setting_name_taken', { what, name, pointer: '/name' })
}

export interface CountedTag extends Tag {
  readonly conversations: number
}

export async function listTags(db: Db | Tx, workspaceId: WorkspaceId, counted: boolean): Promise<CountedTag[]> {
  const tags = await selectTags(db, workspaceId, MAX_TAGS_SHOWN)
  const counts = counted
    ? await countTagged(
        db,
        workspaceId,
        tags.map(({ name }) => name),
        MAX_COUNTED,
      )
    : new Map<string, number>()
  return tags.map((tag) => ({ ...tag, conversations: counts.get(tag.name) ?? 0 }))
}

export async function createTag(tx: Tx, wanted: Pick<Tag, 'name' | 'color'>, actor: Actor, now: Date): Promise<Tag> {
  const tag = { ...wanted, name: readName(wanted.name), createdAt: now }
  if (!(await insertTag(tx, actor.workspaceId, tag))) throw taken('tag', tag.name)
  await record(tx, 'tag', tag.name, 'created', null, actor, now)
  return tag
}

/** Another colour, another name. A name that another tag has makes one of the two. */
export async function changeTag(
  tx: Tx,
  name: string,
  wanted: { readonly name?: string; readonly color?: string },
  actor: Actor,
  now: Date,
): Promise<Tag> {
  const { workspaceId } = actor
  const tag = await lockTag(tx, workspaceId, name)
  if (!tag) throw new Refusal('not_found', { what: 'tag' })
  const color = wanted.color ?? tag.color
  const becomes = wanted.name === undefined ? tag.name : readName(wanted.name)
  if (becomes === tag.name) {
    await updateTagColor(tx, workspaceId, tag.name, color)
    await record(tx, 'tag', tag.name, 'recoloured', null, actor, now)
    return { ...tag, color }
  }
  await insertTag(tx, workspaceId, { ...tag, name: becomes, color })
  await deleteTag(tx, workspaceId, tag.name)
  await rewrite(tx, workspaceId, tag.name, becomes, now)
  await record(tx, 'tag', tag.name, `renamed to ${becomes}`, null, actor, now)
  return (await lockTag(tx, workspaceId, becomes)) ?? { ...tag, name: becomes, color }
}

export async function removeTag(tx: Tx, name: string, actor: Actor, now: Date): Promise<void> {
  const tag = await lockTag(tx, actor.workspaceId, name)
  if (!tag) throw new Refusal('not_found', { what: 'tag' })
  await deleteTag(tx, actor.workspaceId, name)
  await rewrite(tx, actor.workspaceId, name, null, now)
  await record(tx, 'tag', name, 'removed', null, actor, now)
}

async function rewrite(tx: Tx, workspaceId: WorkspaceId, subject: string, becomes: string | null, now: Date): Promise<void> {
  const done = await rewriteTag(tx, { workspaceId, subject, becomes }, TAGGED_AT_ONCE)
  if (done < TAGGED_AT_ONCE) return
  const id = newId<Id<'conversation_rewrite'>>(now.getTime())
  await insertRewrite(tx, { workspaceId, id, kind: 'tag', subject, becomes, after: null }, now)
}

function readName(text: string): string {
  const name = tagName(text)
  if (name !== null) return name
  throw new Refusal('invalid_request', { why: 'A tag has 1 to 50 characters, without commas and line breaks.', pointer: '/name' })
}
