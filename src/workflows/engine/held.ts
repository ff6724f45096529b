/** Runs that need a person, as incidents: one for a workflow, a step and a class of failure, however many runs there are. */
import { type Database, ENGINE } from '../../db/database.ts'
import type { NewIncident } from '../../incidents/incident.ts'
import { keepIncidents } from '../../incidents/incidents.ts'
import { type HeldGroup, selectHeld } from './held-queries.ts'

const KIND = 'workflow.held'

/** Apart from the bursts: many that fail at once would wait for one another at the one row of their incident. */
export async function keepHeldIncidents(database: Database, now: Date): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    await keepIncidents(tx, KIND, (await selectHeld(tx)).map(incidentOf), now)
  })
}

function incidentOf(group: HeldGroup): NewIncident {
  const { workspaceId, workflowId, workflow, node, sentence, runs, samples } = group
  const runsInWords = runs === 1 ? 'A run' : `${runs} runs`
  return {
    workspaceId,
    key: `${KIND}:${workflowId}:${node}:${group.class}`,
    kind: KIND,
    severity: 'critical',
    title: `Workflow ${workflow} needs somebody`,
    sentence: `${runsInWords} stopped at the step “${node}”: ${sentence}`,
    hint: 'Look at one of the runs: mend what is wrong and try again, go on by another way, or cancel. Nothing of them is lost meanwhile.',
    subject: { kind: 'workflow', id: workflowId },
    evidence: { node, class: group.class, runs, since: group.since, samples },
  }
}
