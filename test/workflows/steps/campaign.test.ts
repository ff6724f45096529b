import { expect, test } from 'vitest'
import { findCampaign } from '../../../src/campaigns/manage.ts'
import { createList } from '../../../src/contacts/lists.ts'
import { CAMPAIGN_STEPS } from '../../../src/workflows/steps/campaign.ts'
import { campaignsOf } from '../../support/campaign.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

test('a campaign that is ready is sent, in the name of the workflow and once; one that is not says why', async () => {
  const w = await world()
  const campaigns = campaignsOf(w)
  const list = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, campaigns.actor, w.clock.now()))
  await campaigns.addPeople(list.id, [{ address: 'ann@example.org' }])
  const [ready, unready] = [await campaigns.draft([list.id]), await campaigns.draft([])]
  const flows = workflowWorld(w, { steps: CAMPAIGN_STEPS })
  for (const [name, campaign] of [
    ['ready', ready.id],
    ['unready', unready.id],
  ] as const)
    await flows.publish(
      aGraph(
        {
          begin: { type: 'trigger.event@1', config: { name }, next: { out: 'send' } },
          send: { type: 'campaign.send@1', config: { campaign }, next: { out: 'sent', refused: 'not' }, set: { said: 'result' } },
          sent: { type: 'end@1', config: { outputs: { way: '"sent"' } } },
          not: { type: 'end@1', config: { outputs: { way: '"refused"' } } },
        },
        { vars: [{ key: 'said', type: 'object' }] },
      ),
    )
  for (const name of ['ready', 'ready', 'unready']) {
    await flows.told(name)
    await flows.settle()
  }
  expect((await flows.runs()).map(({ outputs }) => outputs.way)).toEqual(['sent', 'refused', 'refused'])
  expect(await w.inWorkspace((tx) => findCampaign(tx, w.workspaceId, ready.id))).toMatchObject({ state: 'preparing' })
  expect(await w.inWorkspace((tx) => findCampaign(tx, w.workspaceId, unready.id))).toMatchObject({ state: 'draft' })
})
