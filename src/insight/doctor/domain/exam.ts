import type { DkimKey } from '../../../delivery/domains/dkim-key.ts'
import type { Publishing } from '../../../delivery/domains/records.ts'
import type { RouteKind } from '../../../delivery/routes/route.ts'
import type { Lookup, Resolver } from '../../../dns/resolver.ts'
import type { SigningKey } from '../../../mail/dkim/key.ts'
import type { DomainFinding } from './report.ts'

/** What Waybill itself knows of a domain that it looks after. */
export interface Ours {
  readonly publishing: Publishing
  readonly keys: readonly DkimKey[]
  /** The keys that sign; null when they cannot be opened. */
  readonly signing: readonly SigningKey[] | null
  readonly returnPathHost: string
  /** A return path as deliveries get it. */
  readonly returnPathAddress: string
  readonly trackingHost: string
  readonly routes: readonly OurRoute[]
  /** The last bulk mail of the domain, as it was submitted. */
  readonly bulkContent: string | null
  readonly receivers: readonly ReceiverFigures[]
}

export interface OurRoute {
  readonly name: string
  readonly kind: RouteKind
  readonly aligned: boolean
  readonly reason: string
}

export interface ReceiverFigures {
  readonly receiver: string
  readonly sent: number
  readonly deferred: number
  readonly bounced: number
  readonly complained: number
}

/** What is looked at beside the DNS. Each answers in a bounded time and never rejects. */
export interface Reach {
  /** The text of an MTA-STS policy. */
  policy(domain: string): Promise<string | null>
  /** Offers a mail without sending any: would the host take it? */
  trial(host: string, recipient: string): Promise<Seen>
  /** The certificate that the host of links shows. */
  certificate(host: string): Promise<Seen>
  /** A resolver that asks one name server alone. */
  at(address: string): Resolver
}

export interface Seen {
  readonly status: 'ok' | 'fail' | 'error'
  readonly evidence: string
}

export interface DomainExam {
  readonly domain: string
  readonly resolver: Resolver
  readonly reach: Reach
  readonly ours: Ours | null
  /** Selectors to look at where nothing is known of the domain. */
  readonly selectors: readonly string[]
  /** Addresses that mail leaves from. */
  readonly addresses: readonly string[]
  /** What those addresses call themselves; null when that is not known. */
  readonly heloName: string | null
  /** SPF mechanisms that have to be there, where nothing is known of the domain. */
  readonly needed: readonly string[]
  readonly now: Date
}

export function skip(evidence: string): DomainFinding {
  return { status: 'skip', evidence }
}

type Failed = Extract<Lookup<unknown>, { ok: false }>

/** The DNS could not be asked, which is nothing to judge by. */
export function darkness(answers: readonly Lookup<unknown>[]): DomainFinding | null {
  const dark = answers.find((answer): answer is Failed => !answer.ok && (answer.kind === 'servfail' || answer.kind === 'timeout'))
  return dark ? { status: 'error', evidence: `The DNS could not be asked: ${dark.message}.` } : null
}
