import { z } from 'zod'
import { SUPPRESSION_REASONS, SUPPRESSION_SOURCES } from '../../delivery/suppression/suppression.ts'
import { download, endpoint, upload } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const SuppressionStream = z.enum(['all', 'transactional', 'conversation', 'bulk'])
export const SuppressionReason = z.enum(SUPPRESSION_REASONS)
export const SuppressionSource = z.enum(SUPPRESSION_SOURCES)

export const Suppression = z
  .object({
    address: z.string(),
    stream: SuppressionStream,
    reason: SuppressionReason,
    source: SuppressionSource.describe('Who told: the reply itself, later news, the recipient, an import, a person.'),
    note: z.string(),
    reply: z.string().describe('What the receiver said, to the letter.'),
    delivery_id: id<'delivery'>().nullable().describe('The delivery that taught us.'),
    created_at: isoDate,
    expires_at: isoDate.nullable().describe('Null: until somebody takes it off.'),
  })
  .meta({ id: 'Suppression' })
export type Suppression = z.output<typeof Suppression>

const exampleSuppression = {
  address: 'gone@example.org',
  stream: 'all',
  reason: 'manual',
  source: 'person',
  note: 'Asked by telephone',
  reply: '',
  delivery_id: null,
  created_at: '2026-11-21T12:00:00.000Z',
  expires_at: null,
}

/** Which suppressions. What is left out does not matter. */
const criteria = {
  reason: SuppressionReason.optional(),
  stream: SuppressionStream.optional(),
  source: SuppressionSource.optional(),
  domain: z.string().min(1).max(255).optional().describe('Of this recipient domain.'),
  from: isoDate.optional().describe('Put on the list at this time or later.'),
  to: isoDate.optional().describe('Put on the list before this time.'),
  text: z.string().min(1).max(200).optional().describe('In what the receiver said, or in the note.'),
}

export const listSuppressions = endpoint({
  method: 'GET',
  path: '/v1/suppressions',
  summary: 'Addresses we do not send to, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({
    address: z.string().min(1).max(320).optional().describe('Addresses that begin so.'),
    ...criteria,
    ...pageParams,
  }),
  reply: pageOf(Suppression),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleSuppression], next: null } },
})
export const addSuppression = endpoint({
  method: 'POST',
  path: '/v1/suppressions',
  summary: 'Do not send to this address any more.',
  permission: 'suppressions.manage',
  transaction: 'write',
  body: z.strictObject({
    address: line(3, 320),
    stream: SuppressionStream.optional().describe('`all` when left out.'),
    reason: z.enum(['manual', 'unsubscribed', 'complaint']).optional().describe('`manual` when left out.'),
    note: line(0, 500).optional(),
    expires_at: isoDate.optional().describe('When it ends by itself. Left out: never.'),
  }),
  reply: Suppression,
  status: 201,
  errors: ['invalid_address', 'already_suppressed'],
  example: { body: { address: 'gone@example.org', note: 'Asked by telephone' }, reply: exampleSuppression },
})
export const removeSuppression = endpoint({
  method: 'DELETE',
  path: '/v1/suppressions/:address',
  summary: 'Send to this address again.',
  permission: 'suppressions.manage',
  transaction: 'write',
  params: z.strictObject({
    address: z.string().min(1).max(320),
    stream: SuppressionStream.optional().describe('`all` when left out.'),
  }),
  errors: ['not_found'],
  example: { params: { address: 'gone@example.org' } },
})
export const importSuppressions = endpoint({
  method: 'POST',
  path: '/v1/suppressions/import',
  summary: 'Read a list of addresses in.',
  description:
    'CSV or JSON lines, up to 64 MB and 1,000,000 lines, read as they come. Columns: `address` (or `email`), `stream`, `reason`, `note`, `expires_at`; a file without a header is a list of addresses. A line that cannot be read is told and the others go on; what was read is saved a thousand lines at a time.',
  permission: 'suppressions.manage',
  transaction: 'none',
  consumes: ['text/csv', 'application/x-ndjson'],
  maxBodyBytes: 64 * 1024 * 1024,
  body: upload,
  reply: z.object({
    lines: z.int(),
    added: z.int(),
    unchanged: z.int().describe('On the list already, for as long or longer.'),
    refused: z.int(),
    problems: z
      .array(z.object({ line: z.int(), text: z.string(), problem: z.string() }))
      .describe('What was refused, by line: the first 1,000.'),
    ended_at: z.int().nullable().describe('The list was longer than one import takes: from this line on nothing was read.'),
  }),
  errors: ['list_type_needed'],
  example: {
    body: 'address,reason,note\r\ngone@example.org,unknown_address,from the old system\r\nnobody,,\r\n',
    reply: {
      lines: 2,
      added: 1,
      unchanged: 0,
      refused: 1,
      problems: [{ line: 3, text: 'nobody, , ', problem: 'This is not an email address.' }],
      ended_at: null,
    },
  },
})
export const exportSuppressions = endpoint({
  method: 'GET',
  path: '/v1/suppressions/export',
  summary: 'The whole list as a file.',
  description: 'CSV whose cells no spreadsheet takes for formulas, or JSON lines. Can be imported again.',
  permission: 'delivery.read',
  transaction: 'none',
  params: z.strictObject({ format: z.enum(['csv', 'jsonl']).optional().describe('`csv` when left out.'), ...criteria }),
  reply: download,
  produces: 'application/octet-stream',
  example: {},
})
export const undoSuppressions = endpoint({
  method: 'POST',
  path: '/v1/suppressions/undo',
  summary: 'Take many addresses off the list: by reason, time, domain, or what the receiver said.',
  description:
    'At least one criterion is needed. With `preview` nothing is changed and `count` says how many it would be, exactly up to 100,000. One request takes off 10,000 at most; `more` says that there are more.',
  permission: 'suppressions.manage',
  transaction: 'write',
  body: z
    .strictObject({ ...criteria, preview: z.boolean() })
    .refine(
      ({ preview: _, ...given }) => Object.values(given).some((value) => value !== undefined),
      'must name at least one of reason, stream, source, domain, from, to and text',
    ),
  reply: z.object({ count: z.int(), more: z.boolean() }),
  example: {
    body: { reason: 'unknown_address', text: 'recipient database', from: '2026-11-21T09:00:00.000Z', preview: true },
    reply: { count: 1_662, more: false },
  },
})

