import { type Database, ENGINE, isRefusedForItsContent, type Tx } from '../../db/database.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { MailParser } from '../../mail/mail-parser.ts'
import { reasonOf } from '../delivery.ts'
import { type Feedback, type Heard, type Recorded, recordFeedback } from '../record-feedback.ts'
import { findRoute } from '../routes/manage.ts'
import { FetchFailed, type FetchText } from './fetch-text.ts'
import { findDelivery } from './find-delivery.ts'
import { noteBelieved, noteConfirmed, noteSeenTopic } from './inlet-queries.ts'
import type { FeedbackSource, News } from './news.ts'
import { type ClaimedFeedback, type FeedbackOutcome, lockFeedback, nameSource, settleFeedback } from './queries.ts'
import { POLLED, type Reading, readTold } from './read.ts'
import { readMail } from './read-mail.ts'
import { returnPathKey } from './return-path.ts'
import { confirmationUrl } from './sns/places.ts'
import type { VerifyEnvelope } from './sns/verify.ts'

export interface ApplyDeps {
  readonly database: Database
  readonly secrets: Pick<Secrets, 'hmac'>
  readonly verify: VerifyEnvelope
  readonly fetchText: FetchText
  readonly parser: MailParser
}

/** News may come before our own commit, or about mail that was not ours: so long it is looked for. */
export const PARKED_FOR_MS = DAY
const WAITS_MS = [3 * SECOND, 10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR] as const

/** Parked news is looked for some twenty times. What comes more often ends our own work each time. */
const MAX_TRIES = 60

/** Makes news of one piece of feedback that was claimed, and settles it. The network is asked first, then everything is one transaction. */
export async function applyFeedback(deps: ApplyDeps, claimed: ClaimedFeedback, now: Date): Promise<void> {
  try {
    const { reading, source } = await read(deps, claimed, now)
    await deps.database.transaction(ENGINE, async (tx) => {
      if (!(await lockFeedback(tx, claimed))) return
      if (source !== claimed.source) await nameSource(tx, claimed, source)
      await settleFeedback(tx, claimed, await outcomeOf(tx, { ...claimed, source }, reading, now), now)
    })
  } catch (error) {
    if (!(error instanceof FetchFailed) && !isRefusedForItsContent(error)) throw error
    const reason =
      error instanceof FetchFailed ? `It could not be proven yet: ${error.message}.` : 'It holds something that cannot be stored.'
    await deps.database.transaction(ENGINE, async (tx) => {
      if (!(await lockFeedback(tx, claimed))) return
      await settleFeedback(tx, claimed, error instanceof FetchFailed ? later(claimed, reason, now) : ended('failed', reason), now)
    })
  }
}

async function read(deps: ApplyDeps, claimed: ClaimedFeedback, now: Date): Promise<{ reading: Reading; source: FeedbackSource }> {
  const { workspaceId, routeId, source, headers, body, receivedAt } = claimed
  if (claimed.tries > MAX_TRIES)
    return { source, reading: { kind: 'failed', reason: 'Reading it failed again and again; the log has the cause.' } }
  if (!body) return { source, reading: { kind: 'failed', reason: 'What came is not kept any more: it is older than a week.' } }
  if (source === 'dsn' || source === 'arf') {
    const mail = { recipient: headers.recipient ?? '', sender: headers.sender ?? '', body }
    return await readMail(deps.parser, mail, [returnPathKey(deps.secrets)])
  }
  const { db } = deps.database
  const way = routeId && (await findRoute(db, workspaceId, routeId))?.way
  if (!way || way.kind !== source) return { source, reading: { kind: 'ignored', reason: 'The route was removed.' } }
  const reading = await readTold({ kind: source, topicArn: way.settings.topic_arn, headers, body, receivedAt }, deps.verify, now)
  if (reading.kind === 'ignored' && reading.topic !== undefined) await noteSeenTopic(db, workspaceId, routeId, reading.topic)
  // A list that we asked for is no sign that the topic works.
  const isTold = headers[POLLED] === undefined && (reading.kind === 'news' || reading.kind === 'subscription')
  if (isTold) await noteBelieved(db, workspaceId, routeId, now)
  if (reading.kind === 'subscription') {
    const url = confirmationUrl(source, way.settings.topic_arn ?? '', reading.token)
    if (url === null) return { source, reading: { kind: 'failed', reason: 'The topic has no region that is known.' } }
    await deps.fetchText(url)
    await noteConfirmed(db, workspaceId, routeId, now)
  }
  return { source, reading }
}

