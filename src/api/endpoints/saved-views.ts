import { z } from 'zod'
import { ConversationFilter, SORTS } from '../../helpdesk/list/filter.ts'
import { endpoint } from '../endpoint.ts'
import { id, line } from './shapes.ts'

export const SavedView = z
  .object({
    id: id<'saved_view'>(),
    name: z.string(),
    shared: z.boolean().describe('Everybody’s; else only yours.'),
    filter: ConversationFilter,
    sort: z.enum(SORTS),
    may_change: z.boolean(),
    count: z.int().nullable().describe('Counted up to 100; null where it was not.'),
  })
  .meta({ id: 'SavedView' })
export type SavedView = z.output<typeof SavedView>

const exampleView = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1f',
  name: 'Urgent and waiting',
  shared: true,
  filter: { status: ['open'], priority: ['urgent'], waiting: true },
  sort: 'waiting',
  may_change: true,
  count: 3,
}
const { id: _id, may_change: _may, count: _count, ...exampleWish } = exampleView
const params = z.strictObject({ id: id<'saved_view'>() })

export const listViews = endpoint({
  method: 'GET',
  path: '/v1/views',
  summary: 'Saved views of conversations: shared ones first, then yours, in the order that was chosen.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(SavedView) }),
  example: { reply: { items: [exampleView] } },
})

const fields = { name: line(1, 100), filter: ConversationFilter, sort: z.enum(SORTS) }

export const createView = endpoint({
  method: 'POST',
  path: '/v1/views',
  summary: 'Save a filter and an order under a name.',
  permission: 'conversations.write',
  transaction: 'write',
  body: z.strictObject({ ...fields, shared: z.boolean().default(false) }),
  reply: SavedView,
  status: 201,
  errors: ['too_many_views', 'not_your_view'],
  example: { body: exampleWish, reply: exampleView },
})

export const changeView = endpoint({
  method: 'PATCH',
  path: '/v1/views/:id',
  summary: 'Rename a view, change what it shows, share it or keep it for yourself.',
  permission: 'conversations.write',
  transaction: 'write',
  params,
  body: z.strictObject({ ...fields, shared: z.boolean() }).partial(),
  reply: SavedView,
  errors: ['not_found', 'not_your_view'],
  example: { params: { id: exampleView.id }, body: { name: 'Urgent' }, reply: { ...exampleView, name: 'Urgent' } },
})

export const deleteView = endpoint({
  method: 'DELETE',
  path: '/v1/views/:id',
  summary: 'Remove a view. What it showed stays where it is.',
  permission: 'conversations.write',
  transaction: 'write',
  params,
  errors: ['not_found', 'not_your_view'],
  example: { params: { id: exampleView.id } },
})

export const orderViews = endpoint({
  method: 'PUT',
  path: '/v1/views/order',
  summary: 'Put views into an order: these first, the others behind them.',
  permission: 'conversations.write',
  transaction: 'write',
  body: z.strictObject({ ids: z.array(id<'saved_view'>()).min(1).max(100) }),
  reply: z.object({ items: z.array(SavedView) }),
  example: { body: { ids: [exampleView.id] }, reply: { items: [exampleView] } },
})

export const savedViewEndpoints = [listViews, createView, changeView, deleteView, orderViews] as const
