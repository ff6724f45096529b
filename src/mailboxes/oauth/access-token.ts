import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, ENGINE } from '../../db/database.ts'
import { type Clock, SECOND } from '../../lib/clock.ts'
import { type Id, newId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { Mailbox, OAuthProvider } from '../mailbox.ts'
import { MailboxTrouble } from '../mailbox-problem.ts'
import { refreshToken, type TokenAnswer } from './ask-token.ts'
import { OAUTH_WORLD, type OAuthWorld } from './providers.ts'
import { endToken, leaseRefresh, saveRefreshed, saveRefusal, selectApp, selectToken } from './queries.ts'
import { appSeal, isAlive, isFresh, type OAuthApp, type StoredToken, tokenSeal } from './token.ts'

export interface OAuthDeps {
  readonly database: Database
  readonly secrets: Secrets
  readonly clock: Clock
  readonly oauth?: OAuthWorld
}

/** Longer than asking takes; whoever holds it and dies is followed by the next. */
const LEASE_MS = 30 * SECOND
const LOOK_EVERY_MS = 200
const TRIES = Math.ceil(LEASE_MS / LOOK_EVERY_MS)

/** The token to show for a mailbox, refreshed when its end is near. Throws a `MailboxTrouble` when there is none to be had. */
export async function accessToken(mailbox: Mailbox, provider: OAuthProvider, deps: OAuthDeps): Promise<string> {
  const { database, clock } = deps
  for (let tried = 0; tried < TRIES; tried++) {
    const token = await selectToken(database.db, mailbox.workspaceId, mailbox.id)
    if (!token) throw new MailboxTrouble('reconnect', 'nobody has connected this mailbox yet')
    if (token.problem !== null) throw new MailboxTrouble('reconnect', token.problem)
    if (isFresh(token, clock.now())) return shown(token, deps)
    const refreshed = await refresh(token, provider, deps)
    if (refreshed !== null) return refreshed
    await sleep(LOOK_EVERY_MS)
  }
  throw new MailboxTrouble('timeout', 'another process is getting a new token and does not come to an end')
}

/** Null: another process is at it, and its result is waited for. The lease is one statement; the provider is asked outside any transaction. */
async function refresh(token: StoredToken, provider: OAuthProvider, deps: OAuthDeps): Promise<string | null> {
  const { database, clock, secrets } = deps
  const owner = newId<Id<'refresh'>>()
  const now = clock.now()
  const until = new Date(now.getTime() + LEASE_MS)
  const leased = await database.transaction(ENGINE, (tx) => leaseRefresh(tx, token, { owner, until }, now))
  if (!leased) return null
  // Whoever had the lease before us may have refreshed it between our look and our lease.
  const app = await selectApp(database.db, token.workspaceId, provider)
  const request = app && tokenRequest(app, deps)
  const answer = isFresh(leased, now)
    ? null
    : request
      ? await refreshToken(request, secrets.open(leased.sealedRefresh, tokenSeal(token.mailboxId, 'refresh')))
      : ({ kind: 'refused', said: `no application is registered with ${provider} any more`, forGood: true } as const)
  if (answer?.kind === 'refused') {
    const problem = answer.forGood ? answer.said : null
    await database.transaction(ENGINE, (tx) => saveRefusal(tx, { ...token, problem }, owner, clock.now()))
    if (!answer.forGood && isAlive(leased, clock.now())) return shown(leased, deps)
    throw new MailboxTrouble(answer.forGood ? 'reconnect' : 'connection', answer.said)
  }
  const next = answer === null ? leased : { ...token, ...sealed(token, leased, answer, deps) }
  await database.transaction(ENGINE, (tx) => saveRefreshed(tx, next, owner, clock.now()))
  return shown(next, deps)
}

type Granted = Extract<TokenAnswer, { kind: 'granted' }>

function sealed(
  { mailboxId }: StoredToken,
  { sealedRefresh, refreshEndsAt }: StoredToken,
  { access, refresh, livesSeconds, refreshLivesSeconds }: Granted,
  { secrets, clock }: OAuthDeps,
) {
  return {
    sealedAccess: secrets.seal(access, tokenSeal(mailboxId, 'access')),
    sealedRefresh: refresh === null ? sealedRefresh : secrets.seal(refresh, tokenSeal(mailboxId, 'refresh')),
    expiresAt: new Date(clock.now().getTime() + livesSeconds * SECOND),
    // A token that stays keeps the end that was told of it; a new one has its own, or none that is known.
    refreshEndsAt: endOfRefresh(refreshLivesSeconds, clock.now()) ?? (refresh === null ? refreshEndsAt : null),
  }
}

export function endOfRefresh(livesSeconds: number | null, now: Date): Date | null {
  return livesSeconds === null ? null : new Date(now.getTime() + livesSeconds * SECOND)
}

function shown({ sealedAccess, mailboxId }: StoredToken, { secrets }: OAuthDeps): string {
  return secrets.open(sealedAccess, tokenSeal(mailboxId, 'access'))
}

export function tokenRequest(
  { workspaceId, provider, clientId, sealedSecret, tenant }: OAuthApp,
  { secrets, oauth = OAUTH_WORLD }: Pick<OAuthDeps, 'secrets' | 'oauth'>,
) {
  const url = oauth[provider].tokenUrl.replace('{tenant}', encodeURIComponent(tenant))
  return { url, clientId, clientSecret: secrets.open(sealedSecret, appSeal(workspaceId, provider)) }
}

/** A token that the mailbox's own server refused: a grant that was withdrawn is found out about at the next try, not in an hour. */
export async function distrustToken({ workspaceId, id }: Mailbox, { database, clock }: OAuthDeps): Promise<void> {
  await endToken(database.db, { workspaceId, mailboxId: id }, clock.now())
}
