import type { NamedActor } from '../../accounts/names.ts'
import { type Actable, ARRIVAL_ACTS, obstacleTo, QUARANTINE_WORDS, undoable } from '../../inbound/arrivals/arrival.ts'
import type { ShownArrival } from '../../inbound/arrivals/list.ts'
import type { ActRow, Before, Examined, ReadArrival } from '../../inbound/arrivals/read-one.ts'
import type { InboundChannel, QuarantineReason } from '../../inbound/inbound-mail.ts'
import type { InboxId, MessageId } from '../../lib/ids.ts'
import type * as endpoints from '../endpoints/arrivals.ts'

/** What is told of people and places by name. */
export interface ArrivalNames {
  readonly inboxes: ReadonlyMap<InboxId, string>
  readonly actor: (reference: string | null) => NamedActor
}

export function toArrival({ arrived, conversation, isHidden }: ShownArrival, names: ArrivalNames): endpoints.Arrival {
  const { id, channel, source, inboxId, state, outcome, reason, stage, settledBy, wish } = arrived
  return {
    id,
    received_at: arrived.receivedAt,
    channel,
    source,
    inbox: inboxOf(inboxId, names),
    from: isHidden ? { name: '', address: '' } : arrived.from,
    subject: isHidden ? '' : arrived.subject,
    size_bytes: arrived.sizeBytes,
    state: state === 'received' ? 'waiting' : state,
    outcome,
    reason,
    stage,
    sentence: whatBecame({ arrived, conversation, isHidden }),
    conversation: conversation && { id: conversation.id, number: conversation.number, subject: conversation.subject },
    message_id: arrived.messageId as MessageId | null,
    duplicate_of: arrived.duplicateOf,
    settled_at: arrived.settledAt,
    settled_by: settledBy === null ? null : (names.actor(settledBy).name ?? null),
    wish: wish?.act ?? null,
    is_hidden: isHidden,
  }
}

export function inboxOf(id: InboxId | null, { inboxes }: Pick<ArrivalNames, 'inboxes'>): { id: InboxId; name: string } | null {
  return id === null ? null : { id, name: inboxes.get(id) ?? '' }
}

function whatBecame({ arrived, conversation, isHidden }: ShownArrival): string {
  const { state, outcome, reason, detail, wish } = arrived
  if (state === 'received') return wish ? WISHED[wish.act] : 'It waits for its turn.'
  const where = conversation
    ? `conversation #${conversation.number}`
    : isHidden
      ? 'a conversation elsewhere'
      : 'a conversation that is gone'
  switch (outcome) {
    case 'conversation_started':
      return conversation ? `It started ${where}.` : `It is in ${where}.`
    case 'reply_added':
      return `It was added to ${where}.`
    case 'note_added':
      return `It became a note in ${where}.`
    case 'quarantined':
      return QUARANTINE_WORDS[reason as QuarantineReason]?.sentence ?? detail ?? ''
    case 'duplicate':
      return 'The same mail is in a conversation already.'
    case 'bounce_recorded':
      return `News of mail that was sent. ${detail ?? ''}`.trim()
    case 'complaint_recorded':
      return `A complaint about mail that was sent. ${detail ?? ''}`.trim()
    default:
      return detail ?? ''
  }
}

const WISHED = {
  replay: 'It is about to be taken in once more.',
  start: 'It is about to become a conversation.',
  spam: 'It is about to become a conversation that is spam.',
  attach: 'It is about to be put into a conversation.',
} as const

const TEXT_MAX = 200_000
const HEADERS_MAX = 300

