/**
 * npm run bench -- SUITE [--json] [--only NAME]: what the product is fast at, each measure beside its peer in the same run, so that the
 * ratio can be read on any machine.
 */
import { parseArgs } from 'node:util'
import { benchCampaigns } from './campaigns.ts'
import { benchCompose } from './compose.ts'
import { benchDelivery } from './delivery.ts'
import { benchDispatch } from './dispatch.ts'
import { benchInbound } from './inbound.ts'
import { benchLists } from './lists.ts'
import { print } from './measure.ts'
import { benchSubmission } from './submission.ts'
import { benchWorkflows } from './workflows.ts'

const SUITES = {
  delivery: benchDelivery,
  compose: benchCompose,
  submission: benchSubmission,
  dispatch: benchDispatch,
  inbound: benchInbound,
  lists: benchLists,
  campaigns: benchCampaigns,
  workflows: benchWorkflows,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' }, help: { type: 'boolean', default: false } },
})
const [name = ''] = positionals
const suite = Object.hasOwn(SUITES, name) ? SUITES[name as keyof typeof SUITES] : null
if (!suite || values.help) {
  process.stderr.write(`npm run bench -- SUITE [--json] [--only NAME]\nSuites: ${Object.keys(SUITES).join(', ')}\n`)
  process.exit(values.help ? 0 : 2)
}
for await (const measure of suite({ only: values.only ?? null, note: (line) => process.stderr.write(`${line}\n`) }))
  print(measure, values.json)
