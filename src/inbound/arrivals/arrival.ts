/**
 * What came in, as people look at it, and what they may do about it. Pure: the console offers by the same rules as the server refuses.
 *
 *   quarantined ── replay, start, attach, spam ──▶ waits for its turn with a wish ──▶ an outcome
 *        ▲  └───── ignore, ignore_sender ────────▶ ignored ── undo ──▶ quarantined
 *   ignored ────── replay, start, attach, spam ──▶ waits for its turn with a wish ──▶ an outcome
 *
 * Starting, attaching and spam are taken back while it waits, and afterwards while nothing else was said where it went.
 */
import type { ConversationId, Id, InboundMailId, InboxId, SourceId } from '../../lib/ids.ts'
import { patternOf, problemOf } from '../ignoring/rule.ts'
import type { InboundChannel, OutcomeKind, QuarantineReason, QuarantineStage, Wish } from '../inbound-mail.ts'

export type ActId = Id<'inbound_act'>

export const ARRIVAL_ACTS = ['replay', 'start', 'attach', 'spam', 'ignore', 'ignore_sender'] as const
export type ArrivalAct = (typeof ARRIVAL_ACTS)[number]

/** What can be taken back. Taking in once more has no inverse: what came of it was decided, not chosen. */
export const UNDOABLE_ACTS = ['start', 'attach', 'spam', 'ignore', 'ignore_sender'] as const satisfies readonly ArrivalAct[]

export interface Arrived {
  readonly id: InboundMailId
  readonly channel: InboundChannel
  readonly source: { readonly id: SourceId; readonly name: string } | null
  readonly inboxId: InboxId | null
  readonly state: 'received' | 'settled' | 'quarantined'
  readonly outcome: OutcomeKind | null
  readonly reason: string | null
  readonly stage: QuarantineStage | null
  readonly detail: string | null
  readonly conversationId: ConversationId | null
  readonly duplicateOf: InboundMailId | null
  readonly messageId: string | null
  readonly from: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly sizeBytes: number
  readonly receivedAt: Date
  readonly attempts: number
  readonly settledAt: Date | null
  readonly settledBy: string | null
  readonly wish: Wish | null
  readonly ruleId: string | null
}

/** Why an act cannot be done; a word, for which pages have a sentence. */
export const ACT_OBSTACLES = ['not_there', 'waits', 'has_become', 'not_put_aside', 'no_bytes', 'no_inbox', 'no_sender'] as const
export type ActObstacle = (typeof ACT_OBSTACLES)[number]

export type Actable = Pick<Arrived, 'state' | 'outcome' | 'reason' | 'inboxId'> & { readonly from: { readonly address: string } }

/** Null: it may be done. `inboxId`: where a conversation is to be made; null for the mail's own. */
export function obstacleTo(act: ArrivalAct, mail: Actable, inboxId: InboxId | null = null): ActObstacle | null {
  if (mail.state === 'received') return 'waits'
  const isPutAside = mail.state === 'quarantined'
  if (act === 'ignore' || act === 'ignore_sender') {
    if (!isPutAside) return 'not_put_aside'
    return act === 'ignore_sender' && !mayBeRule(mail.from.address) ? 'no_sender' : null
  }
  if (!isPutAside && mail.outcome !== 'ignored') return 'has_become'
  if (mail.reason === 'bytes_missing' && isPutAside && act !== 'replay') return 'no_bytes'
  if ((act === 'start' || act === 'spam') && inboxId === null && mail.inboxId === null) return 'no_inbox'
  return null
}

