/** What is known of something that mail leaves by, from one check: an address, a domain, a provider's account, the complaints of a receiver. */
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'

export const SUBJECT_KINDS = ['address', 'domain', 'route', 'receiver'] as const
export type SubjectKind = (typeof SUBJECT_KINDS)[number]

/** `unknown`: nobody answered, or would not. It neither blames nor clears anybody. */
const REPUTATION_STATES = ['good', 'warning', 'bad', 'unknown'] as const
export type ReputationState = (typeof REPUTATION_STATES)[number]

export interface Finding {
  readonly workspaceId: WorkspaceId
  readonly subjectKind: SubjectKind
  readonly subject: string
  /** `reverse_dns`, `blocklist:<zone>`, `provider`, `complaints`. */
  readonly checkId: string
  readonly routeId: RouteId | null
  readonly state: ReputationState
  readonly sentence: string
  /** What to do; '' when there is nothing to. */
  readonly hint: string
  readonly evidence: Readonly<Record<string, unknown>>
}

/** A finding without what the caller knows: about whom. */
export type Judgement = Pick<Finding, 'state' | 'sentence' | 'hint' | 'evidence'>

/** A state is kept while nobody answers: not knowing is no recovery. Pure: what was known, and what a look found. */
export function afterLook<Known extends Pick<Finding, 'state'>>(known: Known | null, found: Known): Known {
  return found.state === 'unknown' && known !== null && known.state !== 'unknown' ? known : found
}
