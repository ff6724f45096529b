/** One arrival with all that is known of it: how it came, what it says, what was done, and what would become of it now. */
import type { Actor } from '../../accounts/actor.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Database, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { type Reach, reachOf } from '../../helpdesk/access/reach.ts'
import { placesOf } from '../../helpdesk/reading/places.ts'
import type { ConversationId, InboundMailId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { MailParser } from '../../mail/mail-parser.ts'
import { type Decision, decide } from '../decide.ts'
import { lookAround, type Says } from '../look-around.ts'
import { bytesOf, whatItSays } from '../read-mail.ts'
import { type ShownArrival, withConversations } from './list.ts'
import { type ActRow, type ArrivedRow, selectActs, selectArrival } from './queries.ts'

export type { ActRow, Before } from './queries.ts'

export interface ReadingDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly secrets: Pick<Secrets, 'hmac'>
  readonly parser: MailParser
}

export interface ReadArrival extends ShownArrival<ArrivedRow> {
  /** Newest first. */
  readonly acts: readonly ActRow[]
}

/** Who may not reach its inbox, or the conversation that it is in, is told that it is not there. */
export async function reachArrival(tx: Tx, actor: Actor, id: InboundMailId): Promise<ReadArrival> {
  const reach = await reachOf(tx, actor)
  const row = await selectArrival(tx, actor.workspaceId, id)
  const isReached = row && (reach.all || (row.inboxId !== null && reach.inboxes.includes(row.inboxId)))
  const [shown] = row && isReached ? await withConversations(tx, actor, [row], reach) : []
  if (!shown || shown.isHidden) throw new Refusal('not_found', { what: 'mail' })
  return { ...shown, acts: await selectActs(tx, actor.workspaceId, id) }
}

export interface Examined {
  /** Null where it cannot be read; then `problem` says why. */
  readonly says: Says | null
  readonly problem: string | null
  /** What would become of it now; null where nobody can say before it is tried. */
  readonly foreseen: Foreseen | null
}

export interface Foreseen {
  readonly does: Decision['do']
  readonly sentence: string
  readonly conversation: { readonly id: ConversationId; readonly number: number } | null
}

/**
 * Reads it as whoever takes in does, outside of any transaction, and asks for the same decision, without writing anything. What ended the process when
 * it was read is not read here either.
 */
export async function examine(deps: ReadingDeps, actor: Actor, { arrived }: ReadArrival): Promise<Examined> {
  if (arrived.stage === 'crash')
    return unknown('Reading it ended the process that tried, so it is not read here. Its source is below.')
  const { workspaceId } = actor
  const bytes = await bytesOf(deps, { workspaceId, hash: arrived.hash })
  if (bytes === null) return unknown('What it consisted of is not there any more.')
  if (arrived.isCut) return unknown('Only its beginning is kept.')
  const parsed = await deps.parser.read(bytes)
  if (parsed.kind === 'unreadable') return unknown(`It cannot be read, because ${parsed.reason}.`)
  const says = whatItSays(parsed, bytes, arrived)
  const foreseen = await deps.database.transaction({ as: 'api', workspaceId }, (tx) => foresee(tx, deps, actor, arrived, says), {
    readOnly: true,
  })
  return { says, problem: null, foreseen }
}

function unknown(problem: string): Examined {
  return { says: null, problem, foreseen: null }
}

/** Only of what may still be decided anew: the rest has become what it is. */
async function foresee(tx: Tx, deps: ReadingDeps, actor: Actor, arrived: ArrivedRow, says: Says): Promise<Foreseen | null> {
  const { workspaceId } = actor
  if (arrived.state === 'settled' && arrived.outcome !== 'ignored') return null
  const came = { workspaceId, inboxId: arrived.arrivedFor, envelopeRecipients: arrived.envelopeRecipients }
  const { known } = await lookAround(tx, deps, came, says)
  const decision = decide(known)
  if (arrived.state === 'quarantined' && decision.do === 'quarantine' && decision.reason === arrived.reason)
    return { does: 'quarantine', sentence: 'It would be put aside again: nothing has changed.', conversation: null }
  return await inWords(tx, actor, decision, known.inbox?.name ?? null, await reachOf(tx, actor))
}

async function inWords(
  tx: Tx,
  { workspaceId }: Actor,
  decision: Decision,
  inbox: string | null,
  reach: Reach,
): Promise<Foreseen> {
  const said = (sentence: string): Foreseen => ({ does: decision.do, sentence, conversation: null })
  switch (decision.do) {
    case 'start':
      return said(`It would start a conversation in ${inbox ?? 'its inbox'}.`)
    case 'add': {
      const { conversationId, because } = decision.match
      const place = (await placesOf(tx, workspaceId, [conversationId], reach)).get(conversationId) ?? null
      const where = place ? `conversation #${place.number}` : 'a conversation that you may not see'
      return {
        ...said(`It would be added to ${where}. ${because}`),
        conversation: place && { id: place.id, number: place.number },
      }
    }
    case 'ignore':
      return said(`It would be ignored. ${decision.detail}`)
    case 'quarantine':
      return said(`It would be put aside again. ${decision.detail}`)
    case 'duplicate':
      return said('It would be a duplicate: the same mail is in a conversation already.')
    case 'record_report':
      return said('It would be read as news of mail that was sent.')
    case 'unsubscribe':
      return said('Its sender would get no bulk mail any more.')
    case 'ask_agent':
      return said('It answers a notification: it would be taken for an agent’s answer where it is proven to be theirs.')
  }
}

const SHOWN_MAX = 200_000

/** As it came, as text: what of it is ever shown. Bytes that are no UTF-8 are shown as what they mostly are. */
export function sourceText(bytes: Buffer): { readonly text: string; readonly isCut: boolean } {
  const shown = bytes.subarray(0, SHOWN_MAX)
  const utf8 = shown.toString('utf8')
  const text = utf8.includes('\ufffd') ? shown.toString('latin1') : utf8
  return { text: text.replaceAll('\0', '\u2400').toWellFormed(), isCut: bytes.length > SHOWN_MAX }
}
