import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Database } from '../../db/database.ts'
import { FetchFailed, type FetchText } from '../../delivery/feedback/fetch-text.ts'
import { Envelope } from '../../delivery/feedback/sns/envelope.ts'
import { confirmationUrl } from '../../delivery/feedback/sns/places.ts'
import type { VerifyEnvelope } from '../../delivery/feedback/sns/verify.ts'
import { Refusal } from '../../errors.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import type { SourceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { receive } from '../receive.ts'
import { findProviderSource, noteProvider } from '../sources/provider.ts'
import type { Source } from '../sources/source.ts'
import { type FetchObject, ObjectMissing, objectOf } from './fetch-object.ts'
import { isInletSecret } from './inlet.ts'
import { type ReceivedBySes, readReceived } from './notification.ts'

export interface SesTakeDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly secrets: Secrets
  readonly verify: VerifyEnvelope
  readonly fetchText: FetchText
  readonly fetchObject: FetchObject
  readonly wake: () => void
}

const OLDEST_MS = 7 * DAY
const AHEAD_MS = HOUR
/** Then the topic tells it again. */
const AGAIN_SECONDS = 60

/**
 * What a topic posts, taken before it is answered: whatever ends otherwise is refused, and told again by the topic. The same mail told twice is taken
 * once, by the id that SES gave it.
 */
export async function takeFromTopic(
  deps: SesTakeDeps,
  told: { readonly id: SourceId; readonly secret: string; readonly body: Buffer },
  now: Date,
): Promise<void> {
  const source = isInletSecret(deps.secrets, told.id, told.secret) ? await findProviderSource(deps.database.db, told.id) : null
  if (!source) throw new Refusal('not_found', { what: 'address for mail' })
  if (!source.isEnabled) throw new Refusal('too_busy', { retryAfterSeconds: AGAIN_SECONDS })
  try {
    const hasMail = await takeEnvelope(deps, source, envelopeIn(source, told.body, now), now)
    await noteProvider(deps.database.db, source, { problem: null, hasMail }, now)
  } catch (error) {
    const doubt = doubtOf(error)
    if (!doubt) throw error
    const { again, ...problem } = doubt
    await noteProvider(deps.database.db, source, { problem, hasMail: false }, now)
    throw again
      ? new Refusal('too_busy', { retryAfterSeconds: AGAIN_SECONDS })
      : new Refusal('invalid_request', { why: problem.sentence })
  }
}

/** Why what was told is not taken, in words for the page of sources. */
class Doubt extends Error {
  override readonly name = 'Doubt'
  readonly hint: string
  constructor(sentence: string, hint: string) {
    super(sentence)
    this.hint = hint
  }
}

function doubtOf(error: unknown) {
  if (error instanceof Doubt) return { cause: 'protocol' as const, sentence: error.message, hint: error.hint, again: false }
  if (error instanceof ObjectMissing)
    return { cause: 'protocol' as const, sentence: error.message, hint: error.hint, again: true }
  if (error instanceof FetchFailed || (error as Error).name === 'TimeoutError' || error instanceof TypeError) {
    const hint = 'It is tried again when the topic tells it again. Look whether this server reaches Amazon by HTTPS.'
    return { cause: 'protocol' as const, sentence: `Amazon could not be asked: ${(error as Error).message}.`, hint, again: true }
  }
  return null
}

function envelopeIn({ topicArn }: Source, body: Buffer, now: Date): Envelope {
  const parsed = Envelope.safeParse(parseJson(body.toString('utf8')))
  if (!parsed.success)
    throw new Doubt(
      'What was posted is not a message of a topic.',
      'Subscribe the address to the topic with HTTPS, without raw message delivery.',
    )
  const { TopicArn, Timestamp } = parsed.data
  // Anybody can have a topic of their own, with messages signed by the same service.
  if (TopicArn !== topicArn)
    throw new Doubt(
      `It came from the topic ${TopicArn}, and this source believes ${topicArn} only.`,
      'If that topic is yours, enter it here.',
    )
  const age = now.getTime() - Date.parse(Timestamp)
  if (age > OLDEST_MS || age < -AHEAD_MS)
    throw new Doubt(
      `It was written at ${Timestamp}, too far from when it came.`,
      'Look whether the clock of this server is right.',
    )
  return parsed.data
}

/** True: it was a mail. */
async function takeEnvelope(deps: SesTakeDeps, source: Source, envelope: Envelope, now: Date): Promise<boolean> {
  const doubt = await deps.verify('ses', envelope, now)
  if (doubt !== null) throw new Doubt(`It is not believed, because ${doubt}.`, 'Nothing of it was taken.')
  if (envelope.Type === 'SubscriptionConfirmation') {
    const url = envelope.Token ? confirmationUrl('ses', envelope.TopicArn, envelope.Token) : null
    if (url === null) throw new Doubt('It asks to be confirmed and has no token, or no region.', 'Subscribe the address again.')
    await deps.fetchText(url)
    return false
  }
  const received = envelope.Type === 'Notification' ? readReceived(parseJson(envelope.Message)) : null
  if (!received) return false
  await store(deps, source, received, now)
  return true
}

async function store(deps: SesTakeDeps, source: Source, mail: ReceivedBySes, now: Date): Promise<void> {
  const { database, secrets, fetchObject } = deps
  const { workspaceId, id, inboxId, routeId } = source
  const content =
    mail.content ??
    (mail.object ? await objectOf({ db: database.db, secrets, fetchObject, now }, workspaceId, routeId, mail.object) : null)
  if (!content)
    throw new Doubt(
      'SES told of a mail without the mail itself.',
      'Let the rule of SES publish to the topic (action SNS, up to 150 KB), or put mail into S3 and tell the topic.',
    )
  const arrival = {
    ...{ workspaceId, channel: 'provider' as const, inboxId, envelopeSender: mail.sender, envelopeRecipients: mail.recipients },
    place: { sourceId: id, folder: '', uidValidity: null, uid: mail.messageId },
    ...{ remoteIp: null, helo: null, receivedAt: now, isCut: false },
  }
  await receive(deps, [{ arrivals: [arrival], content }], now, (tx) =>
    noteProvider(tx, source, { problem: null, hasMail: true }, now),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
