import { DAY, HOUR } from '../../lib/clock.ts'
import type { TellingKind } from './inlet.ts'
import type { News } from './news.ts'
import { newsFromScaleway, newsFromScalewayPage } from './scaleway.ts'
import { newsFromSes } from './ses.ts'
import { Envelope } from './sns/envelope.ts'
import type { VerifyEnvelope } from './sns/verify.ts'

/** What a request of a provider came to. */
export type Reading =
  | { readonly kind: 'news'; readonly news: readonly News[]; readonly happenedAt: Date | null }
  /** A topic asks whether we want its messages, and it is the one that the route names. */
  | { readonly kind: 'subscription'; readonly token: string }
  | { readonly kind: 'ignored'; readonly reason: string; readonly topic?: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** Of a page that we fetched ourselves nothing needs to be proven. */
export const POLLED = 'polled'

const OLDEST_MS = 7 * DAY
const AHEAD_MS = HOUR

export interface Told {
  readonly kind: TellingKind
  /** The only topic that is believed. */
  readonly topicArn: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly receivedAt: Date
}

/** Proves that it is the provider's, then reads it. What can be seen without the network is looked at first. */
export async function readTold(told: Told, verify: VerifyEnvelope, now: Date): Promise<Reading> {
  const json = parseJson(told.body.toString('utf8'))
  if (told.headers[POLLED] !== undefined) return ofNews(newsFromScalewayPage(json), null)
  const parsed = Envelope.safeParse(json)
  if (!parsed.success) return { kind: 'failed', reason: 'This is not a message of a topic.' }
  const envelope = parsed.data
  const refused = refusalOf(told, envelope)
  if (refused) return refused
  const doubt = await verify(told.kind, envelope, now)
  if (doubt !== null) return { kind: 'failed', reason: `It is not believed, because ${doubt}.` }
  switch (envelope.Type) {
    case 'SubscriptionConfirmation':
      return envelope.Token
        ? { kind: 'subscription', token: envelope.Token }
        : { kind: 'failed', reason: 'It asks to be confirmed and has no token.' }
    case 'UnsubscribeConfirmation':
      return {
        kind: 'ignored',
        reason: 'The topic was told to send nothing more. Subscribe this address again if that was a mistake.',
      }
    case 'Notification': {
      const event = parseJson(envelope.Message)
      // A topic is tried out with a sentence when it is set up.
      if (event === undefined) return { kind: 'ignored', reason: 'A message of the topic that is no event: a test, most likely.' }
      return ofNews(told.kind === 'ses' ? newsFromSes(event) : newsFromScaleway(event), new Date(envelope.Timestamp))
    }
  }
}

function refusalOf({ topicArn, receivedAt }: Told, { TopicArn, Timestamp }: Envelope): Reading | null {
  // Anybody can have a topic of their own, with messages signed by the same service.
  if (TopicArn !== topicArn) return { kind: 'ignored', reason: otherTopic(topicArn, TopicArn), topic: TopicArn }
  const age = receivedAt.getTime() - Date.parse(Timestamp)
  if (age > OLDEST_MS || age < -AHEAD_MS)
    return { kind: 'failed', reason: `It was written at ${Timestamp}, too far from when it came.` }
  return null
}

function otherTopic(wanted: string | null, given: string): string {
  return wanted === null
    ? `The route does not say which topic to believe. This came from ${given}: if that is yours, enter it in the settings of the route and read this again.`
    : `It came from the topic ${given}, and the route believes ${wanted} only.`
}

function ofNews(news: readonly News[] | null, sentAt: Date | null): Reading {
  if (news === null) return { kind: 'failed', reason: 'It has a form that is not known.' }
  if (news.length === 0) return { kind: 'ignored', reason: 'It tells nothing about whether mail arrived.' }
  return { kind: 'news', news, happenedAt: news[0]?.happenedAt ?? sentAt }
}

/** undefined: not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
