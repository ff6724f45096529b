import type { Envelope } from './envelope.ts'
import type { Transaction } from './transaction.ts'

/** RSET where it is needed, MAIL and every RCPT: what may go in one write (RFC 2920 §3.1). */
export function openingOf({ afterReset }: Transaction, { mail, recipients }: Envelope): string {
  const envelope = mail + (recipients.length === 1 ? recipients[0] : recipients.join(''))
  return afterReset ? `RSET\r\n${envelope}` : envelope
}

/** One for each command of an opening, and one for the DATA or BDAT that follows it. */
export function repliesTo({ afterReset }: Transaction, { recipients }: Envelope): number {
  return recipients.length + (afterReset ? 3 : 2)
}

/** Without PIPELINING: what is to be said next. */
export function commandFor({ expected, envelope, heard }: Transaction): string {
  if (expected === 'reset') return 'RSET\r\n'
  if (expected === 'mail') return envelope?.mail ?? ''
  return expected === 'rcpt' ? (envelope?.recipients[heard] ?? '') : 'DATA\r\n'
}
