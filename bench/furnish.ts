import { sql } from 'kysely'
import { createPasswords } from '../src/accounts/password.ts'
import { setUpUnattended } from '../src/accounts/set-up-unattended.ts'
import { findFirstWorkspace } from '../src/accounts/workspaces.ts'
import { ENGINE } from '../src/db/database.ts'
import { makeKeys } from '../src/delivery/domains/make-keys.ts'
import { addDomain } from '../src/delivery/domains/manage.ts'
import { createRoute, createSandboxRoute } from '../src/delivery/routes/manage.ts'
import { SmtpSettings } from '../src/delivery/routes/route.ts'
import { DAY } from '../src/lib/clock.ts'
import type { WorkspaceId } from '../src/lib/ids.ts'
import type { Store } from '../src/store.ts'

/** A workspace whose mail goes to the sink. */
export async function furnishBench(
  { database, clock, secrets }: Store,
  sink: { readonly port: number; readonly connections: number; readonly fingerprint?: string },
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
          security: sink.fingerprint ? 'tls' : 'none',
          certificate_fingerprint: sink.fingerprint ?? null,
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

/**
 * A domain that was written to before. While a server runs, the first mail to a domain has its receiver looked up, and all that come later are put
 * into their lane as they come in; only what is queued while nothing runs, as benches do, would all have to be sorted afterwards.
 */
export async function knownReceiver({ database, clock }: Store, domain: string): Promise<void> {
  await sql`
    insert into recipient_domain (domain, receiver, lane_receiver, resolved_at, expires_at)
    values (${domain}, ${domain}, 'other', ${clock.now()}, ${new Date(clock.now().getTime() + DAY)})`.execute(database.db)
}

/** A domain whose keys are in use: what its looks at the DNS would have come to. */
export async function verifiedDomain({ database, secrets, clock }: Store, workspaceId: WorkspaceId, name: string): Promise<void> {
  const keys = await makeKeys()
  await database.transaction(ENGINE, (tx) => addDomain(tx, secrets, workspaceId, { name, keys }, null, clock.now()))
  await sql`update domain set state = 'verified', verified_at = now(), next_check_at = now() + interval '1 day'`.execute(
    database.db,
  )
  await sql`update dkim_key set state = 'active'`.execute(database.db)
}
