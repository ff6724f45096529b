import { z } from 'zod'
import { MAX_IMAGE_BYTES } from '../../images/picture.ts'
import { endpoint } from '../endpoint.ts'
import { flagInUrl, id, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const Image = z
  .object({
    id: id<'image'>(),
    url: z.string().describe('Where anybody sees it, for as long as it is kept.'),
    name: z.string(),
    alt: z.string().describe('What stands for it where it is not shown.'),
    content_type: z.string(),
    width: z.int(),
    height: z.int(),
    size_bytes: z.int(),
    created_at: isoDate,
  })
  .meta({ id: 'Image' })
export type Image = z.output<typeof Image>

const ID = '0193e0a0-3333-7abc-9def-0123456789ab'
const exampleImage = {
  id: ID,
  url: 'https://waybill.example.com/i/0Zr2LqvVnY8mSxTdK4eUwA/harbour.jpg',
  name: 'harbour.jpg',
  alt: 'The harbour in the morning',
  content_type: 'image/jpeg',
  width: 1_200,
  height: 800,
  size_bytes: 183_204,
  created_at: '2026-11-22T10:00:00.000Z',
}
const byId = z.strictObject({ id: id<'image'>() })

export const listImages = endpoint({
  method: 'GET',
  path: '/v1/images',
  summary: 'Images that mail shows from here, newest first.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ search: line(1, 200).optional().describe('In name or description.'), ...pageParams }),
  reply: pageOf(Image),
  errors: ['invalid_cursor'],
  example: { params: {}, reply: { items: [exampleImage], next: null } },
})
export const uploadImage = endpoint({
  method: 'POST',
  path: '/v1/images',
  summary: 'Add an image. The same one twice is one.',
  description: 'PNG, JPEG, GIF or WebP, whatever it is called: its bytes decide. Up to 5 MB and 40 million pixels.',
  permission: 'campaigns.manage',
  transaction: 'write',
  maxBodyBytes: Math.ceil((MAX_IMAGE_BYTES * 4) / 3) + 16 * 1024,
  body: z.strictObject({
    name: line(1, 300),
    alt: line(0, 500).optional(),
    content: z.string().describe('Base64.'),
  }),
  reply: Image,
  status: 201,
  errors: ['not_a_picture', 'too_many_images', 'storage_full'],
  example: {
    body: { name: 'dot.gif', content: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' },
    reply: { ...exampleImage, name: 'dot.gif', alt: '', content_type: 'image/gif', width: 1, height: 1, size_bytes: 42 },
  },
})
export const getImage = endpoint({
  method: 'GET',
  path: '/v1/images/:id',
  summary: 'One image, and who shows it.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: z.object({
    image: Image,
    campaigns: z.array(z.object({ id: id<'campaign'>(), name: z.string(), state: z.string() })).describe('At most 20.'),
    templates: z.array(z.object({ id: id<'template'>(), name: z.string() })).describe('At most 20.'),
  }),
  errors: ['not_found'],
  example: {
    params: { id: ID },
    reply: {
      image: exampleImage,
      campaigns: [{ id: '0193e0a0-8888-7abc-9def-0123456789ab', name: 'Spring news', state: 'done' }],
      templates: [],
    },
  },
})
export const describeImage = endpoint({
  method: 'PATCH',
  path: '/v1/images/:id',
  summary: 'Say what stands for an image where it is not shown.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ alt: line(0, 500) }),
  reply: Image,
  errors: ['not_found'],
  example: { params: { id: ID }, body: { alt: 'The harbour in the morning' }, reply: exampleImage },
})
export const removeImage = endpoint({
  method: 'DELETE',
  path: '/v1/images/:id',
  summary: 'Remove an image. Mail that shows it shows a gap from then on.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId.extend({ even_if_used: flagInUrl.optional().describe('Remove it although campaigns or templates show it.') }),
  errors: ['not_found', 'in_use'],
  example: { params: { id: ID } },
})

export const imageEndpoints = [listImages, uploadImage, getImage, describeImage, removeImage] as const
