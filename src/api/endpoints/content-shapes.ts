/** What mail for many says, as it travels. */
import { z } from 'zod'
import {
  ALIGNMENTS,
  COLOUR,
  FONTS,
  MAX_BLOCK_TEXT,
  MAX_BLOCKS,
  MAX_ITEMS,
  MAX_LINK,
  SOCIAL_KINDS,
} from '../../templates/blocks/block.ts'
import { CONTENT_FORMATS, MAX_BODY, MAX_FIELDS, MAX_PREHEADER, MAX_SUBJECT } from '../../templates/content.ts'
import { MAX_SLOT_TEXT, SLOT_NAME } from '../../templates/slots.ts'
import { id, line } from './shapes.ts'

/** Of a request with a whole text in it: a body of the longest, in any script, and what stands beside it. */
export const MAX_CONTENT_BYTES = 4 * 1024 * 1024

const text = z.string().max(MAX_BLOCK_TEXT)
const rich = text.describe(
  'Text with b, i, u, s, a, code, br, and where it is a paragraph p, ul, ol, li; whatever else is typed stays text.',
)
const url = z.string().max(MAX_LINK)
const named = { id: line(1, 64).describe('Unique in its document.') }
const align = z.enum(ALIGNMENTS)
const colour = z.string().regex(COLOUR, 'must be a colour as #rrggbb')

const leaves = [
  z.object({
    ...named,
    type: z.literal('heading'),
    level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    text: rich,
    align,
  }),
  z.object({ ...named, type: z.literal('text'), html: rich, align }),
  z.object({ ...named, type: z.literal('list'), ordered: z.boolean(), items: z.array(rich).max(MAX_ITEMS) }),
  z.object({
    ...named,
    type: z.literal('image'),
    url,
    alt: z.string().max(1_000),
    link: url,
    width: z.int().min(16).max(1_200).nullable().describe('In pixels; null: as wide as there is room.'),
    align,
  }),
  z.object({ ...named, type: z.literal('button'), label: z.string().max(1_000), url, align }),
  z.object({ ...named, type: z.literal('quote'), html: rich, by: z.string().max(1_000) }),
  z.object({ ...named, type: z.literal('divider') }),
  z.object({ ...named, type: z.literal('spacer'), height: z.int().min(4).max(200) }),
  z.object({
    ...named,
    type: z.literal('social'),
    links: z.array(z.object({ kind: z.enum(SOCIAL_KINDS), url })).max(12),
    align,
  }),
  z.object({ ...named, type: z.literal('html'), html: z.string().max(100_000) }),
  z.object({
    ...named,
    type: z.literal('slot'),
    name: z.string().regex(SLOT_NAME, 'must be small letters, digits, "-" and "_"'),
    text: text.describe('Markdown, until a campaign fills the slot.'),
  }),
] as const
export const ContentLeaf = z.discriminatedUnion('type', leaves).meta({ id: 'ContentLeaf' })

export const ContentBlock = z
  .discriminatedUnion('type', [
    ...leaves,
    z.object({ ...named, type: z.literal('columns'), columns: z.array(z.array(ContentLeaf).max(50)).min(1).max(3) }),
  ])
  .meta({ id: 'ContentBlock' })

export const BlockDocument = z
  .object({
    look: z.object({
      font: z.enum(FONTS),
      width: z.int().min(320).max(800),
      background: colour,
      surface: colour,
      ink: colour,
      accent: colour,
    }),
    blocks: z.array(ContentBlock).max(MAX_BLOCKS),
  })
  .meta({ id: 'BlockDocument' })

export const ContentFields = z
  .array(z.object({ path: z.string().max(200), fallback: z.string().max(1_000), required: z.boolean() }))
  .max(MAX_FIELDS)
  .describe('Fields of contacts, as `contact.first_name`: what stands in for an empty one, or whether it keeps somebody out.')

export const slotValues = z
  .record(z.string().max(40), z.string().max(MAX_SLOT_TEXT))
  .refine((slots) => Object.keys(slots).length <= 50, 'must be at most 50')

export const CampaignContent = z
  .object({
    format: z.enum(CONTENT_FORMATS).describe('Where it uses a template, the template’s counts.'),
    subject: line(0, MAX_SUBJECT).describe('Liquid, as all texts here.'),
    preheader: line(0, MAX_PREHEADER).optional().describe('What lists of mail show behind the subject.'),
    body: z.string().max(MAX_BODY).describe('Of all formats but `blocks`.'),
    blocks: BlockDocument.nullable().optional().describe('Of the format `blocks`.'),
    template: z
      .object({ id: id<'template'>(), slots: slotValues.describe('By the names of its slots.') })
      .nullable()
      .optional()
      .describe(
        'A template whose slots this fills, instead of a body. A draft follows the template; with the start a copy of it is taken.',
      ),
    text: z.string().max(MAX_BODY).nullable().describe('The part without markup; null: made from the body.'),
    to_name: line(0, MAX_SUBJECT).describe('What stands in To beside the address.'),
    fields: ContentFields,
  })
  .meta({ id: 'CampaignContent' })
export type CampaignContent = z.output<typeof CampaignContent>
