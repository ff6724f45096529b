import type { Tx } from '../../db/database.ts'
import type { DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { InboundReading } from '../../mail/bounce/inbound.ts'
import type { ParsedMail } from '../../mail/parse.ts'
import { recordFeedback } from '../record-feedback.ts'
import { toFeedback } from './apply.ts'
import { findDelivery } from './find-delivery.ts'
import { selectMessageOf } from './find-queries.ts'
import { readingOf } from './read-mail.ts'
import { returnPathKey } from './return-path.ts'

/** A bounce or complaint that came to an address people write to, not to a return path of ours. */
export interface Report {
  readonly workspaceId: WorkspaceId
  readonly reading: InboundReading
  readonly mail: Pick<ParsedMail, 'date' | 'messageId'>
  readonly recipient: string
}

/** `early`: it is about mail that is being handed over at this moment. `message`: what it is about; null where nothing of it is ours. */
export interface Reported {
  readonly recorded: number
  readonly early: boolean
  readonly messageId: MessageId | null
  /** What it says is no news of a failure or complaint; why, in a sentence. */
  readonly nothing: string | null
}

/**
 * Tells it to the deliveries it speaks of. It is believed only where it names a mail of ours by its return path, or by the Message-ID that only those
 * who got it know.
 */
export async function recordReport(tx: Tx, secrets: Pick<Secrets, 'hmac'>, report: Report, now: Date): Promise<Reported> {
  const { workspaceId, reading, mail, recipient } = report
  const told = readingOf(reading, mail, { recipient, sender: '' }, [returnPathKey(secrets)])
  if (told.kind !== 'news') {
    const nothing = told.kind === 'subscription' ? 'It says nothing of a mail.' : told.reason
    return { recorded: 0, early: false, messageId: null, nothing }
  }
  const source = reading.kind === 'complaint' ? 'arf' : 'dsn'
  let recorded = 0
  let early = false
  let about: DeliveryId | null = null
  for (const news of told.news) {
    const id = await findDelivery(tx, { workspaceId, routeId: null }, news)
    if (id === null) continue
    const came = await recordFeedback(tx, workspaceId, id, toFeedback({ source, feedbackId: null }, news, now), now)
    early ||= came === 'early'
    if (came === 'recorded' || came === 'known') recorded += 1
    about ??= id
  }
  return { recorded, early, messageId: about && (await selectMessageOf(tx, workspaceId, about)), nothing: null }
}
