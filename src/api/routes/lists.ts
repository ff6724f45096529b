import { listFields, removeField, saveField } from '../../contacts/fields.ts'
import { readGrowth } from '../../contacts/growth/read-growth.ts'
import {
  type ContactList,
  changeList as change,
  counted,
  createList as create,
  findList,
  listLists as list,
} from '../../contacts/lists.ts'
import { ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  addContactField,
  changeContactField,
  changeList,
  createList,
  getList,
  listContactFields,
  listGrowth,
  listLists,
  removeContactField,
} from '../endpoints/lists.ts'
import { type Route, route } from '../route.ts'
import { fromListBody, toField, toList } from '../wire/lists.ts'

/** As the owner of the tables, bound to the workspace of whoever asks: behind row-level security no index would serve. */
const LOOK = { readOnly: true, statementTimeoutMs: 20_000 } as const
const DAYS = 30

export function listRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(listLists, async ({ tx, actor }) => ({ items: (await list(tx, actor.workspaceId)).map(toList) })),
    route(getList, async ({ tx, params, actor }) => {
      const found = await findList(tx, actor.workspaceId, params.id)
      if (!found) throw new Refusal('not_found', { what: 'list' })
      return await told(tx, actor.workspaceId, found)
    }),
    route(listGrowth, async ({ params: { id, days = DAYS, zone = 'UTC' }, actor, now }) => ({
      items: await database.transaction(ENGINE, (tx) => readGrowth(tx, actor.workspaceId, id, { days, zone }, now), LOOK),
    })),
    route(createList, async ({ tx, body, actor, now }) => {
      const made = await create(tx, { ...fromListBody(body), name: body.name }, actor, now)
      return await told(tx, actor.workspaceId, made)
    }),
    route(changeList, async ({ tx, params, body, actor, now }) =>
      told(tx, actor.workspaceId, await change(tx, params.id, fromListBody(body), actor, now)),
    ),
    route(listContactFields, async ({ tx, actor }) => ({ items: (await listFields(tx, actor.workspaceId)).map(toField) })),
    route(addContactField, async ({ tx, body, actor, now }) => {
      const fields = await listFields(tx, actor.workspaceId)
      if (fields.some(({ key }) => key === body.key))
        throw new Refusal('invalid_request', { why: `There is a field “${body.key}” already.`, pointer: '/key' })
      const { options = [], is_required: isRequired = false, position = fields.length, ...rest } = body
      return toField(await saveField(tx, { ...rest, options, isRequired, position }, actor, now))
    }),
    route(changeContactField, async ({ tx, params, body, actor, now }) => {
      const before = (await listFields(tx, actor.workspaceId)).find(({ key }) => key === params.key)
      if (!before) throw new Refusal('not_found', { what: 'field' })
      const { label = before.label, options = before.options, position = before.position } = body
      const isRequired = body.is_required ?? before.isRequired
      return toField(await saveField(tx, { ...before, label, options, position, isRequired }, actor, now))
    }),
    route(removeContactField, async ({ tx, params, actor, now }) => removeField(tx, params.key, actor, now)),
  ]
}

async function told(tx: Tx, workspaceId: WorkspaceId, found: ContactList) {
  const [one] = await counted(tx, workspaceId, [found])
  return toList(one ?? { ...found, pending: 0, subscribed: 0, unsubscribed: 0 })
}
