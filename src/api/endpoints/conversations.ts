import { z } from 'zod'
import { CHANNELS, CONVERSATION_STATUSES, PRIORITIES } from '../../helpdesk/conversation.ts'
import { ITEM_KINDS } from '../../helpdesk/item.ts'
import { SENT_STATES } from '../../helpdesk/reading/delivery-state.ts'
import { download, endpoint } from '../endpoint.ts'
import { flagInUrl, id, integerInUrl, isoDate } from './shapes.ts'

const Person = z.object({ id: id<'user'>(), name: z.string() })
export const CorrespondentView = z.object({ name: z.string(), address: z.string() }).meta({ id: 'Correspondent' })
export type CorrespondentView = z.output<typeof CorrespondentView>

const ConversationFile = z
  .object({
    ordinal: z.int(),
    filename: z.string(),
    content_type: z.string(),
    size_bytes: z.number(),
    is_picture: z.boolean().describe('It may be shown where it stands; everything else is downloaded.'),
    is_shown: z.boolean().describe('The text shows it.'),
  })
  .meta({ id: 'ConversationFile' })
export type ConversationFile = z.output<typeof ConversationFile>

const SentView = z
  .object({
    message_id: id<'message'>().describe('Its waybill.'),
    state: z.enum(SENT_STATES),
    sentence: z.string(),
    deliveries: z.array(z.object({ recipient: z.string(), state: z.enum(SENT_STATES), sentence: z.string() })),
  })
  .describe('How it stands on its way; null for what was not sent.')
  .meta({ id: 'Sent' })

export const ConversationItem = z
  .object({
    id: id<'conversation_item'>(),
    kind: z
      .enum(ITEM_KINDS)
      .describe('`customer` wrote it, an agent sent a `reply` or `forward`, or kept a `note`; `activity` is what was done.'),
    channel: z.enum(CHANNELS),
    created_at: isoDate,
    author: z.object({
      kind: z.enum(['customer', 'agent', 'system']),
      id: z.string().nullable(),
      name: z.string(),
      address: z.string(),
    }),
    to: z.array(CorrespondentView),
    cc: z.array(CorrespondentView),
    bcc: z.array(CorrespondentView),
    reply_to: z.array(z.string()).describe('Where the sender wants answers, if elsewhere.'),
    subject: z.string().nullable().describe("Where it differs from the conversation's."),
    text: z.string(),
    html: z
      .string()
      .nullable()
      .describe('Cleaned; only where it is made of plain words, lists and links. Pictures have addresses of ours.'),
    is_rich: z.boolean().describe('Its HTML is to be shown in a frame: see `/html`.'),
    has_remote_images: z.boolean().describe('Pictures from elsewhere, which are not loaded unless asked for.'),
    quoted_text: z.string().nullable(),
    has_quoted: z.boolean(),
    files: z.array(ConversationFile),
    activity: z
      .object({ what: z.string(), from: z.unknown(), to: z.unknown(), name: z.string().nullable(), by: z.string().nullable() })
      .nullable(),
    is_automatic: z.boolean(),
    matched_by: z.string().nullable(),
    has_original: z.boolean(),
    sent: SentView.nullable(),
    undo_until: isoDate.nullable(),
    sent_copy: z
      .object({
        state: z.enum(['waiting', 'stored', 'given_up', 'not_sent']),
        folder: z.string(),
        problem: z.string().nullable(),
      })
      .nullable(),
    edited_at: isoDate.nullable(),
    edited_by: z.string().nullable(),
    hidden_at: isoDate.nullable(),
  })
  .meta({ id: 'ConversationItem' })
export type ConversationItem = z.output<typeof ConversationItem>

