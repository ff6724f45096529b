import type { Capabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { path } from '../../delivery/providers/smtp/commands.ts'
import type { Ending } from '../../delivery/providers/smtp/ending.ts'
import { type Address, formatAddress, isInternationalized, parseAddress } from '../../mail/address.ts'
import { type Examination, type Found, failureOf, findingOf, type Place } from './examination.ts'
import { quote } from './greeting-check.ts'
import type { ConnectionInput } from './report.ts'
import { shown } from './text.ts'
import type { Dialogue } from './wire.ts'

/** The envelope that is offered and then withdrawn: nothing is sent. */
export interface Trial {
  readonly sender: Address
  readonly recipient: Address
}

/** The addresses given; the account itself where it is one; the sender as its own recipient. */
export function trialOf({ from, user, to }: ConnectionInput): Trial | null {
  const sender = parseAddress(from || user || '')
  const recipient = to ? parseAddress(to) : sender
  return sender && recipient && { sender, recipient }
}

/** MAIL FROM, as sending says it. */
export async function checkSender(
  exam: Examination,
  place: Place,
  { dialogue, offered }: { readonly dialogue: Dialogue; readonly offered: Capabilities },
  { sender, recipient }: Trial,
): Promise<Found<true>> {
  const international = isInternationalized(sender) || isInternationalized(recipient)
  if (international && !offered.internationalized) {
    const message = 'an address has characters outside ASCII, and the server does not offer SMTPUTF8'
    const failure = failureOf(exam, place, { stage: 'mail', kind: 'unable', lack: 'smtputf8', message })
    return { finding: findingOf(failure, { evidence: message }), value: null }
  }
  const line = `MAIL FROM:${path(formatAddress(sender))}${international ? ' SMTPUTF8' : ''}`
  return envelopeStep(exam, place, dialogue, { line, stage: 'mail', recipient: null, limitMs: exam.limits.reply })
}

/** RCPT TO, and then RSET: the transaction ends before DATA. */
export async function checkRecipient(exam: Examination, place: Place, dialogue: Dialogue, trial: Trial): Promise<Found<true>> {
  const recipient = formatAddress(trial.recipient)
  const line = `RCPT TO:${path(recipient)}`
  const found = await envelopeStep(exam, place, dialogue, { line, stage: 'rcpt', recipient, limitMs: exam.limits.login })
  await dialogue.ask('RSET', exam.limits.quit)
  return found
}

interface Step {
  readonly line: string
  readonly stage: 'mail' | 'rcpt'
  readonly recipient: string | null
  readonly limitMs: number
}

async function envelopeStep(exam: Examination, place: Place, dialogue: Dialogue, step: Step): Promise<Found<true>> {
  const heard = await dialogue.ask(step.line, step.limitMs)
  const evidence = `${shown(step.line, 200)}: ${heard.kind === 'reply' ? quote(heard.reply) : heard.message}`
  if (heard.kind === 'reply' && heard.reply.code >= 200 && heard.reply.code < 300)
    return { finding: { status: 'ok', evidence }, value: true }
  const ending: Ending = { stage: step.stage, ...(heard.kind === 'reply' ? heard : { ...heard, bodySent: false }) }
  const failure = failureOf(exam, place, ending, step.recipient)
  // Greylisting and a busy mailbox pass by themselves: mail would be queued, not lost.
  const passing =
    heard.kind === 'reply' && heard.reply.code < 500 && (failure.scope === 'message' || failure.scope === 'recipient')
  // The sender's own address as recipient was our idea; that it is refused says little about others.
  const ourIdea = step.stage === 'rcpt' && !exam.input.to && failure.scope === 'recipient'
  return { finding: findingOf(failure, { status: passing || ourIdea ? 'warn' : 'fail', evidence }), value: null }
}
