import { z } from 'zod'
import { ACT_OBSTACLES, ARRIVAL_ACTS } from '../../inbound/arrivals/arrival.ts'
import { INBOUND_CHANNELS, OUTCOMES, QUARANTINE_STAGES } from '../../inbound/inbound-mail.ts'
import { download, endpoint } from '../endpoint.ts'
import { flagInUrl, id, integerInUrl, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const ArrivalOutcome = z.enum(OUTCOMES)
export type ArrivalOutcome = z.output<typeof ArrivalOutcome>
export const ArrivalChannel = z.enum(INBOUND_CHANNELS)
export type ArrivalChannel = z.output<typeof ArrivalChannel>
export const ArrivalAct = z.enum(ARRIVAL_ACTS)
export type ArrivalAct = z.output<typeof ArrivalAct>
const ActObstacle = z.enum(ACT_OBSTACLES)
const InboxReference = z.object({ id: id<'inbox'>(), name: z.string() })

export const Arrival = z
  .object({
    id: id<'inbound_mail'>(),
    received_at: isoDate,
    channel: ArrivalChannel,
    source: z.object({ id: id<'inbound_source'>(), name: z.string() }).nullable(),
    inbox: InboxReference.nullable().describe('Whose mail it is; null where nobody could say.'),
    from: z.object({ name: z.string(), address: z.string() }),
    subject: z.string(),
    size_bytes: z.number(),
    state: z.enum(['waiting', 'settled', 'quarantined']),
    outcome: ArrivalOutcome.nullable().describe('Null while it waits for its turn.'),
    reason: z.string().nullable().describe('Of `ignored` and `quarantined`.'),
    stage: z.enum(QUARANTINE_STAGES).nullable().describe('How far it came before it was put aside.'),
    sentence: z.string().describe('What became of it, in words.'),
    conversation: z
      .object({ id: id<'conversation'>(), number: z.int(), subject: z.string() })
      .nullable()
      .describe('Where it is now; null too where you may not reach that.'),
    message_id: id<'message'>().nullable().describe('What a bounce or complaint is about.'),
    duplicate_of: id<'inbound_mail'>().nullable(),
    settled_at: isoDate.nullable(),
    settled_by: z.string().nullable().describe('Who decided, where that was somebody.'),
    wish: z.enum(['replay', 'start', 'spam', 'attach']).nullable().describe('What somebody wants of it, while it waits.'),
    is_hidden: z.boolean().describe('It is in a conversation that you may not reach: sender and subject are left out.'),
  })
  .meta({ id: 'Arrival' })
export type Arrival = z.output<typeof Arrival>

export const ArrivalDetail = Arrival.extend({
  detail: z.string().nullable().describe('What exactly happened.'),
  hint: z.string().nullable().describe('What would help, for what was put aside.'),
  attempts: z.int(),
  to: z.array(z.string()),
  envelope: z.object({
    sender: z.string().nullable(),
    recipients: z.array(z.string()),
    remote_ip: z.string().nullable(),
    helo: z.string().nullable(),
  }),
  problem: z.string().nullable().describe('Why it cannot be shown; what follows is then empty.'),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  text: z.string().nullable(),
  has_html: z.boolean().describe('Its HTML is to be shown in a frame: see `/html`.'),
  files: z.array(z.object({ filename: z.string(), content_type: z.string(), size_bytes: z.number() })),
  automatic: z.string().nullable().describe('Why it is taken for a machine’s.'),
  authentication: z.unknown().describe('SPF, DKIM, DMARC and ARC, where they were checked.'),
  keys: z
    .object({
      tokens: z.int().describe('Marks that look like ours: where it was sent, in what it answers, in its body.'),
      references: z.array(z.string()),
      subject_tags: z.array(z.string()),
    })
    .nullable()
    .describe('What it is matched to a conversation by.'),
  foreseen: z
    .object({ does: z.string(), sentence: z.string(), number: z.int().nullable() })
    .nullable()
    .describe('What would become of it if it were taken in now.'),
  history: z.array(z.object({ at: isoDate, by: z.string().nullable(), sentence: z.string() })).describe('Oldest first.'),
  undo: id<'inbound_act'>().nullable().describe('The act by which it is what it is, where that can be taken back.'),
  may: z.record(ArrivalAct, ActObstacle.nullable()).describe('What can be done about it: null, or why not.'),
}).meta({ id: 'ArrivalDetail' })
export type ArrivalDetail = z.output<typeof ArrivalDetail>

const filters = {
  outcome: z
    .union([ArrivalOutcome, z.literal('waiting')])
    .optional()
    .describe('`quarantined` is the quarantine; `waiting` has no outcome yet.'),
  reason: z
    .string()
    .regex(/^[a-z_]{1,50}$/)
    .optional()
    .describe('Of `ignored` and `quarantined`: update_only_no_match, no_inbox, unreadable, ….'),
  stage: z.enum(QUARANTINE_STAGES).optional(),
  inbox_id: z
    .union([id<'inbox'>(), z.literal('none')])
    .optional()
    .describe('`none`: mail of no inbox.'),
  source_id: id<'inbound_source'>().optional(),
  channel: ArrivalChannel.optional(),
  q: line(1, 300)
    .optional()
    .describe(
      'A sender’s whole address; or words of sender and subject. Words are looked for in all mail that stands in no conversation, and in the newest 20,000 of the rest.',
    ),
  since: isoDate.optional().describe('Came here at this time or later.'),
  until: isoDate.optional().describe('Came here before this time.'),
}
const exampleInbox = { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b', name: 'Support' }
const exampleArrival = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1d',
  received_at: '2026-11-21T12:00:00.000Z',
  channel: 'imap',
  source: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1e', name: 'support@example.com' },
  inbox: exampleInbox,
  from: { name: 'Bob', address: 'bob@example.org' },
  subject: 'Where is my parcel?',
  size_bytes: 2_310,
  state: 'quarantined',
  outcome: 'quarantined',
  reason: 'update_only_no_match',
  stage: 'match',
  sentence: 'It belongs to no conversation, and its inbox starts none by mail.',
  conversation: null,
  message_id: null,
  duplicate_of: null,
  settled_at: '2026-11-21T12:00:01.000Z',
  settled_by: null,
  wish: null,
  is_hidden: false,
}
const params = z.strictObject({ id: id<'inbound_mail'>() })
const exampleParams = { id: exampleArrival.id }

export const listArrivals = endpoint({
  method: 'GET',
  path: '/v1/arrivals',
  summary: 'Mail that came in, newest first, whatever became of it: bytes that arrived are always here.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ ...filters, ...pageParams }),
  reply: pageOf(Arrival),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleArrival], next: null } },
})
export const countArrivals = endpoint({
  method: 'GET',
  path: '/v1/arrivals/counts',
  summary: 'How many came in lately, by what became of them.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    days: integerInUrl(1, 366).optional().describe('Days (UTC), today among them: 30 when left out.'),
    inbox_id: filters.inbox_id,
  }),
  reply: z.object({
    total: z.int(),
    counts: z.array(z.object({ outcome: ArrivalOutcome, reason: z.string().nullable(), count: z.int() })),
  }),
  example: { reply: { total: 412, counts: [{ outcome: 'ignored', reason: 'update_only_no_match', count: 412 }] } },
})
export const countQuarantine = endpoint({
  method: 'GET',
  path: '/v1/quarantine',
  summary: 'How much lies in the quarantine, by inbox and by reason.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({
    total: z.int(),
    by_inbox: z.array(z.object({ inbox: InboxReference.nullable(), count: z.int() })),
    by_reason: z.array(z.object({ reason: z.string(), count: z.int() })),
  }),
  example: {
    reply: {
      total: 3,
      by_inbox: [{ inbox: exampleInbox, count: 3 }],
      by_reason: [{ reason: 'update_only_no_match', count: 3 }],
    },
  },
})
export const getArrival = endpoint({
  method: 'GET',
  path: '/v1/arrivals/:id',
  summary:
    'One mail that came in: what became of it and why, what it says, what was done about it, and what would become of it now.',
  permission: 'conversations.read',
  transaction: 'none',
  params,
  reply: ArrivalDetail,
  errors: ['not_found'],
  example: {
    params: exampleParams,
    reply: {
      ...exampleArrival,
      detail: 'It belongs to no conversation, and the inbox Support starts none by mail.',
      hint: 'Attach it to the conversation that it belongs to, or make it one of its own.',
      attempts: 1,
      to: ['support@example.com'],
      envelope: { sender: 'bob@example.org', recipients: ['support@example.com'], remote_ip: null, helo: null },
      problem: null,
      headers: [{ name: 'From', value: 'Bob <bob@example.org>' }],
      text: 'It has not come.',
      has_html: false,
      files: [],
      automatic: null,
      authentication: null,
      keys: { tokens: 0, references: [], subject_tags: [] },
      foreseen: { does: 'quarantine', sentence: 'It would be put aside again.', number: null },
      history: [{ at: '2026-11-21T12:00:00.000Z', by: null, sentence: 'It came in.' }],
      undo: null,
      may: { replay: null, start: null, attach: null, spam: null, ignore: null, ignore_sender: null },
    },
  },
})
export const showArrival = endpoint({
  method: 'GET',
  path: '/v1/arrivals/:id/html',
  summary: 'What it says, as a page for a frame: foreign HTML, cleaned, with a policy that allows no script and no request.',
  permission: 'conversations.read',
  transaction: 'none',
  params: params.extend({ images: flagInUrl.optional().describe('`1`: load pictures from elsewhere.') }),
  reply: download,
  produces: 'text/html',
  errors: ['not_found', 'not_kept', 'mail_unreadable'],
  example: { params: exampleParams },
})
export const getRawArrival = endpoint({
  method: 'GET',
  path: '/v1/arrivals/:id/raw',
  summary: 'The mail as it came, byte for byte.',
  permission: 'conversations.read',
  transaction: 'none',
  params,
  reply: download,
  produces: 'message/rfc822',
  errors: ['not_found', 'not_kept'],
  example: { params: exampleParams },
})
export const getArrivalSource = endpoint({
  method: 'GET',
  path: '/v1/arrivals/:id/source',
  summary: 'The mail as it came, as text: at most its first 200,000 bytes.',
  permission: 'conversations.read',
  transaction: 'none',
  params,
  reply: z.object({ text: z.string(), is_cut: z.boolean() }),
  errors: ['not_found', 'not_kept'],
  example: { params: exampleParams, reply: { text: 'From: bob@example.org\r\n\r\nIt has not come.\r\n', is_cut: false } },
})

