import { toReply } from '../../../../mail/smtp-reply.ts'
import type { Transaction } from './transaction.ts'

/** What follows from a reply. */
export type Heard =
  /** Everything is said already: the next reply is awaited. */
  | 'wait'
  /** One command at a time: the next one may be said. */
  | 'next_command'
  /** 354, and somebody is there to receive the body. */
  | 'body_wanted'
  /** 354, but every recipient was refused. */
  | 'body_for_nobody'
  | 'ended'
  /** 421: the server closes the connection (RFC 5321 §3.8). */
  | 'closing'
  /** A code that cannot stand here: the two sides no longer speak about the same thing. */
  | 'out_of_turn'

/**
 * Moves a transaction on by the reply it waited for. With PIPELINING the answers to RCPT and DATA come even when MAIL was refused, and
 * then mean nothing (RFC 2920 §3.1).
 */
export function hear(transaction: Transaction, code: number, text: string, pipelined: boolean, nowMs: number): Heard {
  transaction.said.push(code, text)
  if (transaction.expected === 'void') {
    transaction.leavesMail = true
    return 'ended'
  }
  // A body that left with its envelope cannot be taken back: a server that goes on after its 421 may accept it yet, so it is heard out.
  if (code === 421 && transaction.chunked) transaction.dismissed = true
  else if (code === 421) return 'closing'
  switch (transaction.expected) {
    case 'reset':
      if (code >= 300) return 'out_of_turn'
      transaction.expected = 'mail'
      return pipelined ? 'wait' : 'next_command'
    case 'mail':
      return hearMail(transaction, code, text, pipelined, nowMs)
    case 'rcpt':
      return hearRecipient(transaction, code, text, pipelined, nowMs)
    case 'data':
      return hearData(transaction, code, text, nowMs)
    case 'bdat':
    case 'dot':
      if (code >= 300 && code < 400) return 'out_of_turn'
      // RFC 3030 §2: after a refused BDAT the server may still be in the middle of the mail.
      if (transaction.expected === 'bdat' && code >= 300) transaction.leavesMail = true
      transaction.ending ??= { stage: 'dot', kind: 'reply', reply: toReply(code, text) }
      return 'ended'
  }
}

function hearMail(transaction: Transaction, code: number, text: string, pipelined: boolean, nowMs: number): Heard {
  if (code >= 300 && code < 400) return 'out_of_turn'
  transaction.mailAtMs = nowMs
  transaction.expected = 'rcpt'
  if (code < 300) transaction.mailAccepted = true
  else transaction.ending = { stage: 'mail', kind: 'reply', reply: toReply(code, text) }
  if (pipelined) return 'wait'
  return transaction.ending === null ? 'next_command' : 'ended'
}

function hearRecipient(transaction: Transaction, code: number, text: string, pipelined: boolean, nowMs: number): Heard {
  if (code >= 300 && code < 400) return 'out_of_turn'
  const count = transaction.envelope?.recipients.length ?? 0
  const index = transaction.heard++
  if (code < 300) {
    transaction.accepted += 1
  } else if (transaction.ending === null) {
    transaction.refusals ??= new Array(count).fill(null)
    transaction.refusals[index] = toReply(code, text)
  }
  if (transaction.heard < count) return pipelined ? 'wait' : 'next_command'
  transaction.rcptAtMs = nowMs
  transaction.expected = transaction.chunked ? 'bdat' : 'data'
  if (pipelined) return 'wait'
  if (transaction.accepted > 0) return 'next_command'
  transaction.leavesMail = true
  return 'ended'
}

function hearData(transaction: Transaction, code: number, text: string, nowMs: number): Heard {
  transaction.dataAtMs = nowMs
  if (code === 354 && transaction.ending === null && transaction.accepted > 0) {
    transaction.expected = 'dot'
    return 'body_wanted'
  }
  if (code === 354) {
    transaction.expected = 'void'
    return 'body_for_nobody'
  }
  if (code < 400) return 'out_of_turn'
  transaction.ending ??= { stage: 'data', kind: 'reply', reply: toReply(code, text) }
  transaction.leavesMail = transaction.mailAccepted
  return 'ended'
}
