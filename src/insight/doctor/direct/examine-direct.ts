import type { Database } from '../../../db/database.ts'
import type { Connect } from '../../../delivery/providers/smtp/dial.ts'
import type { Route, Way } from '../../../delivery/routes/route.ts'
import type { Resolver } from '../../../dns/resolver.ts'
import type { Clock } from '../../../lib/clock.ts'
import { askReverse } from '../../reputation/ask-reverse.ts'
import { BLOCKLISTS, type Blocklist } from '../../reputation/blocklists.ts'
import { judgeReverse, namesLeadingBack, type ReverseFacts } from '../../reputation/reverse-dns.ts'
import { judgeSource, type SourceDeps, sendingAddresses } from '../../reputation/sending-addresses.ts'
import { type Check, type DoctorReport, type Finding, reportOn } from '../report.ts'
import { directCheck } from './direct-check.ts'
import { reverseEvidence, toFinding } from './from-judgement.ts'
import { judgeAnswer } from './judge-answer.ts'
import { type KnockLimits, knock } from './knock.ts'
import { judgeLists } from './lists-check.ts'
import { judgeName } from './our-name.ts'
import { type FrequentReceiver, selectFrequentReceivers } from './queries.ts'

/** A route straight to the mail servers of the recipients. */
export type DirectRoute = Route & { readonly way: Extract<Way, { kind: 'mx' }> }

export function isDirectRoute(route: Route): route is DirectRoute {
  return route.way.kind === 'mx'
}

export interface DirectDeps extends SourceDeps {
  readonly database: Database
  readonly resolver: Resolver
  readonly clock: Clock
  /** What this machine calls itself where the route does not say. */
  readonly heloName: string
  /** Private addresses are allowed for every route. */
  readonly allowPrivate: boolean
  readonly random: () => number
  readonly lists?: readonly Blocklist[]
  readonly connect?: Connect
  readonly limits?: Partial<KnockLimits>
}

/** Strangers' servers: a few tell whether the port is open, and more would be a nuisance. */
const MAX_RECEIVERS = 3

/**
 * Whether mail from this machine gets out and is welcome: the port, the name, and what the world knows of the addresses. Says good day to
 * the servers of those who are written to most, and sends nothing. `askedBy`: whose domain is tried where nobody was written to yet.
 */
export async function examineDirect(route: DirectRoute, askedBy: string | null, deps: DirectDeps): Promise<DoctorReport> {
  const { settings } = route.way
  const heloName = settings.helo_name ?? deps.heloName
  const [ports, rest] = await Promise.all([checkPorts(route, askedBy, heloName, deps), checkStanding(route, heloName, deps)])
  return reportOn(route.name, [...ports, ...rest])
}

/** What the world sees of us: our name, our addresses, and what is known of them. */
async function checkStanding({ name, way }: DirectRoute, heloName: string, deps: DirectDeps): Promise<Check[]> {
  const { resolver, lists = BLOCKLISTS } = deps
  const addresses = await sendingAddresses(deps, way.settings.source_addresses)
  const source = toFinding(judgeSource(name, addresses), addresses.join(', ') || 'Private addresses only.')
  const listed = addresses.map((address) => timed(deps, 'blocklists', address, () => judgeLists(address, lists, resolver)))
  const facts = await Promise.all(addresses.map((address) => askReverse(resolver, address, heloName)))
  const better = facts.flatMap(namesLeadingBack)
  const called = timed(deps, 'name', '', () => judgeName(heloName, way.settings.helo_name !== null, better, resolver))
  return Promise.all([called, directCheck('source', '', source), ...facts.map(checkReverse), ...listed])
}

async function checkPorts(route: DirectRoute, askedBy: string | null, heloName: string, deps: DirectDeps): Promise<Check[]> {
  const { settings } = route.way
  const receivers = await receiversOf(route, askedBy, deps)
  if (receivers.length === 0) {
    const evidence =
      'Nobody was written to yet, so there is no mail server to knock at. Send a test to an address of yours, and examine again.'
    return [directCheck('port', '', { status: 'skip', evidence })]
  }
  const { port, source_addresses: sourceAddresses } = settings
  const knocking = { ...deps, heloName, port, sourceAddresses, allowPrivate: settings.allow_private || deps.allowPrivate }
  const answers = await Promise.all(
    receivers.map(async (receiver) => {
      const startedAtMs = deps.clock.monotonicMs()
      const answer = await knock(receiver, knocking)
      return { answer, ms: deps.clock.monotonicMs() - startedAtMs }
    }),
  )
  const all = answers.map(({ answer }) => answer)
  return answers.map(({ answer, ms }) => directCheck('port', answer.domain, judgeAnswer(answer, all, port), ms))
}

async function receiversOf(
  { workspaceId }: DirectRoute,
  askedBy: string | null,
  { database }: DirectDeps,
): Promise<FrequentReceiver[]> {
  const found = await database.transaction(
    { as: 'api', workspaceId },
    (tx) => selectFrequentReceivers(tx, workspaceId, MAX_RECEIVERS),
    {
      readOnly: true,
    },
  )
  return found.length > 0 || askedBy === null ? found : [{ domain: askedBy, mxHosts: [] }]
}

function checkReverse(facts: ReverseFacts): Check {
  return directCheck('reverse_dns', facts.address, toFinding(judgeReverse(facts), reverseEvidence(facts)))
}

async function timed(
  { clock }: DirectDeps,
  name: Parameters<typeof directCheck>[0],
  subject: string,
  work: () => Promise<Finding>,
): Promise<Check> {
  const startedAtMs = clock.monotonicMs()
  const finding = await work()
  return directCheck(name, subject, finding, clock.monotonicMs() - startedAtMs)
}
