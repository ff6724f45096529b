/** What keeps an inbox from doing what it is there for, in sentences. Pure: whoever asks brings what is known. */
import type { Inbox } from '../inbox.ts'

export interface InboxProblem {
  readonly code: 'closed' | 'source_failing' | 'no_source' | 'route_gone' | 'domain_unknown' | 'assignee_locked_out'
  readonly sentence: string
  readonly hint: string
}

export interface SourceState {
  readonly name: string
  /** Inboxes it feeds for sure; null: whichever its mail is addressed to. */
  readonly inboxId: string | null
  /** The address of the account it reads, as far as that is known. */
  readonly address: string | null
  readonly state: 'untried' | 'working' | 'failing' | 'paused'
  readonly problem: { readonly sentence: string; readonly hint: string } | null
}

export interface RouteState {
  readonly id: string
  readonly isDefault: boolean
  /** Straight to receivers: then nobody signs on the way but we. */
  readonly isDirect: boolean
}

export interface InboxFacts {
  readonly sources: readonly SourceState[]
  /** Whether anything has come in lately, whichever way: our SMTP port and the API need no source. */
  readonly hasMail: boolean
  readonly routes: readonly RouteState[]
  /** Domains that this workspace signs mail of. */
  readonly domains: ReadonlySet<string>
  /** Those who may be given its conversations. */
  readonly agents: ReadonlySet<string>
}

/** The sources that feed this inbox: told to, or reading one of its addresses, or any where none of these is known. */
export function sourcesOf(inbox: Pick<Inbox, 'id' | 'addresses'>, sources: readonly SourceState[]): SourceState[] {
  const own = new Set(inbox.addresses.map(({ address }) => address))
  return sources.filter(({ inboxId, address }) =>
    inboxId === null ? address !== null && own.has(address.toLowerCase()) : inboxId === inbox.id,
  )
}

export function problemsOf(inbox: Inbox, facts: InboxFacts): InboxProblem[] {
  if (inbox.closedAt !== null) return [CLOSED]
  return [...problemsOfSources(inbox, facts), ...problemsOfSending(inbox, facts), ...problemsOfPeople(inbox, facts)]
}

const CLOSED: InboxProblem = {
  code: 'closed',
  sentence: 'This inbox is closed: mail to it that belongs to no conversation waits in quarantine.',
  hint: 'Open it again, or remove it when nobody needs it any more.',
}

function problemsOfSources(inbox: Inbox, { sources, hasMail }: InboxFacts): InboxProblem[] {
  const feeding = sourcesOf(inbox, sources)
  const failing = feeding.flatMap(({ name, state, problem }): InboxProblem[] =>
    state === 'failing' && problem
      ? [{ code: 'source_failing', sentence: `${name}: ${problem.sentence}`, hint: problem.hint }]
      : [],
  )
  const isFed = feeding.length > 0 || hasMail || sources.some(({ inboxId, address }) => inboxId === null && address === null)
  if (failing.length > 0 || isFed) return failing
  return [
    {
      code: 'no_source',
      sentence: 'No account is read for this inbox, and no mail has come to it yet.',
      hint: 'Connect the account that receives its mail under Sources, or let its mail be forwarded to the SMTP port of this server.',
    },
  ]
}

function problemsOfSending(inbox: Inbox, { routes, domains }: InboxFacts): InboxProblem[] {
  const chosen = routes.find(({ id }) => id === inbox.routeId)
  if (inbox.routeId !== null && !chosen) return [ROUTE_GONE]
  const route = chosen ?? routes.find(({ isDefault }) => isDefault)
  const domain = inbox.address.slice(inbox.address.lastIndexOf('@') + 1)
  if (!route?.isDirect || domains.has(domain)) return []
  return [
    {
      code: 'domain_unknown',
      sentence: `Answers from ${domain} leave straight to receivers and are signed by nobody.`,
      hint: `Add ${domain} under Domains.`,
    },
  ]
}

const ROUTE_GONE: InboxProblem = {
  code: 'route_gone',
  sentence: 'The route that its answers leave by was removed.',
  hint: 'Choose another under Sending; until then the rules decide.',
}

function problemsOfPeople({ defaultAssignee }: Inbox, { agents }: InboxFacts): InboxProblem[] {
  if (defaultAssignee === null || agents.has(defaultAssignee)) return []
  return [
    {
      code: 'assignee_locked_out',
      sentence: 'New conversations are given to somebody who has no access to this inbox.',
      hint: 'Give them access under People, or choose somebody else under Answering.',
    },
  ]
}
