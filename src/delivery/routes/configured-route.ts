import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { SealBroken, type Secrets } from '../../lib/secrets.ts'
import type { SmtpAddress } from '../../lib/smtp-url.ts'
import { changeRoute, createRoute, listRoutes, sealOf } from './manage.ts'
import { lockConfiguredRoute, markConfigured } from './queries.ts'
import { type Route, SmtpSettings } from './route.ts'

const NAME = 'WAYBILL_SMTP_URL'

/**
 * The route of WAYBILL_SMTP_URL: made as the default at the first start, kept in step with the variable at later ones, whatever people call
 * it. A private address is allowed, since an administrator wrote it. Whether it is still the default then is left to people; so is having it
 * at all: one that was removed comes back only when the variable names another server, and not as the default.
 */
export async function ensureConfiguredRoute(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  address: SmtpAddress,
  now: Date,
): Promise<void> {
  const { host, port, security, user, password } = address
  const settings = SmtpSettings.parse({ host, port, security, user, allow_private: true })
  const existing = await lockConfiguredRoute(tx, workspaceId)
  if (existing?.isRemoved && isSameServer(existing.route, address)) return
  if (!existing || existing.isRemoved) {
    const taken = (await listRoutes(tx, workspaceId)).map(({ name }) => name.toLowerCase())
    const name = taken.includes(NAME.toLowerCase()) ? `${NAME} ${now.toISOString()}` : NAME
    const wanted = { name, way: { kind: 'smtp', settings }, secret: password, isDefault: !existing } as const
    const made = await createRoute(tx, secrets, workspaceId, wanted, null, now)
    await markConfigured(tx, workspaceId, made.id)
    return
  }
  const { route } = existing
  if (isSameServer(route, address) && isPassword(secrets, route, password)) return
  await changeRoute(tx, secrets, workspaceId, route.id, { settings: { host, port, security, user }, secret: password }, null, now)
}

function isSameServer({ way }: Route, { host, port, security, user }: SmtpAddress): boolean {
  if (way.kind !== 'smtp') return false
  const { settings } = way
  return settings.host === host && settings.port === port && settings.security === security && settings.user === user
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
