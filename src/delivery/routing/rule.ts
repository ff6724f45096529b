/**
 * A rule says which way mail takes: the first enabled one, by position, whose conditions all hold. Its conditions are of two sorts. Coarse ones
 * (stream, From domain, receiver) are properties of a whole lane and are looked at when the lane is served. Fine ones (tag, size, recipient
 * domain) differ from mail to mail: which of them hold is noted when a delivery is sorted into its lane.
 */
import { z } from 'zod'
import type { RouteId, RuleId } from '../../lib/ids.ts'
import { FAILURE_CLASSES } from '../../mail/failure.ts'
import { STREAMS, type Stream } from '../stream.ts'

const name = z.string().trim().toLowerCase().min(1).max(255)
const few = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100)

/** Within one condition any of its values will do; all conditions have to hold. None at all: everything. */
export const RuleConditions = z.strictObject({
  streams: few(z.enum(STREAMS)).optional(),
  from_domains: few(name).optional(),
  receivers: few(name).optional().describe('Names of receivers: google, microsoft, yahoo, …; other: none of the known ones.'),
  recipient_domains: few(name).optional(),
  tags: few(z.string().min(1).max(100)).optional(),
  min_bytes: z.int().min(1).max(1_000_000_000).optional(),
  max_bytes: z.int().min(1).max(1_000_000_000).optional(),
})
export type RuleConditions = z.infer<typeof RuleConditions>

export const RuleTarget = z.strictObject({
  route_id: z.uuid() as unknown as z.ZodType<RouteId>,
  weight: z.int().min(0).max(1_000).describe('Its share beside the others; 0: only when none of the others can take it.'),
})
export type RuleTarget = z.infer<typeof RuleTarget>

/** What makes a route unfit for one receiver: so many failures of these classes in a time, or a share of all that was tried. */
export const Trip = z.strictObject({
  classes: few(z.enum(FAILURE_CLASSES)),
  failures: z.int().min(1).max(10_000).default(5),
  within_seconds: z.int().min(10).max(86_400).default(300),
  share: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(null)
    .describe('Of what was tried within the time; null: the number alone counts.'),
  pause_seconds: z.int().min(10).max(86_400).default(900),
})
export type Trip = z.infer<typeof Trip>

/** Classes that say something about us or the way, never about a recipient or a content: only those may lead elsewhere. */
export const TRIP_CLASSES = [
  'reputation_blocked',
  'address_blocked',
  'reverse_dns_missing',
  'sender_unauthenticated',
  'rate_limited',
  'quota_exhausted',
  'greeting_busy',
  'greeting_refused',
  'tcp_refused',
  'tcp_timeout',
  'tcp_unreachable',
  'tcp_reset',
  'connection_lost',
  'reply_timeout',
  'service_closing',
  'remote_temporary',
  'policy_refused',
  'sender_rejected',
  'sender_domain_unresolved',
  'tls_failed',
  'tls_policy',
] as const satisfies readonly (typeof FAILURE_CLASSES)[number][]

export interface Rule {
  readonly id: RuleId
  readonly position: number
  readonly name: string
  readonly enabled: boolean
  readonly conditions: RuleConditions
  readonly targets: readonly RuleTarget[]
  readonly trip: Trip | null
}

/** What a lane knows of the mail in it. */
export interface LaneFacts {
  readonly stream: Stream
  readonly fromDomain: string
  /** Null while it has not been looked up. */
  readonly receiver: string | null
  /** Rules whose fine conditions its mail fulfils. */
  readonly fine: readonly string[]
}

/** What only the mail itself knows. */
export interface MailFacts {
  readonly tags: readonly string[]
  readonly sizeBytes: number
  readonly recipientDomain: string
}

export function hasFineConditions({ conditions }: Pick<Rule, 'conditions'>): boolean {
  const { tags, recipient_domains, min_bytes, max_bytes } = conditions
  return tags !== undefined || recipient_domains !== undefined || min_bytes !== undefined || max_bytes !== undefined
}

/** Whether two rules look at mail itself in the same way: then nothing has to be sorted anew. */
export function sameFineConditions(a: RuleConditions, b: RuleConditions): boolean {
  const fine = ({ tags, recipient_domains, min_bytes, max_bytes }: RuleConditions) =>
    JSON.stringify([tags ?? null, recipient_domains ?? null, min_bytes ?? null, max_bytes ?? null])
  return fine(a) === fine(b)
}

/** The rules whose fine conditions a mail fulfils, in the order of their ids. */
export function fineRulesOf(rules: readonly Rule[], mail: MailFacts): RuleId[] {
  return rules
    .filter((rule) => rule.enabled && hasFineConditions(rule) && fulfils(rule.conditions, mail))
    .map((rule) => rule.id)
    .sort()
}

function fulfils({ tags, recipient_domains, min_bytes, max_bytes }: RuleConditions, mail: MailFacts): boolean {
  if (tags && !tags.some((tag) => mail.tags.includes(tag))) return false
  if (recipient_domains && !recipient_domains.includes(mail.recipientDomain)) return false
  if (min_bytes !== undefined && mail.sizeBytes < min_bytes) return false
  return max_bytes === undefined || mail.sizeBytes <= max_bytes
}

/** The rule that decides about a lane; null: none does, so the default route. */
export function ruleOf(rules: readonly Rule[], lane: LaneFacts): Rule | null {
  return rules.find((rule) => rule.enabled && holdsFor(rule, lane)) ?? null
}

function holdsFor(rule: Rule, lane: LaneFacts): boolean {
  const { streams, from_domains, receivers } = rule.conditions
  if (streams && !streams.includes(lane.stream)) return false
  if (from_domains && !from_domains.includes(lane.fromDomain)) return false
  if (receivers && !receivers.includes(lane.receiver ?? '')) return false
  return !hasFineConditions(rule) || lane.fine.includes(rule.id)
}