export const HeldEvidence = z
  .object({
    domain: z.string(),
    addresses: z.int().describe('How many addresses are held back.'),
    unknown: z.int().describe('How many different addresses of the domain were said not to exist in that time.'),
    verdicts: z.int().describe('All that the domain said in that time.'),
    since: isoDate,
    last_at: isoDate,
    samples: z.array(z.string()),
    reply: z.string().describe('What was said most often.'),
  })
  .meta({ id: 'HeldEvidence' })
export type HeldEvidence = z.output<typeof HeldEvidence>

export const listHeldEvidence = endpoint({
  method: 'GET',
  path: '/v1/suppressions/held',
  summary: 'Domains that suddenly said of many addresses that they do not exist.',
  description:
    'When within an hour ten or more addresses of one domain, and more than a fifth of all that it said, turn out unknown, that is held as evidence instead of being suppressed: a server that lost its directory says so of everybody.',
  permission: 'delivery.read',
  transaction: 'read',
  reply: z.object({ items: z.array(HeldEvidence), next: z.null() }),
  example: {
    reply: {
      items: [
        {
          domain: 'example.org',
          addresses: 212,
          unknown: 221,
          verdicts: 260,
          since: '2026-11-21T12:00:00.000Z',
          last_at: '2026-11-21T12:20:00.000Z',
          samples: ['ann@example.org', 'bob@example.org'],
          reply: '5.1.1 User unknown in virtual mailbox table',
        },
      ],
      next: null,
    },
  },
})
export const decideHeldEvidence = endpoint({
  method: 'POST',
  path: '/v1/suppressions/held/:domain',
  summary: 'Suppress all of them, or discard what the domain said.',
  description: 'Discarding also takes those off the list that had got onto it in the hour before the storm was noticed.',
  permission: 'suppressions.manage',
  transaction: 'write',
  params: z.strictObject({ domain: z.string().min(1).max(255) }),
  body: z.strictObject({ decision: z.enum(['suppress', 'discard']) }),
  reply: z.object({ addresses: z.int(), taken_off: z.int() }),
  errors: ['not_found'],
  example: { params: { domain: 'example.org' }, body: { decision: 'discard' }, reply: { addresses: 212, taken_off: 9 } },
})

export const suppressionEndpoints = [
  listSuppressions,
  addSuppression,
  removeSuppression,
  importSuppressions,
  exportSuppressions,
  undoSuppressions,
  listHeldEvidence,
  decideHeldEvidence,
] as const