export const ConversationView = z
  .object({
    id: id<'conversation'>(),
    number: z.int(),
    inbox: z.object({ id: id<'inbox'>(), name: z.string(), slug: z.string(), address: z.string() }),
    subject: z.string(),
    channel: z.enum(CHANNELS),
    status: z.enum(CONVERSATION_STATUSES),
    label: z.object({ id: id<'status_label'>(), name: z.string(), color: z.string() }).nullable(),
    priority: z.enum(PRIORITIES),
    assignee: Person.nullable(),
    team: z.object({ id: id<'team'>(), name: z.string() }).nullable(),
    contact_id: id<'contact'>().nullable(),
    requester: CorrespondentView.describe('Whom answers go to.'),
    writer: CorrespondentView.nullable().describe(
      'Who wrote, where their mail wants its answers at another address (Reply-To): then that is the requester.',
    ),
    tags: z.array(z.string()),
    fields: z.record(z.string(), z.unknown()),
    snoozed_until: isoDate.nullable(),
    due_at: isoDate.nullable(),
    waiting_since: isoDate.nullable(),
    last_customer_at: isoDate.nullable(),
    last_agent_at: isoDate.nullable(),
    last_at: isoDate,
    closed_at: isoDate.nullable(),
    deleted_at: isoDate.nullable(),
    merged_into: z.int().nullable().describe('The number of the conversation that it is part of now.'),
    auto_reply_off: z.boolean(),
    created_at: isoDate,
    updated_at: isoDate,
    is_starred: z.boolean(),
    is_followed: z.boolean(),
    participants: z.array(
      z.object({ address: z.string(), name: z.string(), contact_id: id<'contact'>().nullable(), is_removed: z.boolean() }),
    ),
    followers: z.array(Person),
    links: z.array(z.object({ number: z.int(), subject: z.string(), status: z.string(), kind: z.string() })),
    items: z.array(ConversationItem).describe('Oldest first: the newest page of them.'),
    older: z.string().nullable().describe('Give it as `before` for what was said earlier; null at the beginning.'),
    last_said: id<'conversation_item'>().nullable().describe('The newest message or note. Send it as `seen` with an answer.'),
    drafts: z.array(z.object({ user: Person, mode: z.enum(['reply', 'note', 'forward']), updated_at: isoDate })),
    answering: z.object({
      senders: z.array(CorrespondentView).describe('What an answer may be sent from, the usual one first.'),
      to: z.array(CorrespondentView),
      cc: z.array(CorrespondentView),
      subject: z.string(),
      undo_seconds: z.int(),
      signature: z.string().describe('As it will be written, for you.'),
      status_after: z.enum(CONVERSATION_STATUSES),
      auto_bcc: z.array(z.string()),
    }),
    may_write: z.boolean(),
  })
  .meta({ id: 'Conversation' })
export type ConversationView = z.output<typeof ConversationView>

export const ConversationAddress = z.object({
  id: z.union([z.uuid(), z.string().regex(/^\d{1,15}$/)]).describe('The id of the conversation, or its number.'),
})
export const ItemAddress = ConversationAddress.extend({ item_id: id<'conversation_item'>() })

const exampleConversation = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
  number: 17,
  inbox: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b', name: 'Support', slug: 'support', address: 'support@example.com' },
  subject: 'Where is my parcel?',
  channel: 'email',
  status: 'open',
  label: null,
  priority: 'normal',
  assignee: null,
  team: null,
  contact_id: null,
  requester: { name: 'Bob', address: 'bob@example.org' },
  writer: null,
  tags: [],
  fields: {},
  snoozed_until: null,
  due_at: null,
  waiting_since: '2026-11-21T12:00:00.000Z',
  last_customer_at: '2026-11-21T12:00:00.000Z',
  last_agent_at: null,
  last_at: '2026-11-21T12:00:00.000Z',
  closed_at: null,
  deleted_at: null,
  merged_into: null,
  auto_reply_off: false,
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
  is_starred: false,
  is_followed: false,
  participants: [],
  followers: [],
  links: [],
  items: [],
  older: null,
  last_said: null,
  drafts: [],
  answering: {
    senders: [{ name: 'Support', address: 'support@example.com' }],
    to: [{ name: 'Bob', address: 'bob@example.org' }],
    cc: [],
    subject: 'Re: Where is my parcel?',
    undo_seconds: 15,
    signature: '',
    status_after: 'pending',
    auto_bcc: [],
  },
  may_write: true,
}
const exampleAddress = { id: '17' }
const exampleItemAddress = { id: '17', item_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c' }

export const getConversation = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id',
  summary: 'One conversation with the newest of what was said in it.',
  permission: 'conversations.read',
  transaction: 'read',
  params: ConversationAddress.extend({
    before: z.uuid().optional().describe('The `older` of the answer before: what was said earlier.'),
    limit: integerInUrl(1, 100).optional().describe('Items: 1 to 100, 40 when left out.'),
  }),
  reply: ConversationView,
  errors: ['not_found'],
  example: { params: exampleAddress, reply: exampleConversation },
})

