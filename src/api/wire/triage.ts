import type { Undo } from '../../helpdesk/triage/act.ts'
import type { CustomField } from '../../helpdesk/triage/custom-field.ts'
import type { Change, FieldValues, Seen, Settable } from '../../helpdesk/triage/triage.ts'
import type * as endpoints from '../endpoints/triage.ts'

/** Names of the API ↔ ours. */
const NAMES = {
  inbox_id: 'inboxId',
  subject: 'subject',
  status: 'status',
  label_id: 'labelId',
  priority: 'priority',
  assignee_id: 'assigneeId',
  team_id: 'teamId',
  requester: 'requester',
  due_at: 'dueAt',
  snoozed_until: 'snoozedUntil',
  auto_reply_off: 'autoReplyOff',
} as const satisfies Record<Exclude<keyof endpoints.Seen, 'fields'>, keyof Settable>

type Wire = Readonly<Record<string, unknown>>

export function fromSeen(wire: endpoints.Seen): Seen {
  const settable = Object.entries(NAMES).flatMap(([theirs, ours]) => {
    const value = (wire as Wire)[theirs]
    return value === undefined ? [] : [[ours, value] as const]
  })
  return { ...(Object.fromEntries(settable) as Partial<Settable>), ...(wire.fields && { fields: wire.fields }) }
}

export function fromChange(wire: endpoints.ChangeFields): Change {
  return {
    ...fromSeen(wire),
    ...(wire.add_tags && { addTags: wire.add_tags }),
    ...(wire.remove_tags && { removeTags: wire.remove_tags }),
  }
}

function toSeen(seen: Seen): endpoints.Seen {
  const settable = Object.entries(NAMES).flatMap(([theirs, ours]) => (seen[ours] === undefined ? [] : [[theirs, seen[ours]]]))
  return {
    ...(Object.fromEntries(settable) as endpoints.Seen),
    ...(seen.fields && { fields: { ...(seen.fields as FieldValues) } }),
  }
}

function toChange(change: Change): endpoints.ChangeFields {
  return {
    ...toSeen(change),
    ...(change.addTags && { add_tags: [...change.addTags] }),
    ...(change.removeTags && { remove_tags: [...change.removeTags] }),
  }
}

export function toUndo(undo: Undo): endpoints.Undo {
  switch (undo.act) {
    case 'change':
      return { act: undo.act, ids: [...undo.ids], change: toChange(undo.change), seen: toSeen(undo.seen) }
    case 'delete':
    case 'restore':
    case 'unmerge':
      return { act: undo.act, ids: [...undo.ids] }
    case 'merge':
      return { act: undo.act, ids: [...undo.ids], into: undo.into }
    case 'follow':
    case 'unfollow':
      return { act: undo.act, id: undo.id, user_id: undo.userId }
    default:
      return { ...undo }
  }
}

export function fromUndo(undo: endpoints.Undo): Undo {
  switch (undo.act) {
    case 'change':
      return { ...undo, change: fromChange(undo.change), seen: fromSeen(undo.seen) }
    case 'follow':
    case 'unfollow':
      return { act: undo.act, id: undo.id, userId: undo.user_id }
    default:
      return undo
  }
}

export function toField(field: CustomField): endpoints.FieldDefinition {
  return {
    id: field.id,
    inbox_id: field.inboxId,
    name: field.name,
    type: field.type,
    options: [...field.options],
    is_required: field.isRequired,
    in_list: field.inList,
    position: field.position,
  }
}
