import { z } from 'zod'
import { id } from './shapes.ts'

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

/** What a campaign may be told beside what it says and to whom. */
export const campaignSettings = {
  reply_inbox_id: id<'inbox'>()
    .nullable()
    .describe('Answers start conversations in this inbox; null: wherever they come in. Not together with `reply_to`.'),
  cap_exempt: z.boolean().describe('Whoever has had as much mail of campaigns as anybody is to get, gets this one all the same.'),
  local_time: CampaignLocalTime.nullable().describe(
    'Each person gets it when clocks where they are say this; null: as soon as it is their turn. When it is scheduled, on the date of that time in its zone; else today.',
  ),
  utm: CampaignUtm.nullable().describe('Added to links of the mail, so that visits can be told by where they came from.'),
}

export type CampaignSettingsBody = { [Key in keyof typeof campaignSettings]: z.output<(typeof campaignSettings)[Key]> }

export const exampleSettings: CampaignSettingsBody = {
  reply_inbox_id: '0193e0a0-4444-7abc-9def-0123456789ab' as never,
  cap_exempt: false,
  local_time: { time: '09:00', zone: 'Europe/Berlin', passed: 'at_once' },
  utm: { source: 'newsletter', medium: 'email', campaign: 'spring', content: '', term: '', domains: ['example.com'] },
}
