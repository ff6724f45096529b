/** What all mail of workflows says of itself, and for how many there is room. */

import { DAY } from '../../../lib/clock.ts'
import { lengthMs } from '../../definition/condition.ts'
import type { Values } from '../../interpret/state.ts'
import { readField } from '../read-field.ts'
import type { StepContext } from '../step.ts'
import type { MailStepDeps } from './deps.ts'
import { type Fate, leftOut } from './ends.ts'

/** RFC 3834 §5: a program wrote it, so that no program answers. */
export const AUTOMATIC = [
  ['Auto-Submitted', 'auto-generated'],
  ['X-Auto-Response-Suppress', 'All'],
] as const

export function originOf({ run, nodeId, key }: StepContext): Readonly<Record<string, string>> {
  return { run_id: run.id, node: nodeId, workflow_id: run.workflowId, workflow: run.workflowName, key }
}

const MAX_PATIENCE_MS = 30 * DAY

export function expiresAt(ttl: string, begins: Date): Date {
  return new Date(begins.getTime() + Math.min(lengthMs(ttl) ?? 2 * DAY, MAX_PATIENCE_MS))
}

/** As many as an inbox answers by itself to one address in a day; what goes on to others may be all that comes in. */
export const BUDGETS = { answer: 10, other: 200 } as const

/** Only mail that comes of mail can go round in circles: what a form, a clock or a program sets off is theirs to count. */
export async function withinBudget(
  context: StepContext,
  deps: MailStepDeps,
  addresses: readonly string[],
  most: number,
): Promise<{ readonly may: string[]; readonly not: Fate[] }> {
  const { run, tx, now } = context
  if (run.subject?.kind !== 'conversation' && run.cause.conversationId === null) return { may: [...addresses], not: [] }
  const may: string[] = []
  const not: Fate[] = []
  // In the order of addresses, so that two who mail the same ones never wait for one another in a circle.
  for (const address of addresses.toSorted())
    if (await deps.mayMail(tx, run.workspaceId, address.toLowerCase(), most, now)) may.push(address)
    else
      not.push(
        leftOut(
          address,
          'budget',
          `${address} has had ${most} automatic mails of conversations today, which is the most: two programs may be answering one another.`,
        ),
      )
  return { may: addresses.filter((one) => may.includes(one)), not }
}

/** Whether what began the run was written by a program: it is not answered. */
export function isFromMachine(scope: Values): boolean {
  return readField(scope, 'message.is_automatic') === true && readField(scope, 'message.kind') === 'customer'
}