export function toArrivalDetail(
  read: ReadArrival,
  { says, problem, foreseen }: Examined,
  names: ArrivalNames,
): endpoints.ArrivalDetail {
  const { arrived } = read
  const { mail, keys } = says ?? {}
  const words = arrived.state === 'quarantined' ? QUARANTINE_WORDS[arrived.reason as QuarantineReason] : undefined
  return {
    ...toArrival(read, names),
    detail: arrived.detail,
    hint: words?.hint ?? null,
    attempts: arrived.attempts,
    to: mail ? mail.to.map(({ address }) => address) : [...arrived.toAddresses],
    envelope: {
      sender: arrived.envelopeSender,
      recipients: [...arrived.envelopeRecipients],
      remote_ip: arrived.remoteIp,
      helo: arrived.helo,
    },
    problem,
    headers: (mail?.headers ?? []).slice(0, HEADERS_MAX).map(({ name, value }) => ({ name, value })),
    text: mail?.text?.slice(0, TEXT_MAX).toWellFormed() ?? null,
    has_html: mail ? mail.html !== null : false,
    files: (mail?.attachments ?? []).map(({ name, contentType, size }) => ({
      filename: name,
      content_type: contentType,
      size_bytes: size,
    })),
    automatic: arrived.automatic,
    authentication: arrived.authentication,
    keys: keys
      ? {
          tokens: keys.tokens.length,
          references: [...keys.references],
          subject_tags: keys.subjectTags.map(({ queue, number }) => `[${queue}-${number}]`),
        }
      : null,
    foreseen: foreseen && { does: foreseen.does, sentence: foreseen.sentence, number: foreseen.conversation?.number ?? null },
    history: historyOf(read, names),
    may: mayOf(arrived),
    undo: undoable(arrived, read.acts[0] ?? null),
  }
}

function mayOf(mail: Actable): endpoints.ArrivalDetail['may'] {
  return Object.fromEntries(ARRIVAL_ACTS.map((act) => [act, obstacleTo(act, mail)])) as endpoints.ArrivalDetail['may']
}

const CAME: Readonly<Record<InboundChannel, string>> = {
  imap: 'It was fetched by IMAP',
  pop3: 'It was fetched by POP3',
  smtp: 'It was handed in by SMTP',
  http: 'It was handed in at the API',
  folder: 'It was read from a folder',
  provider: 'A provider handed it in',
}

/** Each act, with what had become of it by then before it; at last what it is now. Oldest first. */
function historyOf(read: ReadArrival, { actor }: ArrivalNames): endpoints.ArrivalDetail['history'] {
  const { arrived, acts } = read
  const from = arrived.source ? `, from ${arrived.source.name}` : ''
  const folder = arrived.folder && arrived.folder !== 'INBOX' ? `, folder ${arrived.folder}` : ''
  const came = { at: arrived.receivedAt, by: null, sentence: `${CAME[arrived.channel]}${from}${folder}.` }
  const done = acts.toReversed().flatMap((act) => [
    ...(act.act === 'undo' ? [] : [becameOf(act.before)]),
    {
      at: act.at,
      by: actor(act.by).name,
      sentence: `${ACTED[act.act] ?? act.act}${act.undoneAt ? ' This was taken back.' : ''}`,
    },
  ])
  const by = arrived.settledBy === null ? null : actor(arrived.settledBy).name
  const isIgnoredByHand = acts[0]?.act === 'ignore' || acts[0]?.act === 'ignore_sender' || acts[0]?.act === 'undo'
  const now = arrived.settledAt && !isIgnoredByHand ? [{ at: arrived.settledAt, by, sentence: whatBecame(read) }] : []
  return [came, ...done, ...now]
}

function becameOf({ at, outcome, detail, attempts }: Before): { at: Date; by: null; sentence: string } {
  const what = outcome === 'quarantined' ? 'It was put aside.' : outcome === 'ignored' ? 'It was ignored.' : 'It was taken in.'
  const tries = attempts > 1 ? ` Tries: ${attempts}.` : ''
  return { at: new Date(at), by: null, sentence: `${what} ${detail ?? ''}${tries}`.trim() }
}

const ACTED: Readonly<Record<ActRow['act'], string>> = {
  replay: 'To be taken in once more.',
  start: 'To be made a conversation.',
  attach: 'To be put into a conversation.',
  spam: 'Taken for spam.',
  ignore: 'Ignored.',
  ignore_sender: 'Ignored, and whoever sent it.',
  undo: 'Put back where it lay.',
}
