/** How mail for many reads before it is sent: seen as a person, checked on its people, tried in mailboxes of one's own. */
import { z } from 'zod'
import { MAX_SEEDS } from '../../campaigns/content/seed.ts'
import { download, endpoint } from '../endpoint.ts'
import { CampaignContent } from './content-shapes.ts'
import { id, line } from './shapes.ts'

export const ContentProblem = z
  .object({
    where: z.enum(['to_name', 'subject', 'preheader', 'body', 'blocks', 'template', 'text', 'fields']),
    line: z.int().nullable().describe('Counted from 1; of blocks, which one.'),
    sentence: z.string(),
  })
  .meta({ id: 'ContentProblem' })
export type ContentProblem = z.output<typeof ContentProblem>

export const ContentPreview = z
  .object({
    reader: z.object({ contact_id: id<'contact'>().nullable(), name: z.string(), address: z.string() }),
    problems: z.array(ContentProblem).describe('What keeps it from being sent to anybody.'),
    sentence: z.string().nullable().describe('Why this person would get nothing.'),
    texts: z
      .object({
        to_name: z.string(),
        subject: z.string(),
        html: z.string().nullable(),
        text: z.string().nullable(),
        html_bytes: z.int().describe('Gmail shows the first 102 KB.'),
      })
      .nullable(),
    paths: z.array(z.string()).describe('Fields that it asks for.'),
  })
  .meta({ id: 'ContentPreview' })
export type ContentPreview = z.output<typeof ContentPreview>

const ID = '0193e0a0-8888-7abc-9def-0123456789ab'
const CONTACT = '0193e0a0-6666-7abc-9def-0123456789ab'
export const exampleContent = {
  format: 'markdown' as const,
  subject: 'News for {{ contact.first_name }}',
  body: 'Dear {{ contact.first_name }},\n\nspring is here.',
  text: null,
  to_name: '{{ contact.name }}',
  fields: [{ path: 'contact.first_name', fallback: 'friend', required: false }],
}
const examplePreview = {
  reader: { contact_id: CONTACT, name: 'Ann Smith', address: 'ann@example.org' },
  problems: [],
  sentence: null,
  texts: {
    to_name: 'Ann Smith',
    subject: 'News for Ann',
    html: '<p>Dear Ann,</p>\n<p>spring is here.</p>\n',
    text: 'Dear Ann,\n\nspring is here.\n',
    html_bytes: 42,
  },
  paths: ['contact.first_name', 'contact.name'],
}
const byId = z.strictObject({ id: id<'campaign'>() })
const version = z
  .string()
  .regex(/^[A-E]$/, 'is a letter from A to E')
  .optional()
const ofVersion = version.describe('Where there are several versions, which of them; left out: `A`, the campaign itself.')
const seenBy = id<'contact'>().nullable().optional().describe('Whose values it is written with; left out: somebody made up.')

export const previewContent = endpoint({
  method: 'POST',
  path: '/v1/content/preview',
  summary: 'How a text reads, saved or not.',
  permission: 'campaigns.manage',
  transaction: 'none',
  maxBodyBytes: 4 * 1024 * 1024,
  body: z.strictObject({
    content: CampaignContent,
    campaign_name: line(0, 200).optional().describe('What `campaign.name` is.'),
    campaign_id: id<'campaign'>()
      .optional()
      .describe('Whose text it is: with its address in the archive and its marks on links.'),
    contact_id: seenBy,
  }),
  reply: ContentPreview,
  errors: ['not_found'],
  example: { body: { content: exampleContent, contact_id: CONTACT }, reply: examplePreview },
})
export const previewCampaign = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/preview',
  summary: 'How the text of a campaign reads.',
  permission: 'conversations.read',
  transaction: 'none',
  params: byId.extend({ contact_id: id<'contact'>().optional(), version: ofVersion }),
  reply: ContentPreview,
  errors: ['not_found'],
  example: { params: { id: ID, contact_id: CONTACT }, reply: examplePreview },
})

/** An empty page with the policy of mail: the console writes a preview into it, where no script runs and nothing but pictures is fetched. */
export const contentFrame = endpoint({
  method: 'GET',
  path: '/v1/content/frame',
  summary: 'An empty page in which a preview is shown.',
  permission: 'conversations.read',
  transaction: 'none',
  reply: download,
  produces: 'text/html',
  example: {},
})

const FoundLink = {
  url: z.string(),
  text: z.string(),
  problem: z.enum(['empty', 'not_encrypted', 'not_a_link']).nullable(),
}
export const ContentChecks = z
  .object({
    problems: z.array(ContentProblem),
    people: z.int().describe('Who would get it, by what is known of them now.'),
    lacking: z.int().describe('How many of them are left out, because a required field is empty.'),
    fields: z.array(
      z.object({
        path: z.string(),
        fallback: z.string(),
        required: z.boolean(),
        declared: z.boolean().describe('False: it is used and not declared, so that an empty one leaves a gap.'),
        empty: z.int(),
      }),
    ),
    looked: z.int().describe('For so many of them the mail was written, to try.'),
    unrenderable: z.int().describe('Of those that were looked at: for whom writing it fails.'),
    examples: z.array(z.object({ contact_id: id<'contact'>(), address: z.string(), sentence: z.string() })),
    subject: z.object({ text: z.string(), longest: z.int() }),
    html: z
      .object({ bytes: z.int(), limit: z.int() })
      .nullable()
      .describe('The largest of those that were written, and what Gmail shows.'),
    text: z.object({ is_own: z.boolean(), characters: z.int() }).nullable().describe('The part without markup.'),
    counted_at: z
      .string()
      .nullable()
      .describe('Where links will lead first, because clicks are counted; null: straight to their pages.'),
    has_own_way_out: z.boolean().describe('False: a line “Unsubscribe” is put at its foot.'),
    links: z.array(z.object(FoundLink)),
    images: z.array(
      z.object({
        url: z.string(),
        alt: z.string().nullable(),
        problem: z.enum(['no_alt', 'not_encrypted', 'not_a_link', 'this_machine']).nullable(),
      }),
    ),
  })
  .meta({ id: 'ContentChecks' })