export const showItem = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/items/:item_id/html',
  summary: 'What somebody wrote, as a page for a frame.',
  description:
    'Foreign HTML, cleaned, with a policy that allows no script, no form and no request but pictures that were asked for. Pictures of the mail are part of the page.',
  permission: 'conversations.read',
  transaction: 'none',
  params: ItemAddress.extend({
    images: flagInUrl.optional().describe('`1`: load pictures from elsewhere, which tells the sender that it was read.'),
    quoted: flagInUrl.optional().describe('`1`: the quoted part instead.'),
  }),
  reply: download,
  produces: 'text/html',
  errors: ['not_found'],
  example: { params: exampleItemAddress },
})

export const getItemFile = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/items/:item_id/files/:ordinal',
  summary: 'A file of a message.',
  description: 'Always as a download, but pictures (PNG, JPEG, GIF, WebP) with `inline=1`. SVG is a document and never shown.',
  permission: 'conversations.read',
  transaction: 'none',
  params: ItemAddress.extend({ ordinal: integerInUrl(0, 1_000), inline: flagInUrl.optional() }),
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found', 'not_kept'],
  example: { params: { ...exampleItemAddress, ordinal: '0' } },
})

export const getItemSource = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/items/:item_id/raw',
  summary: 'The mail as it came or left, byte for byte.',
  permission: 'conversations.read',
  transaction: 'none',
  params: ItemAddress,
  reply: download,
  produces: 'message/rfc822',
  errors: ['not_found', 'not_kept'],
  example: { params: exampleItemAddress },
})

const Checks = z.array(
  z.object({
    result: z
      .string()
      .describe('`pass`, `fail`, `softfail`, `neutral`, `none`, `policy`, `temperror`, `permerror` (RFC 8601 §2.7).'),
    domain: z.string().nullable().describe('Whose domain was checked.'),
    detail: z.string().nullable().describe('Why it ended so.'),
  }),
)
export const Authentication = z
  .object({
    spf: Checks,
    dkim: Checks.describe('One a signature.'),
    dmarc: Checks,
    arc: Checks,
    source: z.enum(['checked', 'told', 'none']).describe('By us, by the server that received it, or by nobody.'),
    aligned: z.boolean().describe('The domain of From stands behind this mail.'),
  })
  .meta({ id: 'MailAuthentication' })
export type Authentication = z.output<typeof Authentication>

export const getItemOriginal = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/items/:item_id/original',
  summary: 'The headers of a mail, and what is known of who sent it.',
  permission: 'conversations.read',
  transaction: 'none',
  params: ItemAddress,
  reply: z.object({
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
    authentication: Authentication.nullable().describe('As it was checked when it came; null for what left.'),
    matched_by: z.string().nullable().describe('Why it stands in this conversation.'),
    size_bytes: z.int(),
  }),
  errors: ['not_found', 'not_kept', 'mail_unreadable'],
  example: {
    params: exampleItemAddress,
    reply: { headers: [{ name: 'From', value: 'bob@example.org' }], authentication: null, matched_by: null, size_bytes: 1312 },
  },
})

export const listItemVersions = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/items/:item_id/versions',
  summary: 'What a message said before it was edited, oldest first.',
  permission: 'conversations.read',
  transaction: 'read',
  params: ItemAddress,
  reply: z.object({
    items: z.array(
      z.object({
        version: z.int(),
        text: z.string(),
        html: z.string().nullable(),
        replaced_by: z.string().nullable(),
        replaced_at: isoDate,
      }),
    ),
    next: z.null(),
  }),
  errors: ['not_found'],
  example: { params: exampleItemAddress, reply: { items: [], next: null } },
})

export const conversationEndpoints = [
  getConversation,
  showItem,
  getItemFile,
  getItemSource,
  getItemOriginal,
  listItemVersions,
] as const
