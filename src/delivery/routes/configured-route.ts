import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { SmtpAddress } from '../../lib/smtp-url.ts'
import { changeRoute, createRoute, listRoutes, sealOf } from './manage.ts'
import { SmtpSettings } from './route.ts'

const NAME = 'WAYBILL_SMTP_URL'

/**
 * The route of WAYBILL_SMTP_URL: made as the default at the first start, kept in step with the variable at later ones. A private address is
 * allowed, since an administrator wrote it. Whether it is still the default then is left to people.
 */
export async function ensureConfiguredRoute(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  address: SmtpAddress,
  now: Date,
): Promise<void> {
  const settings = SmtpSettings.parse({
    host: address.host,
    port: address.port,
    security: address.security,
    user: address.user,
    allow_private: true,
  })
  const existing = (await listRoutes(tx, workspaceId)).find((route) => route.name === NAME)
  if (!existing) {
    await createRoute(tx, secrets, workspaceId, { name: NAME, settings, password: address.password, isDefault: true }, null, now)
    return
  }
  if (existing.way.kind !== 'smtp') return
  const { host, port, security, user } = existing.way.settings
  const password = existing.way.sealedSecret ? secrets.open(existing.way.sealedSecret, sealOf(existing.id)) : null
  const same =
    host === settings.host &&
    port === settings.port &&
    security === settings.security &&
    user === settings.user &&
    password === address.password
  if (same) return
  const changed = { host: settings.host, port: settings.port, security: settings.security, user: settings.user }
  await changeRoute(tx, secrets, workspaceId, existing.id, { settings: changed, password: address.password }, null, now)
}
