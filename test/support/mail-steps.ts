import { mayAnswer } from '../../src/inbound/budget.ts'
import type { MjmlReader } from '../../src/templates/mjml/mjml.ts'
import { createOwn } from '../../src/tracking/personalise.ts'
import { subjectFacts } from '../../src/workflows/facts/subject.ts'
import { mailSteps } from '../../src/workflows/steps/mail/mail.ts'
import { type WorkflowOptions, type WorkflowWorld, workflowWorld } from './workflow.ts'
import type { World } from './world.ts'

const URL = 'https://waybill.example.com'

const NO_MJML = { read: async () => ({ ok: false as const, problems: [{ line: null, sentence: 'There is no MJML here.' }] }) }

/** Workflows that send mail by the world's mail server. */
export function mailingWorkflows(
  w: World,
  { mjml = NO_MJML, ...options }: WorkflowOptions & { readonly mjml?: Pick<MjmlReader, 'read'> } = {},
): WorkflowWorld {
  const deps = {
    ...{ blobs: w.blobs, secrets: w.secrets, url: URL, db: w.database.db, ownOf: createOwn({ secrets: w.secrets, url: URL }) },
    mjml,
    mayMail: (
      tx: Parameters<typeof mayAnswer>[0],
      ...[workspaceId, address, most, now]: [typeof w.workspaceId, string, number, Date]
    ) => mayAnswer(tx, workspaceId, address, now, most),
  }
  const readSubject: WorkflowOptions['readSubject'] = (tx, run) => subjectFacts(tx, run, async () => ({}))
  return workflowWorld(w, { readSubject, ...options, steps: [...mailSteps(deps), ...(options.steps ?? [])] })
}
