import { addressOf, keyOf } from './addresses.ts'
import type { ReportedAction } from './inbound.ts'
import { RECIPIENTS_MAX } from './inbound.ts'
import { type Fields, field, fieldGroups } from './report-fields.ts'

/** What a delivery status notification (RFC 3464) says of one recipient, not yet understood. */
export interface StatusOfRecipient {
  readonly address: string
  readonly action: Extract<ReportedAction, 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'>
  readonly status: string | null
  readonly diagnostic: string | null
  readonly remoteMta: string | null
  readonly finalRecipient: string | null
  readonly originalRecipient: string | null
}

export interface DeliveryStatus {
  readonly envelopeId: string | null
  readonly reportingMta: string | null
  readonly recipients: readonly StatusOfRecipient[]
}

/** Reads the machine-readable part. A recipient that is named twice counts once, in the words of the first naming. */
export function readDeliveryStatus(text: string): DeliveryStatus {
  const groups = fieldGroups(text)
  const recipients = new Map<string, StatusOfRecipient>()
  for (const group of groups) {
    const recipient = recipientOf(group)
    if (recipient && !recipients.has(keyOf(recipient.address))) recipients.set(keyOf(recipient.address), recipient)
    if (recipients.size >= RECIPIENTS_MAX) break
  }
  const of = (name: string) => groups.map((group) => field(group, name)).find((value) => value !== null) ?? null
  return {
    envelopeId: of('original-envelope-id'),
    reportingMta: withoutType(of('reporting-mta')),
    recipients: [...recipients.values()],
  }
}

function recipientOf(group: Fields): StatusOfRecipient | null {
  const last = addressIn(group, 'final-recipient')
  const first = addressIn(group, 'original-recipient')
  const address = first ?? last ?? addressIn(group, 'x-actual-recipient')
  if (address === null) return null
  const status = field(group, 'status')
  return {
    address,
    action: actionOf(field(group, 'action') ?? field(group, 'ction'), status),
    status,
    diagnostic: diagnosticOf(field(group, 'diagnostic-code')),
    remoteMta: withoutType(field(group, 'remote-mta')),
    finalRecipient: last,
    originalRecipient: first,
  }
}

function addressIn(group: Fields, name: string): string | null {
  const value = field(group, name)
  return value === null ? null : addressOf(value)
}

/** RFC 3464 §2.3.3 knows five; what others write beside them ("expired", "Failed (…)") means that it ended. */
function actionOf(action: string | null, status: string | null): StatusOfRecipient['action'] {
  const word = /^[a-z]+/.exec((action ?? '').toLowerCase())?.[0] ?? ''
  if (word === 'delayed' || word === 'delivered' || word === 'relayed' || word === 'expanded') return word
  return word === '' && status?.startsWith('2') ? 'delivered' : 'failed'
}

/** Without its type, which tells how the words were made; an exit code of a program says nothing without it. */
function diagnosticOf(value: string | null): string | null {
  if (value === null) return null
  const [, type = '', words = ''] = /^\s*([a-z0-9-]{1,40})\s*;\s*([\s\S]*)$/i.exec(value) ?? ['', '', value]
  return /^x-unix$/i.test(type) && /^\d+$/.test(words) ? `x-unix; ${words}` : words === '' ? null : words
}

/** "dns; mx.example.org (192.0.2.1)" → "mx.example.org". */
function withoutType(value: string | null): string | null {
  const name = value
    ?.replace(/^\s*[a-z-]{1,20}\s*;\s*/i, '')
    .split(/[\s(]/)[0]
    ?.slice(0, 255)
  return name ? name : null
}
