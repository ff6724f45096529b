import { type Database, ENGINE } from '../../db/database.ts'
import type { NewIncident } from '../../incidents/incident.ts'
import { keepIncidents } from '../../incidents/incidents.ts'
import type { OAuthProvider } from '../../mailboxes/mailbox.ts'
import { listEndingApps, listGrants } from '../../mailboxes/oauth/apps.ts'
import {
  type GrantEnd,
  grantEnd,
  lastDayToWarn,
  type Nearness,
  nearnessOfGrant,
  nearnessOfSecret,
} from '../../mailboxes/oauth/ends.ts'
import { selectSourcesOf } from './queries.ts'
import type { Source } from './source.ts'

const SECRET = 'oauth_app.secret_ends'
const GRANT = 'source.grant_ends'
const MOST = 10_000
const LINK = '/settings/sources'

type Ending = Awaited<ReturnType<typeof listEndingApps>>[number]
type Near = Exclude<Nearness, 'far'>

/**
 * Says in time that access to mailboxes ends: two weeks before as a warning, and three days before anew and as critical, so that it is not lost with
 * whoever took note of the first. What has ended indeed is refused by the provider, and then the source's own incident.
 */
export async function watchEnds(database: Database, now: Date): Promise<void> {
  const secrets = (await listEndingApps(database.db, lastDayToWarn(now), MOST)).map((app) => secretIncident(app, now))
  const ending = (await listGrants(database.db, MOST)).flatMap((grant) => {
    const end = grantEnd(grant, grant)
    const near = nearnessOfGrant(grant, end, now)
    return near === 'far' ? [] : [{ grant, end, near }]
  })
  const sources = await selectSourcesOf(
    database.db,
    ending.map(({ grant }) => grant.mailboxId),
  )
  const of = new Map(ending.map((each) => [each.grant.mailboxId, each]))
  const grants = sources.flatMap((source) => {
    const found = source.mailboxId && of.get(source.mailboxId)
    return found ? [grantIncident(source, found.grant.provider, found.end, found.near)] : []
  })
  await database.transaction(ENGINE, async (tx) => {
    await keepIncidents(tx, SECRET, secrets, now)
    await keepIncidents(tx, GRANT, grants, now)
  })
}

function secretIncident({ workspaceId, provider, clientId, secretEndsOn, mailboxes }: Ending, now: Date): NewIncident {
  const near = nearnessOfSecret(secretEndsOn, now)
  const what = mailboxes === 1 ? 'one mailbox is' : `${mailboxes} mailboxes are`
  const isOver = near === 'over'
  return {
    workspaceId,
    key: `${SECRET}:${provider}`,
    kind: SECRET,
    severity: near === 'near' ? 'warning' : 'critical',
    title: `The client secret at ${NAMES[provider]} ${isOver ? 'has ended' : 'ends'} on ${secretEndsOn}`,
    sentence: `${capital(what)} read through the application ${clientId}. ${isOver ? 'By the date that was entered nothing is fetched from them any more' : 'From then on nothing is fetched from them'}; what comes meanwhile waits on their servers.`,
    hint: 'Make a new client secret at the provider and enter it, with its end, under Settings → Sources → Applications at providers. Everything goes on by itself then.',
    subject: { kind: 'oauth_app', id: provider },
    evidence: { provider, client_id: clientId, ends_on: secretEndsOn, mailboxes, link: LINK },
  }
}

function grantIncident(source: Source, provider: OAuthProvider, { at, because }: GrantEnd, near: Near): NewIncident {
  const { workspaceId, id, name, isEnabled } = source
  const day = at.toISOString().slice(0, 10)
  return {
    workspaceId,
    key: `${GRANT}:${id}`,
    kind: GRANT,
    // Of what was switched off on purpose no mail is late.
    severity: near === 'near' || !isEnabled ? 'warning' : 'critical',
    title: `The access to ${name} ${near === 'over' ? 'has ended' : 'ends'} on ${day}`,
    sentence: `${WHY[because](NAMES[provider])} ${near === 'over' ? 'By what is known it is over' : 'After that no mail is fetched from it'}, until somebody connects it anew.`,
    hint: HINTS[because],
    subject: { kind: 'source', id },
    evidence: { name, provider, ends_at: at.toISOString(), because, link: LINK },
  }
}

const NAMES: Readonly<Record<OAuthProvider, string>> = { microsoft: 'Microsoft', google: 'Google' }

const WHY: Readonly<Record<GrantEnd['because'], (provider: string) => string>> = {
  unused: (provider) => `${provider} ends an access that nobody uses, and this one was not used for long.`,
  testing: (provider) => `The application is in testing, and ${provider} ends each access to it seven days after it was given.`,
  told: (provider) => `${provider} said so when the access was given.`,
}

const HINTS: Readonly<Record<GrantEnd['because'], string>> = {
  unused: 'Switch the source on, or connect it anew; or remove it where nobody needs it.',
  testing: 'Connect it anew, and publish the consent screen at Google so that it does not come back each week.',
  told: 'Connect it anew before: somebody signs in there and agrees.',
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
