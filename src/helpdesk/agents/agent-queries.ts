import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { UserId, WorkspaceId } from '../../lib/ids.ts'

export interface AgentAddress {
  readonly address: string
  readonly userId: UserId
}

export async function selectAgentAddresses(db: Db | Tx, workspaceId: WorkspaceId): Promise<AgentAddress[]> {
  const { rows } = await sql<AgentAddress>`
    select address, user_id as "userId" from agent_address where workspace_id = ${workspaceId} order by user_id, address`.execute(
    db,
  )
  return rows
}

/** False when the address is taken. */
export async function insertAgentAddress(tx: Tx, workspaceId: WorkspaceId, row: AgentAddress, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into agent_address (workspace_id, address, user_id, created_at) values (${workspaceId}, ${row.address}, ${row.userId}, ${now})
        on conflict (workspace_id, address) do nothing`.execute(tx)
  return numAffectedRows === 1n
}

export async function deleteAgentAddress(tx: Tx, workspaceId: WorkspaceId, { address, userId }: AgentAddress): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from agent_address where workspace_id = ${workspaceId} and address = ${address} and user_id = ${userId}`.execute(tx)
  return numAffectedRows === 1n
}
