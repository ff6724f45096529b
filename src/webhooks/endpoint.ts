/**
 * An endpoint is a program elsewhere that is told what happens here.
 *
 *   enabled ──a person──▶ disabled (by_hand) ──a person──▶ enabled
 *      ├──it answers 410 Gone──────────────▶ disabled (gone)
 *      └──nothing taken for the whole ladder─▶ disabled (failing)
 *
 * What is queued for a disabled endpoint waits; what happens meanwhile is not queued, but can be sent later by a replay.
 */
import type { EventType } from '../events/event.ts'
import type { Id, WorkspaceId } from '../lib/ids.ts'

export type WebhookEndpointId = Id<'webhook_endpoint'>
export type WebhookDeliveryId = Id<'webhook_delivery'>

const DISABLED_WHY = ['by_hand', 'gone', 'failing'] as const
export type DisabledWhy = (typeof DISABLED_WHY)[number]

/** What is sent when a person asks for a try. It is in nobody's log. */
export const TEST_TYPE = 'webhook.test'

export interface WebhookFilter {
  /** Types, or a noun and a star: `delivery.*`. None: all. */
  readonly eventTypes: readonly string[]
  /** Of events about mail: of these streams only. Other events are not touched by it. */
  readonly streams: readonly string[]
  /** Of events about mail: of messages with one of these tags. */
  readonly tags: readonly string[]
}

export interface WebhookEndpoint extends WebhookFilter {
  readonly workspaceId: WorkspaceId
  readonly id: WebhookEndpointId
  readonly url: string
  readonly description: string
  readonly ordered: boolean
  readonly allowPrivate: boolean
  readonly state: 'enabled' | 'disabled'
  readonly disabledWhy: DisabledWhy | null
  readonly disabledAt: Date | null
  readonly oldSecretExpiresAt: Date | null
  readonly failingSince: Date | null
  readonly lastSuccessAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const MAX_ENDPOINTS = 50

/** The mail that an event is about, as far as endpoints are told and can choose by it. */
export interface AboutMail {
  readonly stream: string
  readonly tags: readonly string[]
}

export function wants(filter: WebhookFilter, type: EventType, mail: AboutMail | null): boolean {
  if (!matchesType(filter.eventTypes, type)) return false
  if (mail === null) return true
  return (
    (filter.streams.length === 0 || filter.streams.includes(mail.stream)) &&
    (filter.tags.length === 0 || mail.tags.some((tag) => filter.tags.includes(tag)))
  )
}

function matchesType(patterns: readonly string[], type: EventType): boolean {
  if (patterns.length === 0) return true
  const [noun = ''] = type.split('.')
  return patterns.includes(type) || patterns.includes(`${noun}.*`)
}
