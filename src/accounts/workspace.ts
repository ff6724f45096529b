import type { WorkspaceId } from '../lib/ids.ts'

/** A tenant: everything but people and their sessions belongs to exactly one. */
export interface Workspace {
  readonly id: WorkspaceId
  readonly name: string
}
