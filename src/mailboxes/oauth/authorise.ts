import type { Database, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { randomToken, SealBroken, type Secrets, sha256 } from '../../lib/secrets.ts'
import type { Mailbox, MailboxId, OAuthProvider } from '../mailbox.ts'
import { endOfRefresh, type OAuthDeps, tokenRequest } from './access-token.ts'
import { redeemCode } from './ask-token.ts'
import { OAUTH_WORLD, type OAuthWorld, scopesOf } from './providers.ts'
import { replaceToken, selectApp } from './queries.ts'
import { type OAuthApp, tokenSeal } from './token.ts'

/** What comes back with the person: sealed, for one session only, and with the verifier in it, so that nothing has to be stored meanwhile. */
interface Errand {
  readonly workspaceId: WorkspaceId
  readonly mailboxId: MailboxId
  readonly verifier: string
  readonly endsAt: number
}

const ERRAND_MS = 15 * MINUTE

/** The page of the provider where a person agrees (RFC 6749 §4.1.1 with the challenge of RFC 7636 §4.3). */
export function authoriseUrl(
  app: OAuthApp,
  mailbox: Mailbox,
  { secrets, oauth = OAUTH_WORLD }: { readonly secrets: Secrets; readonly oauth?: OAuthWorld | undefined },
  { sessionId, redirectUri }: { readonly sessionId: string; readonly redirectUri: string },
  now: Date,
): string {
  const verifier = randomToken(48)
  const errand: Errand = {
    workspaceId: mailbox.workspaceId,
    mailboxId: mailbox.id,
    verifier,
    endsAt: now.getTime() + ERRAND_MS,
  }
  const url = new URL(oauth[app.provider].authoriseUrl.replace('{tenant}', encodeURIComponent(app.tenant)))
  const asked = {
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    response_mode: 'query',
    scope: scopesOf(app.provider, mailbox.settings.protocol),
    state: secrets.seal(JSON.stringify(errand), stateSeal(sessionId)).toString('base64url'),
    code_challenge: sha256(verifier).toString('base64url'),
    code_challenge_method: 'S256',
    login_hint: mailbox.settings.username,
    // Google gives a refresh token only when it is asked for offline access, and the second time only when the person is asked again.
    ...(app.provider === 'google' ? { access_type: 'offline', prompt: 'consent' } : { prompt: 'select_account' }),
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return url.href
}

/** Whose errand it is. Refused when it is not this session's, was changed, or took too long. */
export function readErrand(secrets: Secrets, state: string, sessionId: string, now: Date): Errand {
  try {
    const errand = JSON.parse(secrets.open(Buffer.from(state, 'base64url'), stateSeal(sessionId))) as Errand
    if (errand.endsAt >= now.getTime()) return errand
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error
  }
  throw new Refusal('oauth_state_wrong')
}

/** The code becomes tokens, which are kept for the mailbox. Network: not inside a transaction. */
export async function grant(
  deps: OAuthDeps & { readonly database: Database },
  within: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  { mailbox, provider }: { readonly mailbox: Mailbox; readonly provider: OAuthProvider },
  given: { readonly code: string; readonly verifier: string; readonly redirectUri: string },
): Promise<void> {
  const app = await selectApp(deps.database.db, mailbox.workspaceId, provider)
  if (!app) throw new Refusal('not_found', { what: 'application' })
  const answer = await redeemCode(tokenRequest(app, deps), given)
  if (answer.kind === 'refused') throw new Refusal('oauth_refused', { said: answer.said })
  if (answer.refresh === null) throw new Refusal('oauth_refused', { said: 'it gave no token that lasts (refresh_token)' })
  const { access, refresh, livesSeconds, refreshLivesSeconds } = answer
  const now = deps.clock.now()
  const token = {
    workspaceId: mailbox.workspaceId,
    mailboxId: mailbox.id,
    sealedAccess: deps.secrets.seal(access, tokenSeal(mailbox.id, 'access')),
    sealedRefresh: deps.secrets.seal(refresh, tokenSeal(mailbox.id, 'refresh')),
    expiresAt: new Date(now.getTime() + livesSeconds * SECOND),
    refreshEndsAt: endOfRefresh(refreshLivesSeconds, now),
  }
  await within((tx) => replaceToken(tx, token, now))
}

function stateSeal(sessionId: string): string {
  return `oauth-state:${sessionId}`
}
