import { z } from 'zod'
import { AB_MEASURES, MAX_AFTER_MINUTES, MAX_VARIANTS } from '../../campaigns/ab/ab-test.ts'
import { CampaignContent } from './content-shapes.ts'
import { id, line } from './shapes.ts'

export const CampaignUtm = z
  .object({
    source: z.string(),
    medium: z.string(),
    campaign: z.string(),
    content: z.string(),
    term: z.string(),
    domains: z.array(z.string().max(253)).max(50).nullable().describe('Only links to these and to hosts under them; null: all.'),
  })
  .meta({ id: 'CampaignUtm', description: 'Values without Liquid, each of at most 200 characters; empty ones are left out.' })

export const CampaignLocalTime = z
  .object({
    time: z.string().describe('`09:00`'),
    zone: z.string().describe('For people whose time zone is not known.'),
    passed: z.enum(['at_once', 'next_day']).describe('Those where it is later already.'),
  })
  .meta({ id: 'CampaignLocalTime' })

export const CampaignTest = z
  .object({
    variants: z
      .array(
        z.object({
          subject: line(1, 998).nullable(),
          sender: line(1, 998).nullable(),
          content: CampaignContent.nullable(),
        }),
      )
      .min(1)
      .max(MAX_VARIANTS - 1)
      .describe('Beside the campaign itself, which is A: what differs in B and those after it. Null: as in A.'),
    share: z.int().min(1).max(100).describe('Of a hundred people, how many are in the test. Of 100 there is no rest.'),
    measure: z.enum(AB_MEASURES).describe('Of people: programs that open mail and follow links do not count.'),
    after_minutes: z.int().min(0).max(MAX_AFTER_MINUTES).describe('After the last mail of the test had its first try.'),
    unclear: z
      .enum(['best', 'ask'])
      .describe('Where the difference may be chance: the better one goes on, or a person is asked.'),
  })
  .meta({ id: 'CampaignTest' })

/** What a campaign may be told beside what it says and to whom. */
export const campaignSettings = {
  reply_inbox_id: id<'inbox'>()
    .nullable()
    .describe('Answers start conversations in this inbox; null: wherever they come in. Not together with `reply_to`.'),
  cap_exempt: z.boolean().describe('Whoever has had as much mail of campaigns as anybody is to get, gets this one all the same.'),
  local_time: CampaignLocalTime.nullable().describe(
    'Each person gets it when clocks where they are say this; null: as soon as it is their turn. When it is scheduled, on the date of that time in its zone; else today.',
  ),
  is_public: z.boolean().describe('It can be read in the archive, once it is sent. `{{ archive_url }}` in its text leads there.'),
  ab: CampaignTest.nullable().describe('Versions that are tried out on some of its people, before the rest gets the best one.'),
  utm: CampaignUtm.nullable().describe('Added to links of the mail, so that visits can be told by where they came from.'),
}

export type CampaignSettingsBody = { [Key in keyof typeof campaignSettings]: z.output<(typeof campaignSettings)[Key]> }

export const exampleSettings: CampaignSettingsBody = {
  reply_inbox_id: '0193e0a0-4444-7abc-9def-0123456789ab' as never,
  cap_exempt: false,
  local_time: { time: '09:00', zone: 'Europe/Berlin', passed: 'at_once' },
  is_public: false,
  ab: {
    variants: [{ subject: 'Spring is here', sender: null, content: null }],
    share: 20,
    measure: 'clicked',
    after_minutes: 240,
    unclear: 'best',
  },
  utm: { source: 'newsletter', medium: 'email', campaign: 'spring', content: '', term: '', domains: ['example.com'] },
}
