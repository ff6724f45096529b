/** Members who share work: a conversation may be a team's before it is somebody's. */
import type { TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'

export interface Team {
  readonly workspaceId: WorkspaceId
  readonly id: TeamId
  readonly name: string
  readonly members: readonly UserId[]
  readonly createdAt: Date
  readonly updatedAt: Date
}