export const ArrivalActRequest = z.strictObject({
  act: ArrivalAct.describe(
    '`replay`: decide anew, after something was mended. `start`: a conversation, whatever the decision would be. `attach`: into a conversation. `spam`: a conversation that is spam. `ignore`. `ignore_sender`: a rule, and ignored by it.',
  ),
  ids: z.array(id<'inbound_mail'>()).min(1).max(500).optional(),
  filter: z.strictObject(filters).optional().describe('All that fit, at most 10,000 at once, instead of `ids`.'),
  inbox_id: id<'inbox'>().optional().describe('Of `start` and `spam`: where; each mail’s own inbox when left out.'),
  number: z.int().min(1).optional().describe('Of `attach`: the number of the conversation.'),
  whole: z
    .enum(['address', 'domain'])
    .optional()
    .describe('Of `ignore_sender`: this address, which is usual, or everybody at its domain.'),
  others: z.boolean().optional().describe('Of `ignore_sender`: with whatever else they have in the quarantine of that inbox.'),
})
export type ArrivalActRequest = z.output<typeof ArrivalActRequest>
/** As it travels. */
export type ArrivalActBody = z.input<typeof ArrivalActRequest>

const Refused = z.array(z.object({ id: id<'inbound_mail'>(), because: ActObstacle })).describe('The first hundred of them.')
const exampleAct = { act: 'start', ids: [exampleArrival.id] }
const acted = {
  done: z.int(),
  refused_count: z.int(),
  refused: Refused,
  is_cut: z.boolean().describe('More fit than are done at once: ask again.'),
}

