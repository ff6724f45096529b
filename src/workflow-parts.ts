/** What the nodes of workflows work with, the same for whoever runs them and for whoever tries them on a page. */
import type { Config } from './config.ts'
import { mayAnswer } from './inbound/budget.ts'
import { headersOfMail } from './inbound/headers.ts'
import type { Store } from './store.ts'
import type { MjmlReader } from './templates/mjml/mjml.ts'
import { createOwn } from './tracking/personalise.ts'
import { deskSteps } from './workflows/steps/desk.ts'
import type { MailStepDeps } from './workflows/steps/mail/deps.ts'
import { mailSteps } from './workflows/steps/mail/mail.ts'
import { officeSteps } from './workflows/steps/office.ts'
import type { ToolsDeps } from './workflows/workflows.ts'

export function workflowParts(config: Pick<Config, 'url'>, store: Store, mjml: Pick<MjmlReader, 'read'>): ToolsDeps {
  const desk = { ...store, db: store.database.db, url: config.url }
  const mail: MailStepDeps = {
    ...desk,
    mjml,
    ownOf: createOwn({ secrets: store.secrets, url: config.url }),
    mayMail: (tx, workspaceId, address, most, now) => mayAnswer(tx, workspaceId, address, now, most),
  }
  return {
    clock: store.clock,
    headersOf: async (tx, { workspaceId, inboundId }) =>
      inboundId === null ? {} : await headersOfMail(tx, store.blobs, workspaceId, inboundId),
    steps: [...deskSteps(desk), ...mailSteps(mail), ...officeSteps(desk)],
  }
}
