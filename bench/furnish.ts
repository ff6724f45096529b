import { createPasswords } from '../src/accounts/password.ts'
import { setUpUnattended } from '../src/accounts/set-up-unattended.ts'
import { findFirstWorkspace } from '../src/accounts/workspaces.ts'
import { createRoute, createSandboxRoute } from '../src/delivery/routes/manage.ts'
import { SmtpSettings } from '../src/delivery/routes/route.ts'
import type { WorkspaceId } from '../src/lib/ids.ts'
import type { Store } from '../src/store.ts'

/** A workspace whose mail goes to the sink. */
export async function furnishBench(
  { database, clock, secrets }: Store,
  sink: { readonly port: number; readonly connections: number },
): Promise<WorkspaceId> {
  await setUpUnattended(
    {
      database,
      passwords: createPasswords(),
      furnish: async (tx, workspaceId, now) => {
        await createSandboxRoute(tx, workspaceId, now)
        const settings = SmtpSettings.parse({
          host: '127.0.0.1',
          port: sink.port,
          security: 'none',
          allow_private: true,
          max_connections: sink.connections,
          max_messages_per_connection: 10_000,
        })
        await createRoute(
          tx,
          secrets,
          workspaceId,
          { name: 'sink', way: { kind: 'smtp', settings }, secret: null, isDefault: true },
          null,
          now,
        )
      },
    },
    { administrator: null, apiKey: 'k'.repeat(40) },
    clock.now(),
  )
  const workspace = await findFirstWorkspace(database.db)
  if (!workspace) throw new Error('there is no workspace')
  return workspace.id
}
