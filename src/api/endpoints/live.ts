import { z } from 'zod'
import { download, endpoint } from '../endpoint.ts'
import { id } from './shapes.ts'

/** What the stream says for each thing that changed: enough to know what to ask for again. */
export const Changed = z
  .object({
    type: z.string(),
    message_id: id<'message'>().nullable(),
    delivery_id: id<'delivery'>().nullable(),
    subject_id: z.string().nullable(),
  })
  .meta({ id: 'Changed' })
export type Changed = z.output<typeof Changed>

export const live = endpoint({
  method: 'GET',
  path: '/v1/live',
  summary: 'What changes in the workspace, as it happens (server-sent events).',
  description:
    'Each event named `changed` carries one `{type, message_id, delivery_id, subject_id}`; they come together, at most four times a second, each thing once. An event named `missed` says that too much happened to list: ask again for what you show. `Last-Event-ID` resumes. An event named `heartbeat` comes after 15 quiet seconds: a line without it is dead.',
  permission: 'delivery.read',
  transaction: 'none',
  produces: 'text/event-stream',
  reply: download,
  example: {},
})

export const liveEndpoints = [live] as const
