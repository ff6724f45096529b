/**
 * What all mail steps do: whoever has not got it yet gets it, and the run goes on when it is known. The mail and where the token stands are one transaction, so
 * no crash comes between them; and a step that is tried again looks at what became of its first try, and writes to those alone who did not get it.
 */
import { actorReference } from '../../../accounts/actor.ts'
import { actOnLocked, actOnMessage } from '../../../delivery/acts/act.ts'
import { Refusal } from '../../../errors.ts'
import type { DeliveryId, MessageId } from '../../../lib/ids.ts'
import type { StepResult } from '../../interpret/result.ts'
import type { StepContext } from '../step.ts'
import { isStillAgreed } from './consent.ts'
import type { MailStepDeps } from './deps.ts'
import { type Agreed, agreedIn, type Fate, fatesOf, goOn, leftOutIn, messagesIn, type WaitsFor } from './ends.ts'
import { withinBudget } from './machine.ts'
import { inWords } from './trouble.ts'

export interface MailPlan {
  /** Envelope recipients, each once. */
  readonly recipients: readonly string[]
  /** Who was meant and is not to be mailed. */
  readonly leftOut: readonly Fate[]
  /** Automatic mails of conversations that one address may have in a day. */
  readonly budget: number
  /** The way of whoever is left without a recipient. */
  readonly portOfNobody: string
  /** Of mail that needs consent. */
  readonly agreed?: Agreed
  write(missing: readonly string[]): Promise<MessageId>
}

export function carryOut(
  context: StepContext,
  deps: MailStepDeps,
  waitsFor: WaitsFor,
  planned: () => Promise<MailPlan>,
): Promise<StepResult> {
  return inWords(async () => {
    const before = messagesIn(context.token.memo)
    const earlier = await fatesOf(context, before, waitsFor)
    await sendUnheardAgain(context, [...earlier.values()])
    const plan = await planned()
    const isOnItsWay = (address: string) => ['pending', 'sent', 'unknown'].includes(earlier.get(address.toLowerCase())?.end ?? '')
    const missing = plan.recipients.filter((address) => !isOnItsWay(address))
    const { may, not } = await withinBudget(context, deps, missing, plan.budget)
    const leftOut = [...plan.leftOut, ...not]
    if (may.length === 0 && missing.length === plan.recipients.length) {
      const { class: failureClass, sentence } = leftOut[0] ?? {
        class: 'no_recipient',
        sentence: 'There is nobody to send it to.',
      }
      return { kind: 'fail', class: failureClass ?? 'suppressed', sentence, retryAt: null, port: plan.portOfNobody }
    }
    const messages = may.length === 0 ? before : [...before, await plan.write(may)]
    return await goOn(context, waitsFor, { messages, leftOut, agreed: plan.agreed ?? null })
  })
}

/** A person said: try again. What was not answered goes once more as itself, so that whoever has it already knows it by its Message-ID. */
async function sendUnheardAgain({ tx, run, actor, now }: StepContext, fates: readonly Fate[]): Promise<void> {
  const unheard = fates.flatMap(({ end, delivery }) => (end === 'unknown' && delivery ? [delivery.id as DeliveryId] : []))
  if (unheard.length > 0) await actOnLocked(tx, run.workspaceId, unheard, 'resend', actorReference(actor), now)
}

/** Something became of a mail, it was silent for long enough, or its reader wants it no more. */
export async function lookAgain(context: StepContext, waitsFor: WaitsFor): Promise<StepResult> {
  const { memo } = context.token
  const agreed = agreedIn(memo)
  const hasLeft = agreed !== null && !(await isStillAgreed(context, agreed))
  if (hasLeft) await callBack(context)
  return await goOn(context, waitsFor, {
    messages: messagesIn(memo),
    leftOut: leftOutIn(memo),
    agreed: hasLeft ? null : agreed,
    hasLeft,
  })
}

/** Nobody waits for it any more: what has not left stays here. */
export async function callBack({ tx, run, token, actor, now }: StepContext): Promise<void> {
  for (const id of messagesIn(token.memo)) {
    try {
      await actOnMessage(tx, run.workspaceId, id, 'cancel', actorReference(actor), now)
    } catch (error) {
      // It has left, or is not kept any more.
      if (!(error instanceof Refusal)) throw error
    }
  }
}
