import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { OAuthProvider } from '../mailbox.ts'
import { deleteApp, forgetRefusals, isProviderUsed, selectApp, upsertApp } from './queries.ts'
import { appSeal, type OAuthApp } from './token.ts'

export {
  selectApp as findApp,
  selectApps as listApps,
  selectEndingApps as listEndingApps,
  selectGrants as listGrants,
  selectToken as findToken,
  selectTokens as findTokens,
} from './queries.ts'

export interface AppWanted {
  readonly provider: OAuthProvider
  readonly clientId: string
  /** undefined: keep it. */
  readonly clientSecret: string | undefined
  readonly tenant: string | undefined
  /** undefined: keep it, unless the secret is a new one, whose end nobody said. */
  readonly secretEndsOn?: string | null | undefined
  readonly inTesting?: boolean | undefined
}

/** Registers our application of a provider, or changes it: a renewed client secret lets everything go on by itself. */
export async function setApp(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  { provider, clientId, clientSecret, tenant, secretEndsOn, inTesting }: AppWanted,
  now: Date,
): Promise<OAuthApp> {
  const was = await selectApp(tx, workspaceId, provider)
  const sealedSecret = clientSecret === undefined ? was?.sealedSecret : secrets.seal(clientSecret, appSeal(workspaceId, provider))
  if (!sealedSecret)
    throw new Refusal('invalid_request', { why: 'The client secret is needed the first time.', pointer: '/client_secret' })
  const app: OAuthApp = {
    workspaceId,
    provider,
    clientId,
    sealedSecret,
    tenant: tenant ?? was?.tenant ?? 'common',
    secretEndsOn: secretEndsOn !== undefined ? secretEndsOn : clientSecret === undefined ? (was?.secretEndsOn ?? null) : null,
    inTesting: provider === 'google' && (inTesting ?? was?.inTesting ?? false),
    createdAt: was?.createdAt ?? now,
    updatedAt: now,
  }
  await upsertApp(tx, app)
  await forgetRefusals(tx, workspaceId, provider)
  return app
}

export async function removeApp(tx: Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<void> {
  if (await isProviderUsed(tx, workspaceId, provider)) throw new Refusal('oauth_app_in_use')
  if (!(await deleteApp(tx, workspaceId, provider))) throw new Refusal('not_found', { what: 'application' })
}
