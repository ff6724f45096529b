import type { InboundReading, ReportedRecipient } from '../../mail/bounce/inbound.ts'
import { readInbound } from '../../mail/bounce/read-inbound.ts'
import type { MailParser } from '../../mail/mail-parser.ts'
import type { ParsedMail } from '../../mail/parse.ts'
import type { DeliveryRef, FeedbackSource, News, NewsKind } from './news.ts'
import type { Reading } from './read.ts'
import { readReturnPath } from './return-path.ts'

/** Mail that came to a return path or to an address for complaints. */
export interface MailTold {
  /** The address it came to. */
  readonly recipient: string
  readonly sender: string
  readonly body: Buffer
}

export async function readMail(
  parser: MailParser,
  told: MailTold,
  keys: readonly Uint8Array[],
): Promise<{ readonly source: FeedbackSource; readonly reading: Reading }> {
  const parsed = await parser.parse(told.body)
  if (parsed.kind === 'unreadable')
    return { source: 'dsn', reading: { kind: 'failed', reason: `The mail cannot be read, because ${parsed.reason}.` } }
  const inbound = readInbound(parsed.mail)
  return { source: inbound.kind === 'complaint' ? 'arf' : 'dsn', reading: readingOf(inbound, parsed.mail, told, keys) }
}

/** What a mail that was read as a report says of mail of ours. */
export function readingOf(
  inbound: InboundReading,
  mail: Pick<ParsedMail, 'date' | 'messageId'>,
  told: Pick<MailTold, 'recipient' | 'sender'>,
  keys: readonly Uint8Array[],
): Reading {
  if (inbound.kind === 'complaint' && !COMPLAINTS.has(inbound.feedbackType ?? 'abuse'))
    return { kind: 'ignored', reason: `A report of the kind ${inbound.feedbackType}: no complaint of a recipient.` }
  const refs = refsOf(inbound, told, keys)
  const news = inbound.recipients.flatMap((recipient) => toNews(recipient, inbound, mail, refs))
  if (news.length > 0) return { kind: 'news', news, happenedAt: mail.date }
  // What a mail server writes has no sender. One that nobody understands should be looked at; what people write to this address, not.
  return inbound.kind === 'message' && told.sender === ''
    ? { kind: 'failed', reason: 'It came as bounces come, and says nothing that is understood.' }
    : { kind: 'ignored', reason: inbound.kind === 'automatic' ? 'An automatic answer.' : 'A message of somebody, and no report.' }
}

/** RFC 5965 §7.3. `not-spam` takes a complaint back at the provider, `auth-failure` speaks of forgeries. */
const COMPLAINTS: ReadonlySet<string> = new Set(['abuse', 'fraud', 'virus', 'opt-out', 'other'])

const KINDS: Readonly<Record<ReportedRecipient['action'], NewsKind | null>> = {
  failed: 'bounced',
  delayed: 'delayed',
  delivered: 'delivered',
  relayed: 'relayed',
  expanded: 'relayed',
  complained: 'complained',
  answered: null,
}

function toNews(
  told: ReportedRecipient,
  { feedbackType }: InboundReading,
  mail: Pick<ParsedMail, 'date' | 'messageId'>,
  refs: readonly DeliveryRef[],
): News[] {
  const kind = KINDS[told.action]
  if (kind === null || (kind === 'bounced' && !told.failure)) return []
  const names = [told.originalRecipient, told.address, told.finalRecipient].filter((name) => name?.includes('@'))
  return [
    {
      refs,
      kind,
      names: [...new Set(names as string[])],
      failure: kind === 'bounced' ? told.failure : null,
      status: told.status,
      diagnostic: kind === 'complained' ? feedbackType : told.diagnostic,
      happenedAt: mail.date,
      key: `${kind} ${told.address.toLowerCase()} ${mail.messageId ?? mail.date?.toISOString() ?? ''}`,
    },
  ]
}

/**
 * A bounce is believed of the message whose return path it came to, and of no other, whatever it says: anybody may write to an address that he
 * was once written from. A complaint that came to the address for complaints names its mail by the return path that mail carries, or its id.
 */
function refsOf(
  { original }: InboundReading,
  { recipient }: Pick<MailTold, 'recipient'>,
  keys: readonly Uint8Array[],
): DeliveryRef[] {
  const own = readReturnPath(recipient, keys)
  if (own) return [{ by: 'return_path', deliveryId: own }]
  const carried = (original?.headers ?? [])
    .flatMap(({ value }) => value.match(/b\+[a-z2-7]{40,50}@[^\s<>@,;"]+/gi) ?? [])
    .flatMap((address) => readReturnPath(address, keys) ?? [])
  return [
    ...[...new Set(carried)].map((deliveryId) => ({ by: 'return_path', deliveryId }) as const),
    ...(original?.messageId ? [{ by: 'message_id', messageId: original.messageId } as const] : []),
  ]
}