/** The act by which a mail is what it is, where that can be taken back: the newest. Something may still be in the way that only the server sees. */
export function undoable(
  { state, outcome, settledBy }: Pick<Arrived, 'state' | 'outcome' | 'settledBy'>,
  newest: { readonly id: string; readonly act: string; readonly by: string; readonly undoneAt: Date | null } | null,
): ActId | null {
  if (newest === null || newest.undoneAt !== null || !(UNDOABLE_ACTS as readonly string[]).includes(newest.act)) return null
  const isIgnoring = newest.act === 'ignore' || newest.act === 'ignore_sender'
  const isIn = outcome === 'conversation_started' || outcome === 'reply_added'
  const isLeft = isIgnoring ? outcome === 'ignored' : state === 'received' || (isIn && settledBy === newest.by)
  return isLeft ? (newest.id as ActId) : null
}

/** A star in an address would stand for anything: a rule made of it would turn everybody away. */
function mayBeRule(address: string): boolean {
  const patterns = [patternOf(address, 'address'), patternOf(address, 'domain')]
  return address.includes('@') && !address.includes('*') && patterns.every((pattern) => problemOf('from', pattern) === null)
}

/** Reading it ended the process, or failed as a bug does: whoever wants it in a conversation gets it as a file. */
export function goesUnread({ stage, reason }: { readonly stage: string | null; readonly reason: string | null }): boolean {
  return stage === 'crash' || reason === 'too_large'
}

/** Why it was put aside, in a sentence, and what would help. */
export const QUARANTINE_WORDS: Readonly<Record<QuarantineReason, { readonly sentence: string; readonly hint: string }>> = {
  too_large: {
    sentence: 'It is larger than a mail may be, so only its beginning is kept.',
    hint: 'Ask its sender for a smaller one, or fetch it from its mailbox. As a conversation it would have its beginning as a file.',
  },
  unreadable: {
    sentence: 'It is not built as a mail is, and could not be read.',
    hint: 'Look at its source. As a conversation it would be attached as it came.',
  },
  no_inbox: {
    sentence: 'It was sent to none of the addresses of an inbox here.',
    hint: 'Add the address to an inbox and take it in once more, or choose an inbox for this one.',
  },
  inbox_closed: {
    sentence: 'The inbox that it came to is closed, and it belongs to no conversation.',
    hint: 'Open the inbox and take it in once more, or choose another one for it.',
  },
  update_only_no_match: {
    sentence: 'It belongs to no conversation, and its inbox starts none by mail.',
    hint: 'Attach it to the conversation that it belongs to, or make it one of its own.',
  },
  agent_not_proven: {
    sentence: 'It answers what an agent was told, and nothing proves that this agent sent it.',
    hint: 'It may quote what customers must not see. Ask the agent; what is theirs can be attached or answered from here.',
  },
  cannot_be_stored: {
    sentence: 'It holds something that the database does not take.',
    hint: 'Taking it in once more helps after an update. As a conversation it would be attached as it came.',
  },
  fails_again_and_again: {
    sentence: 'Taking it in failed again and again.',
    hint: 'What went wrong is in the log. Take it in once more after an update; as a conversation it would be attached as it came.',
  },
  bytes_missing: {
    sentence: 'What it consisted of is not there any more, or not as it was written.',
    hint: 'When the data folder is whole again, take it in once more; else ask its sender to send it again.',
  },
  wish_not_possible: {
    sentence: 'What was chosen for it went away before it came there.',
    hint: 'Choose again.',
  },
}

/** What a list of arrivals is narrowed by. */
export interface ArrivalFilter {
  readonly outcome: OutcomeKind | 'waiting' | null
  readonly reason: string | null
  readonly stage: QuarantineStage | null
  /** `none`: those of no inbox. */
  readonly inboxId: InboxId | 'none' | null
  readonly sourceId: SourceId | null
  readonly channel: InboundChannel | null
  /** A sender's address, a domain after `@`, or words of sender and subject. */
  readonly search: string | null
  /** When it came here, which for mail that was fetched may be later than when its server took it. */
  readonly since: Date | null
  readonly until: Date | null
}

export const NO_FILTER: ArrivalFilter = {
  ...{
    outcome: null,
    reason: null,
    stage: null,
    inboxId: null,
    sourceId: null,
    channel: null,
    search: null,
    since: null,
    until: null,
  },
}
