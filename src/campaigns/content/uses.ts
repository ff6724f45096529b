/** Who shows an image, who uses a template: asked before either is removed. */
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { templatesNaming } from '../../templates/library/templates.ts'
import type { TemplateId } from '../../templates/template.ts'
import { type CampaignUsing, selectCampaignsNaming } from './queries.ts'

export interface Uses {
  readonly campaigns: readonly CampaignUsing[]
  readonly templates: readonly { readonly id: TemplateId; readonly name: string }[]
}

const MOST = 20

/** By its token, wherever it stands. */
export async function usesOfImage(db: Db | Tx, workspaceId: WorkspaceId, token: string): Promise<Uses> {
  return {
    campaigns: await selectCampaignsNaming(db, workspaceId, token, null, MOST),
    templates: await templatesNaming(db, workspaceId, token, MOST),
  }
}

/** Drafts follow a template; what was started has a copy of it. */
export async function draftsOfTemplate(db: Db | Tx, workspaceId: WorkspaceId, id: TemplateId): Promise<readonly CampaignUsing[]> {
  return await selectCampaignsNaming(db, workspaceId, id, ['draft', 'scheduled'], MOST)
}

/** “Spring news” and 2 more. */
export function namesOf({ campaigns, templates }: Uses): string {
  const names = [
    ...campaigns.map(({ name }) => `the campaign “${name}”`),
    ...templates.map(({ name }) => `the template “${name}”`),
  ]
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}
