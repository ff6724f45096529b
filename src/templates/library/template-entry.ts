import type { WorkspaceId } from '../../lib/ids.ts'
import type { TemplateId, TemplateSource } from '../template.ts'

/** What people write of a template. */
export interface TemplateText extends TemplateSource {
  readonly name: string
  readonly description: string
}

export interface Template extends TemplateText {
  readonly workspaceId: WorkspaceId
  readonly id: TemplateId
  readonly version: number
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly updatedAt: Date
}

export const MAX_TEMPLATES = 500
