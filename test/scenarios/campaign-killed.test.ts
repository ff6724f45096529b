import { test } from 'vitest'
import { campaignUnderKills } from './campaign-under-kills.ts'
import { seedOfThisRun } from './support.ts'

test('a campaign of two servers that are killed in turn reaches everybody, once but for those who were unknown', async () => {
  await campaignUnderKills({ people: 1_200, kills: 3, seed: seedOfThisRun() })
}, 240_000)
