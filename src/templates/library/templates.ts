import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { takeTurn } from '../../db/turns.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import type { Content } from '../content.ts'
import { inItsFormat, type TemplateId, type TemplateSource, type TemplateUse } from '../template.ts'
import {
  countTemplates,
  deleteTemplate,
  insertTemplate,
  lockTemplate,
  selectTemplate,
  selectTemplates,
  updateTemplate,
} from './queries.ts'
import { MAX_TEMPLATES, type Template, type TemplateText } from './template-entry.ts'

export { selectTemplatesNaming as templatesNaming } from './queries.ts'

export async function listTemplates(db: Db | Tx, workspaceId: WorkspaceId): Promise<Template[]> {
  return await selectTemplates(db, workspaceId, MAX_TEMPLATES)
}

export async function findTemplate(db: Db | Tx, workspaceId: WorkspaceId, id: TemplateId): Promise<Template> {
  const found = await selectTemplate(db, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'template' })
  return found
}

/** Whoever makes one: how many there are is counted by one at a time. */
const TURN = 'template'

/** A template may be kept half done, as a draft may: what is wrong with it is told where it is looked at, and refused where it is sent. */
export async function createTemplate(tx: Tx, said: TemplateText, actor: Actor, now: Date): Promise<Template> {
  await takeTurn(tx, TURN, actor.workspaceId)
  if ((await countTemplates(tx, actor.workspaceId)) >= MAX_TEMPLATES)
    throw new Refusal('too_many_templates', { limit: MAX_TEMPLATES })
  const template: Template = {
    ...inItsFormat(said),
    workspaceId: actor.workspaceId,
    id: newId<TemplateId>(now.getTime()),
    version: 1,
    createdAt: now,
    createdBy: actorReference(actor),
    updatedAt: now,
  }
  await insertTemplate(tx, template)
  await tell(tx, template, 'template.created', actor, now)
  return template
}

/** `version` as it was read: a change that somebody else made in between is not overwritten. */
export async function changeTemplate(
  tx: Tx,
  id: TemplateId,
  said: Partial<TemplateText>,
  version: number | null,
  actor: Actor,
  now: Date,
): Promise<Template> {
  const found = await lockTemplate(tx, actor.workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'template' })
  if (version !== null && version !== found.version)
    throw new Refusal('changed_meanwhile', { happened: 'Somebody changed this template' })
  const changed = { ...inItsFormat({ ...found, ...said }), version: found.version + 1, updatedAt: now }
  await updateTemplate(tx, changed)
  await tell(tx, changed, 'template.changed', actor, now)
  return changed
}

export async function removeTemplate(tx: Tx, id: TemplateId, actor: Actor, now: Date): Promise<void> {
  const found = await lockTemplate(tx, actor.workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'template' })
  await deleteTemplate(tx, actor.workspaceId, id)
  await tell(tx, found, 'template.removed', actor, now)
}

async function tell(
  tx: Tx,
  { workspaceId, id, name }: Pick<Template, 'workspaceId' | 'id' | 'name'>,
  type: 'template.created' | 'template.changed' | 'template.removed',
  actor: Actor,
  now: Date,
): Promise<void> {
  await append(tx, { type, workspaceId, subjectId: id, actor: actorReference(actor), data: { name } }, now)
}

/** The template that a content uses: the copy it has taken, else the one there is. Null: it uses none, or it is gone. */
export async function templateOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { template }: { readonly template?: TemplateUse | null },
): Promise<TemplateSource | null> {
  if (!template) return null
  return template.taken ?? (await selectTemplate(db, workspaceId, template.id))
}

/** The content with a copy of its template in it, which it keeps from then on. */
export async function takeTemplate(tx: Tx, workspaceId: WorkspaceId, content: Content): Promise<Content> {
  const { template } = content
  if (!template || template.taken) return content
  const found = await selectTemplate(tx, workspaceId, template.id)
  if (!found) return content
  const { format, body, blocks, fields, version } = found
  return { ...content, template: { ...template, taken: { format, body, blocks, fields, version } } }
}
