import { test } from 'vitest'
import { campaignUnderKills } from '../scenarios/campaign-under-kills.ts'
import { seedOfThisRun } from '../scenarios/support.ts'

test('killed at thirty random points of a campaign to 20,000, two servers lose nobody, and whoever has it twice was unknown before', async () => {
  await campaignUnderKills({ people: 20_000, kills: 30, seed: seedOfThisRun() })
})
