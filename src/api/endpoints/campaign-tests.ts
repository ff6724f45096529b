import { z } from 'zod'
import { AB_MEASURES } from '../../campaigns/ab/ab-test.ts'
import { endpoint } from '../endpoint.ts'
import { Campaign, exampleCampaign } from './campaigns.ts'
import { id, isoDate } from './shapes.ts'

export const CampaignTestResult = z
  .object({
    measure: z.enum(AB_MEASURES),
    share: z.int(),
    variants: z.array(
      z.object({
        variant: z.string().describe('`A` is the campaign itself.'),
        subject: z.string(),
        sender: z.string(),
        has_own_content: z.boolean(),
        sent: z.int(),
        opened: z.int().describe('By people.'),
        clicked: z.int().describe('By people.'),
        replied: z.int(),
      }),
    ),
    rest: z.int().describe('People who wait for the winner.'),
    decides_at: isoDate.nullable().describe('Null while the test is sent, and where a person decides.'),
    winner: z.string().nullable(),
    decision: z
      .object({
        how: z.enum(['clear', 'chance', 'few', 'tie', 'nothing', 'chosen']),
        sentence: z.string(),
        at: isoDate,
        counts: z.array(z.object({ variant: z.string(), sent: z.int(), did: z.int() })),
      })
      .nullable()
      .describe('How the winner came about, with the numbers of that moment.'),
    question: z.string().nullable().describe('The test is over, and a person has to choose.'),
  })
  .meta({ id: 'CampaignTestResult' })
export type CampaignTestResult = z.output<typeof CampaignTestResult>

const ID = exampleCampaign.id
const byId = z.strictObject({ id: id<'campaign'>() })
const B = { variant: 'B', subject: 'Spring is here', sender: 'Shop <news@example.com>', has_own_content: false }

export const getCampaignTest = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/test-of-versions',
  summary: 'How the versions of a campaign do, and which one the rest gets.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: CampaignTestResult,
  errors: ['not_found', 'wrong_state'],
  example: {
    params: { id: ID },
    reply: {
      measure: 'clicked',
      share: 20,
      variants: [
        { ...B, variant: 'A', subject: 'News', sent: 200, opened: 60, clicked: 12, replied: 1 },
        { ...B, sent: 200, opened: 80, clicked: 40, replied: 0 },
      ],
      rest: 1_600,
      decides_at: '2026-11-22T14:00:00.000Z',
      winner: 'B',
      decision: {
        how: 'clear',
        sentence: 'B: 40 of 200 followed a link. Chance alone makes such a difference in fewer than one of twenty tests.',
        at: '2026-11-22T14:00:00.000Z',
        counts: [
          { variant: 'A', sent: 200, did: 12 },
          { variant: 'B', sent: 200, did: 40 },
        ],
      },
      question: null,
    },
  },
})
export const chooseCampaignWinner = endpoint({
  method: 'POST',
  path: '/v1/campaigns/:id/winner',
  summary: 'Say which version the rest of its people get.',
  permission: 'campaigns.send',
  transaction: 'write',
  params: byId,
  body: z.strictObject({
    variant: z
      .string()
      .regex(/^[A-E]$/)
      .describe('`A` to `E`.'),
  }),
  reply: Campaign,
  errors: ['not_found', 'wrong_state'],
  example: { params: { id: ID }, body: { variant: 'B' }, reply: exampleCampaign },
})

export const campaignTestEndpoints = [getCampaignTest, chooseCampaignWinner] as const