export const actOnArrivals = endpoint({
  method: 'POST',
  path: '/v1/arrivals/acts',
  summary: 'Do something about mail that was put aside or ignored.',
  description:
    'What is to be taken in waits for its turn, like mail that has just come, and is in its conversation a moment later. What cannot be done to one is said of it; the others are done.',
  permission: 'conversations.write',
  transaction: 'write',
  body: ArrivalActRequest,
  reply: z.object({ id: id<'inbound_act'>().describe('By which it can be taken back.'), ...acted }),
  errors: ['not_found', 'wrong_state', 'conversation_deleted', 'conversation_merged', 'too_many_of_these'],
  example: {
    body: exampleAct,
    reply: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1f', done: 1, refused_count: 0, refused: [], is_cut: false },
  },
})
export const previewArrivalAct = endpoint({
  method: 'POST',
  path: '/v1/arrivals/acts/preview',
  summary: 'To how many it would be done.',
  permission: 'conversations.write',
  transaction: 'write',
  body: ArrivalActRequest,
  reply: z.object(acted),
  errors: ['not_found', 'wrong_state', 'conversation_deleted', 'conversation_merged'],
  example: { body: exampleAct, reply: { done: 1, refused_count: 0, refused: [], is_cut: false } },
})
export const undoArrivalAct = endpoint({
  method: 'POST',
  path: '/v1/arrivals/acts/:id/undo',
  summary: 'Take an act back: the mails lie where they lay, and what was made of them is gone.',
  description:
    'Of `start`, `attach`, `spam`, `ignore` and `ignore_sender`. A conversation that was started is gone, one that a mail was put into stands as it did, and a rule is removed. Where something was said in the conversation since, or something else was done about the mail, it is left as it is, and counted in `left`.',
  permission: 'conversations.write',
  transaction: 'write',
  params: z.strictObject({ id: id<'inbound_act'>() }),
  reply: z.object({ count: z.int(), left: z.int().describe('Something happened to these since.') }),
  errors: ['not_found'],
  example: { params: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1f' }, reply: { count: 1, left: 0 } },
})

export const arrivalEndpoints = [
  listArrivals,
  countArrivals,
  countQuarantine,
  getArrival,
  showArrival,
  getRawArrival,
  getArrivalSource,
  actOnArrivals,
  previewArrivalAct,
  undoArrivalAct,
] as const
