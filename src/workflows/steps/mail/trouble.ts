/** Why a mail was not written, in words for whoever made the workflow. */
import { Refusal } from '../../../errors.ts'
import { TextError } from '../../facts/text.ts'
import { StepFailure } from '../step.ts'

export class MailTrouble extends StepFailure {
  constructor(failureClass: string, sentence: string, port = 'failed') {
    super(failureClass, sentence, port)
  }
}

/** What a text or a field is refused for is a way for the workflow to go, in the same words. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TextError) throw new MailTrouble('text', error.message)
    if (error instanceof Refusal) throw new MailTrouble(error.code, error.message)
    throw error
  }
}
