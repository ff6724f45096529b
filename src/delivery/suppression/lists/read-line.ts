/** One line of an imported list, as what is to be suppressed or as a sentence that says why not. Pure. */
import { DAY } from '../../../lib/clock.ts'
import { formatAddress, parseAddress } from '../../../mail/address.ts'
import type { NewSuppression } from '../queries.ts'
import { FULL_LASTS_MS, SUPPRESSION_REASONS, type SuppressionReason } from '../suppression.ts'

const COLUMNS = ['address', 'stream', 'reason', 'note', 'expires_at'] as const
type Column = (typeof COLUMNS)[number]
export type Fields = Readonly<Partial<Record<Column, string>>>

export type ReadLine =
  | { readonly ok: true; readonly suppression: NewSuppression }
  | { readonly ok: false; readonly problem: string }

/** What other systems call these columns. */
const NAMES: Readonly<Record<string, Column>> = {
  address: 'address',
  email: 'address',
  'e-mail': 'address',
  email_address: 'address',
  emailaddress: 'address',
  recipient: 'address',
  stream: 'stream',
  reason: 'reason',
  type: 'reason',
  note: 'note',
  comment: 'note',
  description: 'note',
  expires_at: 'expires_at',
  expires: 'expires_at',
}

/** What other systems call these reasons. */
const REASONS: Readonly<Record<string, SuppressionReason>> = {
  bounce: 'unknown_address',
  bounced: 'unknown_address',
  hard_bounce: 'unknown_address',
  hardbounce: 'unknown_address',
  invalid: 'unknown_address',
  spam: 'complaint',
  spam_complaint: 'complaint',
  spamcomplaint: 'complaint',
  complained: 'complaint',
  unsubscribe: 'unsubscribed',
  unsubscribes: 'unsubscribed',
  manualsuppression: 'manual',
  manual_suppression: 'manual',
}
const STREAMS = ['all', 'transactional', 'conversation', 'bulk'] as const
const MAX_NOTE = 500

/** Which column each cell of a header line is; null when the line is no header, but the first of the list. */
export function headerOf(cells: readonly string[]): ReadonlyArray<Column | null> | null {
  const columns = cells.map((cell) => NAMES[cell.trim().toLowerCase().replaceAll(' ', '_')] ?? null)
  return columns.includes('address') ? columns : null
}

export function fieldsOf(cells: readonly string[], columns: ReadonlyArray<Column | null>): Fields {
  return Object.fromEntries(columns.flatMap((column, i) => (column && cells[i] ? [[column, cells[i]]] : [])))
}

export function readLine(
  { address = '', stream = 'all', reason = 'manual', note = '', expires_at }: Fields,
  now: Date,
): ReadLine {
  const parsed = parseAddress(address.trim())
  if (!parsed) return wrong('This is not an email address.')
  const wantedStream = STREAMS.find((each) => each === stream.trim().toLowerCase())
  if (!wantedStream) return wrong(`The stream is one of ${STREAMS.join(', ')}.`)
  const said = reason.trim().toLowerCase().replaceAll(' ', '_')
  const wantedReason = SUPPRESSION_REASONS.find((each) => each === said) ?? REASONS[said]
  if (!wantedReason) return wrong(`The reason is one of ${SUPPRESSION_REASONS.join(', ')}.`)
  const ends = expires_at === undefined ? null : new Date(expires_at)
  if (ends && (Number.isNaN(ends.getTime()) || ends.getTime() > now.getTime() + 3_650 * DAY))
    return wrong('The end is a date such as 2027-01-31T12:00:00Z, within ten years.')
  if (ends && ends <= now) return wrong('It has ended already.')
  const expiresAt = ends ?? (wantedReason === 'mailbox_full' ? new Date(now.getTime() + FULL_LASTS_MS) : null)
  const clean = note
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .slice(0, MAX_NOTE)
    .toWellFormed()
  return {
    ok: true,
    suppression: {
      address: formatAddress(parsed).toLowerCase(),
      stream: wantedStream,
      reason: wantedReason,
      source: 'import',
      deliveryId: null,
      note: clean,
      expiresAt,
    },
  }
}

function wrong(problem: string): ReadLine {
  return { ok: false, problem }
}
