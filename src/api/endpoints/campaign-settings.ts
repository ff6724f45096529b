import type { z } from 'zod'
import { id } from './shapes.ts'

/** What a campaign may be told beside what it says and to whom. */
export const campaignSettings = {
  reply_inbox_id: id<'inbox'>()
    .nullable()
    .describe('Answers start conversations in this inbox; null: wherever they come in. Not together with `reply_to`.'),
}

export type CampaignSettingsBody = { [Key in keyof typeof campaignSettings]: z.output<(typeof campaignSettings)[Key]> }

export const exampleSettings: CampaignSettingsBody = { reply_inbox_id: '0193e0a0-4444-7abc-9def-0123456789ab' as never }
