import type { z } from 'zod'
import { previewDraft } from '../../campaigns/content/preview.ts'
import { draftsOfTemplate, namesOf } from '../../campaigns/content/uses.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { EMPTY_DOCUMENT } from '../../templates/blocks/block.ts'
import { READY_TEMPLATES } from '../../templates/library/ready.ts'
import type { Template, TemplateText } from '../../templates/library/template-entry.ts'
import {
  changeTemplate as change,
  createTemplate as create,
  findTemplate,
  listTemplates as list,
  removeTemplate as remove,
} from '../../templates/library/templates.ts'
import type { MjmlReader } from '../../templates/mjml/mjml.ts'
import { slotsIn } from '../../templates/slots.ts'
import { inItsFormat } from '../../templates/template.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeTemplate,
  createTemplate,
  getTemplate,
  listReadyTemplates,
  listTemplates,
  previewTemplate,
  removeTemplate,
  type Template as TemplateView,
} from '../endpoints/templates.ts'
import { type Route, route } from '../route.ts'
import { toBlocks } from '../wire/content.ts'
import { toPreview } from '../wire/preview.ts'

export function templateRoutes({ database, url }: ServerDeps, mjml: MjmlReader): Route[] {
  return [
    route(listTemplates, async ({ tx, actor }) => {
      const found = await list(tx, actor.workspaceId)
      return { items: found.map((template) => summaryOf(template)), next: null }
    }),
    route(getTemplate, async ({ tx, params, actor }) => toTemplate(await findTemplate(tx, actor.workspaceId, params.id))),
    route(createTemplate, async ({ tx, body, actor, now }) =>
      toTemplate(await create(tx, await begun(tx, actor.workspaceId, body), actor, now)),
    ),
    route(changeTemplate, async ({ tx, params, body: { version = null, ...said }, actor, now }) =>
      toTemplate(await change(tx, params.id, given(said), version, actor, now)),
    ),
    route(removeTemplate, async ({ tx, params, actor, now }) => {
      const campaigns = await draftsOfTemplate(tx, actor.workspaceId, params.id)
      if (campaigns.length > 0) throw new Refusal('in_use', { what: 'template', by: namesOf({ campaigns, templates: [] }) })
      await remove(tx, params.id, actor, now)
    }),
    route(previewTemplate, async ({ body, actor, now }) => {
      const { slots = {}, contact_id: contactId = null, ...said } = body
      const content = { ...inItsFormat(said), subject: '', text: null, toName: '' }
      const template = { id: 'preview' as never, slots, taken: { ...inItsFormat(said), version: 0 } }
      const draft = { workspaceId: actor.workspaceId, name: '', content: { ...content, template } }
      return toPreview(await previewDraft({ db: database.db, mjml, url }, draft, contactId, now))
    }),
    route(listReadyTemplates, async () => ({
      items: READY_TEMPLATES.map(({ key, name, description, format }) => ({ key, name, description, format })),
      next: null,
    })),
  ]
}

type Body = z.output<typeof createTemplate.body>

/** What was left out is as what it begins with. */
async function begun(tx: Tx, workspaceId: WorkspaceId, { ready, copy_of: copyOf, ...said }: Body): Promise<TemplateText> {
  const base = await baseOf(tx, workspaceId, ready, copyOf)
  const name = copyOf === undefined ? base.name : `${base.name.slice(0, 190)} (copy)`
  return { ...base, name, ...given(said) }
}

async function baseOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  ready: string | undefined,
  copyOf: Template['id'] | undefined,
): Promise<TemplateText> {
  if (copyOf !== undefined) return textOf(await findTemplate(tx, workspaceId, copyOf))
  if (ready === undefined)
    return { name: 'New template', description: '', format: 'blocks', body: '', blocks: EMPTY_DOCUMENT, fields: [] }
  const found = READY_TEMPLATES.find(({ key }) => key === ready)
  if (!found) throw new Refusal('not_found', { what: 'ready template', pointer: '/ready' })
  const { key: _key, ...text } = found
  return text
}

function textOf({ name, description, format, body, blocks, fields }: Template): TemplateText {
  return { name, description, format, body, blocks, fields }
}

/** What was not given stays. */
function given<T extends object>(said: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as never
}

function summaryOf(template: Template) {
  const { id, version, name, description, format, createdAt, updatedAt } = template
  return { id, version, name, description, format, slots: slotsIn(template), created_at: createdAt, updated_at: updatedAt }
}

function toTemplate(template: Template): TemplateView {
  const { body, blocks, fields } = template
  return { ...summaryOf(template), body, blocks: blocks && toBlocks(blocks), fields: [...fields] }
}
