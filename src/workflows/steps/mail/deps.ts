import type { Tx } from '../../../db/database.ts'
import type { AnswerDeps } from '../../../helpdesk/answering/answer.ts'
import type { WorkspaceId } from '../../../lib/ids.ts'
import type { MjmlReader } from '../../../templates/mjml/mjml.ts'
import type { OwnOf } from '../../../tracking/personalise.ts'

export interface MailStepDeps extends AnswerDeps {
  readonly mjml: Pick<MjmlReader, 'read'>
  readonly ownOf: OwnOf
  /** Whether one more automatic mail may go to this address today, of `most`: taken from its budget when it may. */
  mayMail(tx: Tx, workspaceId: WorkspaceId, address: string, most: number, now: Date): Promise<boolean>
}