export type ContentChecks = z.output<typeof ContentChecks>

export const checkCampaignContent = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/checks',
  summary: 'What its text would be like for the people it is meant for.',
  description:
    'Fields are counted on everybody. Mails are written for up to 1,000 of them, spread over all: `looked` says how many.',
  permission: 'conversations.read',
  transaction: 'none',
  params: byId.extend({ version: ofVersion }),
  reply: ContentChecks,
  errors: ['not_found'],
  example: {
    params: { id: ID },
    reply: {
      problems: [],
      people: 84_000,
      lacking: 0,
      fields: [{ path: 'contact.first_name', fallback: 'friend', required: false, declared: true, empty: 1_250 }],
      looked: 1_000,
      unrenderable: 0,
      examples: [],
      subject: { text: 'News for Ann', longest: 31 },
      html: { bytes: 18_432, limit: 104_448 },
      text: { is_own: false, characters: 640 },
      has_own_way_out: false,
      counted_at: null,
      links: [{ url: 'https://shop.example.com/spring', text: 'Have a look', problem: null }],
      images: [],
    },
  },
})

export const CheckedLinks = z
  .object({
    links: z.array(
      z.object({
        ...FoundLink,
        state: z
          .enum(['ok', 'wrong', 'guarded', 'unreachable', 'not_asked'])
          .describe('`guarded`: it answers, and not to programs.'),
        status: z.int().nullable(),
        to: z.string().nullable().describe('Where it leads in the end, where that is elsewhere.'),
        sentence: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'CheckedLinks' })
export type CheckedLinks = z.output<typeof CheckedLinks>

export const checkCampaignLinks = endpoint({
  method: 'POST',
  path: '/v1/campaigns/:id/checks/links',
  summary: 'Ask each of its links whether it leads somewhere.',
  description: 'Up to 60 are asked, six at a time, within 45 seconds. None that leads into a private network.',
  permission: 'campaigns.manage',
  transaction: 'none',
  params: byId.extend({ version: ofVersion }),
  reply: CheckedLinks,
  errors: ['not_found'],
  example: {
    params: { id: ID },
    reply: {
      links: [
        {
          url: 'https://shop.example.com/spring',
          text: 'Have a look',
          problem: null,
          state: 'wrong',
          status: 404,
          to: null,
          sentence: 'It answers 404.',
        },
      ],
    },
  },
})

const seeds = z
  .array(z.object({ address: line(1, 320), name: line(0, 200) }))
  .max(MAX_SEEDS)
  .describe('Mailboxes of your own, best with different providers.')
const exampleSeeds = { seeds: [{ address: 'ann@example.org', name: 'Ann at home' }] }

export const listSeeds = endpoint({
  method: 'GET',
  path: '/v1/seeds',
  summary: 'Where tests of campaigns go.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ seeds }),
  example: { reply: exampleSeeds },
})
export const setSeeds = endpoint({
  method: 'PUT',
  path: '/v1/seeds',
  summary: 'Say where tests of campaigns go.',
  permission: 'campaigns.manage',
  transaction: 'write',
  body: z.strictObject({ seeds }),
  reply: z.object({ seeds }),
  errors: ['invalid_address'],
  example: { body: exampleSeeds, reply: exampleSeeds },
})
export const testCampaign = endpoint({
  method: 'POST',
  path: '/v1/campaigns/:id/test',
  summary: 'Send it to mailboxes of your own, marked as a test.',
  description:
    'Mails of their own, with the marks and the links that the campaign will have, counted nowhere in it: who follows them is nobody’s reader, and their links to leave change nothing.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({
    to: z.array(line(1, 320)).min(1).max(MAX_SEEDS).optional().describe('Left out: all of `GET /v1/seeds`.'),
    contact_id: seenBy,
    version: version.describe('Where there are several versions, which of them; left out: each.'),
  }),
  reply: z.object({ messages: z.array(z.object({ id: id<'message'>(), address: z.string() })) }),
  status: 202,
  errors: ['not_found', 'invalid_address'],
  example: {
    params: { id: ID },
    body: { to: ['ann@example.org'], contact_id: CONTACT },
    reply: { messages: [{ id: '0193e0a0-4444-7abc-9def-0123456789ab', address: 'ann@example.org' }] },
  },
})

export const contentEndpoints = [
  previewContent,
  previewCampaign,
  contentFrame,
  checkCampaignContent,
  checkCampaignLinks,
  listSeeds,
  setSeeds,
  testCampaign,
] as const
