import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { createFeedbackReader, type FeedbackReader } from '../../src/delivery/feedback/feedback.ts'
import { inletPath } from '../../src/delivery/feedback/inlet.ts'
import { type Taken, takeBounceMail, takeFromProvider } from '../../src/delivery/feedback/take.ts'
import { createRoute } from '../../src/delivery/routes/manage.ts'
import { type Route, ScalewaySettings, SesSettings } from '../../src/delivery/routes/route.ts'
import type { DeliveryId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/log.ts'
import { fixedResolver } from './dns.ts'
import { SCALEWAY_TOPIC, SES_TOPIC, type TopicServer, topicServer } from './topic-server.ts'
import { aMessage, type World, type WorldOptions, world } from './world.ts'

/** What a look at the table shows of one piece of feedback. */
export interface Seen {
  readonly id: string
  readonly source: string
  readonly state: string
  readonly reason: string | null
  readonly events: number
}

/** A world with routes to providers that tell news, the services they tell it through, and the reader of it. */
export interface FeedbackWorld extends World {
  readonly topic: TopicServer
  readonly reader: FeedbackReader
  readonly ses: Route
  readonly scaleway: Route
  /** Sends to these over the default route; gives the deliveries' ids. */
  sent(...to: string[]): Promise<Record<string, DeliveryId>>
  /** As if the route's provider had taken the delivery under this id. */
  took(route: Route, deliveryId: DeliveryId, providerId: string): Promise<void>
  post(route: Route, body: Buffer, generation?: number): Promise<Taken>
  mail(recipient: string, raw: string | Buffer, sender?: string): Promise<Taken>
  /** Reads what is due. */
  read(): Promise<void>
  seen(): Promise<Seen[]>
}

export async function feedbackWorld(options: WorldOptions & { readonly topics?: false } = {}): Promise<FeedbackWorld> {
  const w = await world(options)
  const { database, clock, secrets, workspaceId } = w
  const topic = await topicServer()
  const log = createLog({ level: 'silent' })
  const network = { resolver: fixedResolver({}), allowPrivateNetworks: false, fetchText: topic.fetchText }
  const reader = createFeedbackReader({ database, clock, secrets, log, mayClaim: () => true, ...network })
  onTestFinished(() => reader.stop())
  const deps = { database, secrets, wake: () => {} }
  const pinned = options.topics !== false
  const ses = SesSettings.parse({ region: 'eu-west-1', access_key_id: 'AKIA', topic_arn: pinned ? SES_TOPIC : null })
  const project_id = '2c0b1e8e-7b1a-4a75-9d1e-0a6d0f0a2f11'
  const scaleway = ScalewaySettings.parse({
    project_id,
    topic_arn: pinned ? SCALEWAY_TOPIC : null,
    endpoint: `http://127.0.0.1:${topic.port}/tem`,
    allow_private: true,
  })
  const routeOf = (name: string, way: Parameters<typeof createRoute>[3]['way']) =>
    database.transaction(ENGINE, (tx) =>
      createRoute(tx, secrets, workspaceId, { name, way, secret: 'a secret key', isDefault: false }, null, clock.now()),
    )
  return {
    ...w,
    topic,
    reader,
    ses: await routeOf('SES', { kind: 'ses', settings: ses }),
    scaleway: await routeOf('Scaleway', { kind: 'scaleway', settings: scaleway }),
    async sent(...to) {
      await w.submit(aMessage({ to }))
      await w.dispatch()
      const all = await w.deliveries()
      return Object.fromEntries(to.map((recipient) => [recipient, all[recipient]!.id]))
    },
    async took(route, deliveryId, providerId) {
      await sql`
        insert into provider_message (workspace_id, route_id, provider_id, delivery_id, message_id, created_at)
        select ${workspaceId}, ${route.id}, ${providerId}, id, message_id, ${clock.now()} from delivery where id = ${deliveryId}`.execute(
        database.db,
      )
    },
    post(route, body, generation = 1) {
      const kind = route.way.kind as 'ses' | 'scaleway'
      const secret = inletPath(secrets, kind, route.id, generation).split('/').at(-1)!
      return takeFromProvider(deps, { kind, routeId: route.id, secret, headers: {}, body }, clock.now())
    },
    mail: (recipient, raw, sender = '') =>
      takeBounceMail(deps, { envelopeSender: sender, recipient, raw: Buffer.from(raw) }, clock.now()),
    read: () => reader.drain(),
    async seen() {
      const { rows } = await sql<Seen>`select id, source, state, reason, events from feedback order by id`.execute(database.db)
      return rows
    },
  }
}
