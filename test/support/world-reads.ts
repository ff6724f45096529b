import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import type { Attempt } from '../../src/delivery/attempt.ts'
import type { DeliveryState } from '../../src/delivery/delivery.ts'
import { listDeliveries, readMessage } from '../../src/delivery/reading/read.ts'
import type { DeliveryStory, DeliverySummary, MessageStory } from '../../src/delivery/reading/story.ts'
import type { Circuit } from '../../src/delivery/routes/circuit.ts'
import { findRoute } from '../../src/delivery/routes/manage.ts'
import type { MessageId, RouteId, WorkspaceId } from '../../src/lib/ids.ts'

export interface ToldEvent {
  readonly type: string
  readonly recipient: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** What a user could see of a workspace, in the shapes that tests compare. */
export interface WorldReads {
  /** By recipient; of several deliveries to one the latest. */
  states(): Promise<Record<string, DeliveryState>>
  deliveries(): Promise<Record<string, DeliverySummary>>
  deliveryOf(recipient: string): Promise<DeliveryStory>
  /** In the order in which they began. */
  attempts(): Promise<(Attempt & { recipient: string })[]>
  events(type?: string): Promise<ToldEvent[]>
  story(id: string): Promise<MessageStory>
  circuit(id?: RouteId): Promise<Circuit>
  suppressions(): Promise<string[]>
}

export function worldReads({ db }: Database, workspaceId: WorkspaceId, routeId: RouteId, now: () => Date): WorldReads {
  const story = (id: string) => readMessage(db, workspaceId, id as MessageId, now())
  const summaries = async () => (await listDeliveries(db, workspaceId, {}, { after: null, limit: 5_000 }, now())).reverse()
  const byRecipient = async <T>(value: (summary: DeliverySummary) => T) =>
    Object.fromEntries((await summaries()).map((summary) => [summary.recipient, value(summary)]))

  return {
    story,
    states: () => byRecipient(({ state }) => state),
    deliveries: () => byRecipient((summary) => summary),
    async deliveryOf(recipient) {
      const summary = (await summaries()).findLast((one) => one.recipient === recipient)
      const delivery = summary && (await story(summary.messageId)).deliveries.find(({ id }) => id === summary.id)
      if (!delivery) throw new Error(`no delivery to ${recipient}`)
      return delivery
    },
    async attempts() {
      const stories = await Promise.all([...new Set((await summaries()).map(({ messageId }) => messageId))].map(story))
      return stories
        .flatMap(({ deliveries }) => deliveries)
        .flatMap(({ recipient, attempts }) => attempts.map((attempt) => ({ ...attempt, recipient })))
        .sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime() || a.attempt - b.attempt)
    },
    async events(type) {
      const { rows } = await sql<ToldEvent>`
        select event.type, delivery.recipient, event.data
          from event
          left join delivery on delivery.id = event.delivery_id
         where event.workspace_id = ${workspaceId} and (${type ?? null}::text is null or event.type = ${type ?? null})
         order by txid, seq`.execute(db)
      return rows
    },
    async circuit(id = routeId) {
      const route = await findRoute(db, workspaceId, id)
      if (!route) throw new Error('no such route')
      return route.circuit
    },
    async suppressions() {
      const { rows } = await sql<{
        address: string
      }>`select address from suppression where workspace_id = ${workspaceId} order by address`.execute(db)
      return rows.map(({ address }) => address)
    },
  }
}
