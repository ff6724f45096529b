import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import type { ReceivedMessage } from './smtp-server.ts'

/** What a client was promised: a 202 that it heard. */
export interface Promised {
  readonly messageId: string
  readonly recipient: string
}

/** What the database says of one recipient. */
export interface Recorded {
  readonly messageId: string
  readonly recipient: string
  readonly state: string
  readonly attempt: number
  readonly rfcMessageId: string
  readonly sha256: string
  /** What happened to it, oldest first. */
  readonly events: readonly string[]
  readonly attempts: readonly { readonly attempt: number; readonly outcome: string }[]
}

/** What the far end saw of one recipient. */
interface Seen {
  readonly rfcMessageId: string
  readonly sha256: string
  readonly fate: ReceivedMessage['fate']
}

export interface Judgement {
  /** Promised, and neither at the far end nor accounted for. */
  readonly lost: readonly string[]
  /** Promised, but the database does not know it. */
  readonly forgotten: readonly string[]
  /** At the far end, though nobody asked for it. */
  readonly stray: readonly string[]
  /** Taken by the far end more than once. */
  readonly duplicates: readonly string[]
  /** Of those: taken again without having been unknown before, or under another Message-ID. */
  readonly unexplainedDuplicates: readonly string[]
  /** Other bytes than those that were stored. */
  readonly altered: readonly string[]
  /** Said to be sent, though the far end has nothing. */
  readonly invented: readonly string[]
  /** Attempts or events that contradict the state. */
  readonly contradictions: readonly string[]
  readonly unknownEvents: number
  readonly states: Readonly<Record<string, number>>
}

export const SPOTLESS = {
  lost: [],
  forgotten: [],
  stray: [],
  unexplainedDuplicates: [],
  altered: [],
  invented: [],
  contradictions: [],
} as const

/**
 * Three ledgers that do not trust each other: what the client was promised, what the far end saw, what the database says. They are compared
 * by recipient, so a test writes to each address once.
 */
export function judge(
  promised: readonly Promised[],
  received: readonly ReceivedMessage[],
  recorded: readonly Recorded[],
): Judgement {
  const rows = new Map(recorded.map((row) => [row.recipient, row]))
  const seen = new Map<string, Seen[]>()
  for (const message of received) {
    const rfcMessageId = /^message-id:\s*(<[^>]*>)/im.exec(message.content)?.[1] ?? ''
    for (const recipient of message.recipients) {
      const before = seen.get(recipient) ?? []
      seen.set(recipient, [...before, { rfcMessageId, sha256: message.sha256, fate: message.fate }])
    }
  }
  const taken = (recipient: string) => (seen.get(recipient) ?? []).filter(({ fate }) => fate !== 'refused')
  const duplicates = [...seen.keys()].filter((recipient) => taken(recipient).length > 1)
  const states: Record<string, number> = {}
  for (const { state } of recorded) states[state] = (states[state] ?? 0) + 1
  return {
    lost: promised
      .filter(({ recipient }) => !isAccountedFor(rows.get(recipient), taken(recipient)))
      .map(({ recipient }) => recipient),
    forgotten: promised
      .filter(({ recipient, messageId }) => rows.get(recipient)?.messageId !== messageId)
      .map(({ recipient }) => recipient),
    stray: [...seen.keys()].filter((recipient) => !rows.has(recipient)),
    duplicates,
    unexplainedDuplicates: duplicates.filter((recipient) => !isExplained(rows.get(recipient), taken(recipient))),
    altered: [...seen].flatMap(([recipient, all]) =>
      all.some(({ sha256 }) => sha256 !== rows.get(recipient)?.sha256) ? [recipient] : [],
    ),
    invented: recorded
      .filter(({ state, recipient }) => state === 'sent' && taken(recipient).length === 0)
      .map(({ recipient }) => recipient),
    contradictions: recorded.flatMap(contradictionOf),
    unknownEvents: recorded.reduce((sum, { events }) => sum + events.filter((type) => type === 'delivery.unknown').length, 0),
    states,
  }
}

/** At the far end, or still on its way, or stopped with a reason. */
function isAccountedFor(row: Recorded | undefined, taken: readonly Seen[]): boolean {
  return row !== undefined && (row.state !== 'sent' || taken.length > 0)
}

/** It was unknown as often as it went again, and it kept its Message-ID. */
function isExplained(row: Recorded | undefined, taken: readonly Seen[]): boolean {
  const unknown = row?.events.filter((type) => type === 'delivery.unknown').length ?? 0
  return unknown >= taken.length - 1 && taken.every(({ rfcMessageId }) => rfcMessageId === row?.rfcMessageId)
}

function contradictionOf({ recipient, state, attempt, events, attempts }: Recorded): string[] {
  const found: string[] = []
  const sent = events.filter((type) => type === 'delivery.sent').length
  const accepted = attempts.filter(({ outcome }) => outcome === 'accepted').length
  if (sent !== accepted) found.push(`${recipient}: ${sent} sent, ${accepted} accepted`)
  if ((state === 'sent') !== (sent === 1)) found.push(`${recipient} is ${state} and was sent ${sent} times`)
  if (attempts.some((one) => one.attempt > attempt)) found.push(`${recipient}: an attempt after its last`)
  if (new Set(attempts.map((one) => one.attempt)).size !== attempts.length) found.push(`${recipient}: one attempt twice`)
  return found
}

/** The database's ledger. */
export async function recordedIn({ db }: Database): Promise<Recorded[]> {
  const { rows } = await sql<Recorded>`
    select d.message_id as "messageId", d.recipient, d.state, d.attempt, m.rfc_message_id as "rfcMessageId", encode(m.content_hash, 'hex') as sha256,
           array(select type from event as e where e.workspace_id = d.workspace_id and e.message_id = d.message_id and e.delivery_id = d.id order by txid, seq) as events,
           (select coalesce(json_agg(json_build_object('attempt', a.attempt, 'outcome', a.outcome)), '[]')
              from attempt as a where a.workspace_id = d.workspace_id and a.delivery_id = d.id) as attempts
      from delivery as d
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id`.execute(db)
  return rows
}
