import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { SealBroken, type Secrets } from '../../lib/secrets.ts'
import type { SmtpAddress } from '../../lib/smtp-url.ts'
import { changeRoute, createRoute, listRoutes, sealOf } from './manage.ts'
import { type Route, SmtpSettings } from './route.ts'

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
    await createRoute(
      tx,
      secrets,
      workspaceId,
      { name: NAME, way: { kind: 'smtp', settings }, secret: address.password, isDefault: true },
      null,
      now,
    )
    return
  }
  if (existing.way.kind !== 'smtp') return
  const { host, port, security, user } = existing.way.settings
  const same =
    host === settings.host &&
    port === settings.port &&
    security === settings.security &&
    user === settings.user &&
    isPassword(secrets, existing, address.password)
  if (same) return
  const changed = { host: settings.host, port: settings.port, security: settings.security, user: settings.user }
  await changeRoute(tx, secrets, workspaceId, existing.id, { settings: changed, secret: address.password }, null, now)
}

/** One that no longer opens, because WAYBILL_SECRET is another now, is not the one that is wanted: it is sealed anew. */
function isPassword(secrets: Secrets, { id, way }: Route, wanted: string | null): boolean {
  const sealed = way.kind === 'smtp' ? way.sealedSecret : null
  if (sealed === null || wanted === null) return sealed === wanted
  try {
    return secrets.open(sealed, sealOf(id)) === wanted
  } catch (error) {
    if (error instanceof SealBroken) return false
    throw error
  }
}
