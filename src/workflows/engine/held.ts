/** Runs that need a person, as incidents: one for a workflow, a step and a class of failure, however many runs there are. */
import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import type { NewIncident } from '../../incidents/incident.ts'
import { keepIncidents } from '../../incidents/incidents.ts'
import { sentenceOf } from '../definition/summary.ts'
import { findReferences, namesFrom, referencesIn } from '../reading/references.ts'
import { type HeldGroup, selectHeld } from './held-queries.ts'
import { createVersions, type Versions } from './versions.ts'

const KIND = 'workflow.held'

/** Apart from the bursts: many that fail at once would wait for one another at the one row of their incident. */
export async function keepHeldIncidents(database: Database, now: Date): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    const versions = createVersions()
    const incidents: NewIncident[] = []
    for (const group of await selectHeld(tx)) incidents.push(incidentOf(group, await stepInWords(tx, versions, group)))
    await keepIncidents(tx, KIND, incidents, now)
  })
}

/** As its author called it, else what it does: nobody knows a step by its id. */
async function stepInWords(tx: Tx, versions: Versions, { workspaceId, versionId, node: id }: HeldGroup): Promise<string> {
  const graph = (await versions.of(tx, workspaceId, versionId))?.graph
  const node = graph?.nodes[id]
  if (!graph || !node) return id
  if (node.name) return node.name
  return sentenceOf(node, namesFrom(await findReferences(tx, workspaceId, referencesIn([{ ...graph, nodes: { [id]: node } }]))))
}

function incidentOf(group: HeldGroup, step: string): NewIncident {
  const { workspaceId, workflowId, workflow, node, sentence, runs, samples } = group
  const runsInWords = runs === 1 ? 'A run' : `${runs} runs`
  return {
    workspaceId,
    key: `${KIND}:${workflowId}:${node}:${group.class}`,
    kind: KIND,
    severity: 'critical',
    title: `Workflow ${workflow} needs somebody`,
    sentence: `${runsInWords} stopped at the step “${step}”: ${sentence}`,
    hint: 'Look at one of the runs: mend what is wrong and try again, go on by another way, or cancel. Nothing of them is lost meanwhile.',
    subject: { kind: 'workflow', id: workflowId },
    evidence: { node, step, class: group.class, runs, since: group.since, samples },
  }
}
