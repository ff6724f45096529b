import type { SmtpReply } from '../../../../mail/smtp-reply.ts'
import { outcomeOf, type SendOutcome } from '../../../outcome.ts'
import type { HandoffResult } from '../../provider.ts'
import { answerOf, type Ending, type Place } from '../ending.ts'
import { Transcript } from '../transcript.ts'
import type { Transaction } from './transaction.ts'

/** What a handoff can learn about the connection that carried it. */
export interface Evidence extends Place {
  readonly tls: HandoffResult['trace']['tls']
  /** How long its opening took; for the first handoff only, the others did not wait for it. */
  readonly stagesMs: Readonly<Record<string, number>>
  readonly transcript: string
}

/** Ends a transaction as `ending` says, apart from recipients that were refused for themselves. */
export function settle(transaction: Transaction, ending: Ending, evidence: Evidence, nowMs: number): void {
  const { refusals, handoff } = transaction
  const tried = transaction.envelope?.recipients.length ?? handoff.recipients.length
  const refused = refusals === null ? 0 : refusals.filter((refusal) => refusal !== null).length
  // The answer to MAIL says nothing about a recipient, that to a body nothing about one of several.
  const shared = ending.stage === 'mail' || tried - refused !== 1
  const outcomes = handoff.recipients.map((recipient, index): SendOutcome => {
    if (index >= tried) return unsent('more recipients than fit into one transaction')
    const refusal = refusals?.[index] ?? null
    if (refusal === null) return outcomeOf(answerOf(evidence, shared ? null : recipient, ending))
    if (transaction.accepted > 0 && isTooMany(refusal)) return unsent('the server takes no more recipients at one time')
    return outcomeOf(answerOf(evidence, recipient, { stage: 'rcpt', kind: 'reply', reply: refusal }))
  })
  finish(transaction, outcomes, evidence, nowMs)
}

/** Ends a transaction that no server was offered. */
export function giveBack(transaction: Transaction, why: string, evidence: Evidence, nowMs: number): void {
  const outcome = unsent(why)
  finish(
    transaction,
    transaction.handoff.recipients.map(() => outcome),
    evidence,
    nowMs,
  )
}

function unsent(why: string): SendOutcome {
  return { kind: 'unsent', why }
}

/** RFC 5321 §4.5.3.1.10: 452, and 552 from older servers, may mean "not so many at one time". */
function isTooMany({ code, enhanced, text }: SmtpReply): boolean {
  return (code === 452 || code === 552) && (enhanced === '4.5.3' || enhanced === '5.5.3' || /too many recipients/i.test(text))
}

function finish(transaction: Transaction, outcomes: readonly SendOutcome[], evidence: Evidence, nowMs: number): void {
  const wentWell = outcomes.every(({ kind }) => kind === 'accepted')
  transaction.resolve({
    outcomes,
    trace: {
      host: evidence.host,
      port: evidence.port,
      address: evidence.address,
      tls: evidence.tls,
      stagesMs: stagesOf(transaction, evidence.stagesMs, nowMs),
      transcript: wentWell ? null : transcriptOf(transaction, evidence.transcript),
    },
  })
}

function stagesOf(transaction: Transaction, before: Evidence['stagesMs'], nowMs: number): Evidence['stagesMs'] {
  const { startedAtMs, mailAtMs, rcptAtMs, dataAtMs, bodyAtMs } = transaction
  if (mailAtMs === 0) return before
  const stagesMs: { [stage: string]: number; mail: number; rcpt?: number; data?: number; body?: number; dot?: number } = {
    ...before,
    mail: rounded(mailAtMs - startedAtMs),
  }
  if (rcptAtMs > 0) stagesMs.rcpt = rounded(rcptAtMs - mailAtMs)
  if (dataAtMs > 0) stagesMs.data = rounded(dataAtMs - rcptAtMs)
  if (dataAtMs > 0 && bodyAtMs > 0) stagesMs.body = rounded(bodyAtMs - dataAtMs)
  // In one flight with its envelope (RFC 3030) a body is on its way before the answers to MAIL and RCPT.
  if (transaction.bodySent) stagesMs.dot = rounded(nowMs - Math.max(bodyAtMs, rcptAtMs))
  return stagesMs
}

/** A tenth of a millisecond is as exact as anybody reads. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** Each command beside its answer; on the wire several may have gone together. */
function transcriptOf({ envelope, said, chunked, afterReset, bodySent }: Transaction, before: string): string {
  const transcript = new Transcript()
  transcript.append(before)
  if (envelope === null) return transcript.toString()
  const content = `[${envelope.content.length} bytes of content]`
  const commands = [
    ...(afterReset ? ['RSET'] : []),
    envelope.mail,
    ...envelope.recipients,
    ...(chunked ? [`BDAT ${envelope.content.length} LAST ${content}`] : ['DATA', content]),
  ]
  const replies = said.length / 2
  commands.forEach((line, index) => {
    // Without PIPELINING nothing follows a command that was not answered well.
    if (index > replies && !bodySent) return
    transcript.client(line)
    if (index < replies) transcript.server(Number(said[2 * index]), String(said[2 * index + 1]))
  })
  return transcript.toString()
}
