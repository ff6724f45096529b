import type { SourceWithMailbox } from '../../inbound/sources/manage.ts'
import { troubleOf } from '../../inbound/sources/source.ts'
import type { SourceId } from '../../lib/ids.ts'
import type { MailboxExamination } from '../../mailboxes/examine-mailbox.ts'
import type { Mailbox, OAuthProvider } from '../../mailboxes/mailbox.ts'
import { grantEnd, nearnessOfGrant, nearnessOfSecret } from '../../mailboxes/oauth/ends.ts'
import type { OAuthApp, StoredToken } from '../../mailboxes/oauth/token.ts'
import type { Source, SourceExamination } from '../endpoints/sources.ts'

/** What is counted of a source, beside what its row says. */
export interface SourceNumbers {
  readonly taken: number
  readonly waiting: number
  readonly quarantined: number
  readonly afterwardsFailing: number
  readonly afterwardsProblem: string | null
}

const NONE: SourceNumbers = { taken: 0, waiting: 0, quarantined: 0, afterwardsFailing: 0, afterwardsProblem: null }

/** What was granted for its mailbox, and through which applications of ours. */
interface Access {
  readonly token: StoredToken | null
  readonly apps: ReadonlyMap<OAuthProvider, OAuthApp>
}

export function toSource(
  { source, mailbox }: SourceWithMailbox,
  numbers: SourceNumbers | undefined,
  access: Access,
  now: Date,
  inletUrl: (id: SourceId) => string,
): Source {
  const { taken, waiting, quarantined, afterwardsFailing, afterwardsProblem } = numbers ?? NONE
  return {
    id: source.id,
    kind: source.kind,
    name: source.name,
    mailbox: mailbox && toSourceMailbox(mailbox, access, now),
    path: source.path,
    ses: source.topicArn === null ? null : { topic_arn: source.topicArn, route_id: source.routeId, url: inletUrl(source.id) },
    folders: [...source.folders],
    inbox_id: source.inboxId,
    afterwards: source.afterwards,
    move_to: source.moveTo,
    begin_with: source.beginWith,
    enabled: source.isEnabled,
    state: source.state,
    since: source.stateSince,
    problem: source.problem && { ...source.problem },
    trouble: troubleOf(source, now),
    last_heard_at: source.lastHeardAt,
    listening: source.listening,
    last_mail_at: source.lastMailAt,
    counted: source.counted && { at: new Date(source.counted.at), folders: source.counted.folders.map((each) => ({ ...each })) },
    taken,
    waiting,
    quarantined,
    undone: afterwardsFailing,
    undone_because: afterwardsProblem,
    created_at: source.createdAt,
    updated_at: source.updatedAt,
  }
}

function toSourceMailbox({ address, settings }: Mailbox, { token, apps }: Access, now: Date): Source['mailbox'] {
  const { protocol, auth, host, port, security, username, allowPrivate } = settings
  const provider = auth.kind === 'oauth' ? auth.provider : null
  const app = provider && apps.get(provider)
  const endsOn = app?.secretEndsOn ?? null
  return {
    protocol,
    provider,
    client_secret_end: endsOn === null ? null : { on: endsOn, nearness: nearnessOfSecret(endsOn, now) },
    address,
    host,
    port,
    security,
    username,
    allow_private: allowPrivate,
    connection: token && provider && toConnection(token, { provider, inTesting: app?.inTesting === true }, now),
  }
}

function toConnection(token: StoredToken, app: Pick<OAuthApp, 'provider' | 'inTesting'>, now: Date) {
  const end = grantEnd(token, app)
  return {
    granted_at: token.grantedAt,
    refreshed_at: token.refreshedAt,
    expires_at: token.expiresAt,
    failing_since: token.failingSince,
    problem: token.problem,
    end: { ...end, nearness: nearnessOfGrant(token, end, now) },
  }
}

export function toExamination({ checks, problem, folders }: MailboxExamination): SourceExamination {
  return {
    ok: problem === null,
    checks: checks.map((check) => ({ ...check })),
    folders: folders.map(({ path, role }) => ({ path, role })),
  }
}