async function outcomeOf(tx: Tx, claimed: ClaimedFeedback, reading: Reading, now: Date): Promise<FeedbackOutcome> {
  switch (reading.kind) {
    case 'ignored':
    case 'failed':
      return ended(reading.kind, reading.reason)
    case 'subscription':
      return { ...ended('applied', null), happenedAt: null }
    case 'news': {
      const came: Recorded[] = []
      for (const news of reading.news) came.push(await tell(tx, claimed, news, now))
      const open = came.filter((result) => result === 'missing' || result === 'early').length
      const facts = { events: came.length, happenedAt: reading.happenedAt }
      if (open === 0) return { ...ended('applied', null), ...facts }
      return { ...parked(claimed, came.includes('early'), `${open} of ${came.length}`, now), ...facts }
    }
  }
}

async function tell(tx: Tx, claimed: ClaimedFeedback, news: News, now: Date): Promise<Recorded> {
  const id = await findDelivery(tx, claimed, news)
  const told = { source: claimed.source, feedbackId: claimed.id }
  return id ? await recordFeedback(tx, claimed.workspaceId, id, toFeedback(told, news, now), now) : 'missing'
}

/** News as it is recorded, with who told it. */
export function toFeedback(told: Pick<Heard, 'source' | 'feedbackId'>, news: News, now: Date): Feedback {
  const { key, happenedAt, status, diagnostic, kind, failure } = news
  const heard = { ...told, key, happenedAt, status, diagnostic }
  if (kind === 'complained')
    return {
      kind,
      heard,
      note: diagnostic
        ? `The recipient reported this message as spam (${diagnostic}).`
        : 'The recipient reported this message as spam.',
    }
  if (kind !== 'bounced') return { kind, heard }
  if (failure) return { kind, heard, reason: reasonOf(failure, now) }
  throw new TypeError('a bounce has a failure')
}

function ended(state: 'applied' | 'ignored' | 'failed' | 'unmatched', reason: string | null): FeedbackOutcome {
  return { state, reason, dueAt: null, parkedUntil: null, events: 0, happenedAt: null }
}

/** Looked for again, less and less often, for a day. */
function parked(claimed: ClaimedFeedback, isEarly: boolean, which: string, now: Date): FeedbackOutcome {
  const until = claimed.parkedUntil ?? new Date(now.getTime() + PARKED_FOR_MS)
  const why = isEarly
    ? 'It came before our own note that the message was sent.'
    : `Nothing is known that ${which === '1 of 1' ? 'it speaks' : `${which} of them speak`} of.`
  const dueAt = new Date(now.getTime() + waitOf(claimed.tries))
  if (dueAt > until) return ended('unmatched', `${why} It was looked for during a day.`)
  return { ...ended('applied', null), state: 'parked', reason: why, dueAt, parkedUntil: until }
}

function later(claimed: ClaimedFeedback, reason: string, now: Date): FeedbackOutcome {
  const until = claimed.parkedUntil ?? new Date(now.getTime() + PARKED_FOR_MS)
  const dueAt = new Date(now.getTime() + waitOf(claimed.tries))
  return dueAt > until
    ? ended('failed', reason)
    : { ...ended('applied', null), state: 'parked', reason, dueAt, parkedUntil: until }
}

function waitOf(tries: number): number {
  return WAITS_MS[Math.min(Math.max(tries, 1), WAITS_MS.length) - 1] ?? HOUR
}
