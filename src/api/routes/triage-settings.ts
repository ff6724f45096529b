import * as settings from '../../helpdesk/triage/settings.ts'
import {
  changeCustomField,
  changeStatusLabel,
  changeTag,
  createCustomField,
  createStatusLabel,
  createTag,
  listCustomFields,
  listStatusLabels,
  listTags,
  orderCustomFields,
  orderStatusLabels,
  removeCustomField,
  removeStatusLabel,
  removeTag,
} from '../endpoints/triage-settings.ts'
import { type Route, route } from '../route.ts'
import { toField } from '../wire/triage.ts'

export function triageSettingRoutes(): Route[] {
  return [...labelRoutes(), ...fieldRoutes(), ...tagRoutes()]
}

function whole<T>(items: readonly T[]) {
  return { items: [...items], next: null }
}

function labelRoutes(): Route[] {
  return [
    route(listStatusLabels, async ({ tx, actor }) => whole(await settings.listLabels(tx, actor.workspaceId))),
    route(createStatusLabel, ({ tx, body, actor, now }) => settings.createLabel(tx, body, actor, now)),
    route(changeStatusLabel, ({ tx, params, body: { name, color }, actor, now }) =>
      settings.changeLabel(tx, params.id, { ...(name !== undefined && { name }), ...(color && { color }) }, actor, now),
    ),
    route(removeStatusLabel, ({ tx, params, actor, now }) => settings.removeLabel(tx, params.id, actor, now)),
    route(orderStatusLabels, async ({ tx, body, actor, now }) => whole(await settings.setLabelOrder(tx, body.ids, actor, now))),
  ]
}

function fieldRoutes(): Route[] {
  return [
    route(listCustomFields, async ({ tx, actor }) => whole((await settings.listFields(tx, actor.workspaceId)).map(toField))),
    route(createCustomField, async ({ tx, body, actor, now }) => {
      const { inbox_id: inboxId, is_required: isRequired, in_list: inList, ...rest } = body
      return toField(await settings.createField(tx, { ...rest, inboxId, isRequired, inList }, actor, now))
    }),
    route(changeCustomField, async ({ tx, params, body, actor, now }) => {
      const wanted = {
        ...(body.inbox_id !== undefined && { inboxId: body.inbox_id }),
        ...(body.name !== undefined && { name: body.name }),
        ...(body.options !== undefined && { options: body.options }),
        ...(body.is_required !== undefined && { isRequired: body.is_required }),
        ...(body.in_list !== undefined && { inList: body.in_list }),
      }
      return toField(await settings.changeField(tx, params.id, wanted, actor, now))
    }),
    route(removeCustomField, ({ tx, params, actor, now }) => settings.removeField(tx, params.id, actor, now)),
    route(orderCustomFields, async ({ tx, body, actor, now }) =>
      whole((await settings.setFieldOrder(tx, body.ids, actor, now)).map(toField)),
    ),
  ]
}

function tagRoutes(): Route[] {
  return [
    route(listTags, async ({ tx, params, actor }) =>
      whole((await settings.listTags(tx, actor.workspaceId, params.counted ?? false)).map(toTag)),
    ),
    route(createTag, async ({ tx, body, actor, now }) => toTag(await settings.createTag(tx, body, actor, now))),
    route(changeTag, async ({ tx, params, body: { name, color }, actor, now }) => {
      const wanted = { ...(name !== undefined && { name }), ...(color && { color }) }
      return toTag(await settings.changeTag(tx, params.name, wanted, actor, now))
    }),
    route(removeTag, ({ tx, params, actor, now }) => settings.removeTag(tx, params.name, actor, now)),
  ]
}

function toTag({
  name,
  color,
  conversations = 0,
}: {
  readonly name: string
  readonly color: string
  readonly conversations?: number
}) {
  return { name, color, conversations }
}
