/** What becomes of a step that threw. */
import { isRefusedForItsContent, sqlStateOf, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { SECOND } from '../../lib/clock.ts'
import { ExpressionError } from '../definition/expression.ts'
import { TextError } from '../facts/text.ts'
import type { StepResult } from '../interpret/result.ts'
import { StepFailure } from '../steps/step.ts'

/** What cannot be done without a transaction: then it is done in one. */
export class NeedsTransaction extends Error {}

export const NO_TRANSACTION = new Proxy({} as Tx, {
  get() {
    throw new NeedsTransaction()
  },
})

export function failure(failureClass: string, sentence: string, retryAt: Date | null = null): StepResult {
  return { kind: 'fail', class: failureClass, sentence, retryAt, port: null }
}

/** A failure that was given, not thrown: what was written before it is taken back all the same. */
class Undone extends Error {
  readonly result: StepResult

  constructor(result: StepResult) {
    super('undone')
    this.result = result
  }
}

/** For what a step gave within its savepoint. A failure with an output tells what became of something: that was done, and stays. */
export function kept(result: StepResult): StepResult {
  if (result.kind === 'fail' && result.output === undefined) throw new Undone(result)
  return result
}

const SOON_MS = 10 * SECOND

/** What the transaction itself cannot survive is thrown on: then all of it was nothing. */
export function failureOf(error: unknown, now: Date): StepResult {
  if (error instanceof StepFailure || error instanceof Undone) return error.result
  if (error instanceof NeedsTransaction) throw error
  if (error instanceof Refusal) return { ...failure('refused', error.message), port: 'failed' } as StepResult
  if (error instanceof ExpressionError || error instanceof TextError) return failure('invalid', error.message)
  const state = sqlStateOf(error)
  if (state !== null && !isRefusedForItsContent(error)) throw error
  const { message } = error as Error
  return failure('fault', `Something went wrong in Waybill itself: ${message}`, new Date(now.getTime() + SOON_MS))
}
