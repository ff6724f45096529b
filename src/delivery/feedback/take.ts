/** The way in for what is told later: written down as it came, answered at once, made sense of afterwards. */
import { createHash } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { isId, newId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { Route } from '../routes/route.ts'
import { isWorkspace, selectWorkspaceOf } from './find-queries.ts'
import { readInletSecret, type TellingKind } from './inlet.ts'
import { noteReceived, selectInletOwner } from './inlet-queries.ts'
import { type FeedbackId, insertFeedback } from './queries.ts'
import { POLLED } from './read.ts'
import { readComplaintAddress, readReturnPath, returnPathKey } from './return-path.ts'

export { isReturnPath, returnPathKey } from './return-path.ts'

export interface TakeDeps {
  readonly database: Database
  readonly secrets: Pick<Secrets, 'hmac'>
  /** Called after the commit: a hint that there is something to read. */
  readonly wake: () => void
}

/** `unknown`: nobody here is told anything at this address. */
export type Taken = 'stored' | 'known' | 'unknown'

/** The largest that is kept of one piece. Reports come first in a bounce, and the mail that came back after them. */
export const MAX_KEPT_BYTES = 512 * 1024

export interface BounceMail {
  readonly envelopeSender: string
  readonly recipient: string
  readonly raw: Buffer
}

/** Mail to a return path or a complaint address. Once this has answered `stored` or `known`, it will be read; `unknown`: refuse it. */
export async function takeBounceMail({ database, secrets, wake }: TakeDeps, mail: BounceMail, now: Date): Promise<Taken> {
  const keys = [returnPathKey(secrets)]
  const workspaceId = await ownerOf(database, mail.recipient, keys)
  if (!workspaceId) return 'unknown'
  const isNew = await insertFeedback(
    database.db,
    {
      workspaceId,
      id: newId<FeedbackId>(now.getTime()),
      source: 'dsn',
      routeId: null,
      dedupeKey: digestOf(mail.recipient.toLowerCase(), withoutTrace(mail.raw)),
      headers: { recipient: mail.recipient, sender: mail.envelopeSender },
      body: mail.raw.subarray(0, MAX_KEPT_BYTES),
      sizeBytes: mail.raw.length,
    },
    now,
  )
  if (isNew) wake()
  return isNew ? 'stored' : 'known'
}

async function ownerOf({ db }: Database, recipient: string, keys: readonly Buffer[]): Promise<WorkspaceId | null> {
  const deliveryId = readReturnPath(recipient, keys)
  if (deliveryId) return await selectWorkspaceOf(db, deliveryId)
  const workspaceId = readComplaintAddress(recipient, keys)
  return workspaceId && (await isWorkspace(db, workspaceId)) ? workspaceId : null
}

/** A bounce that is delivered a second time differs in what its way wrote above it. */
function withoutTrace(raw: Buffer): Buffer {
  const text = raw.subarray(0, MAX_KEPT_BYTES).toString('latin1')
  const head = /^(?:(?:received|return-path|delivered-to|x-original-to):[^\n]*\n(?:[ \t][^\n]*\n)*)+/i.exec(text)
  return Buffer.from(head ? text.slice(head[0].length) : text, 'latin1')
}

export interface ToldByProvider {
  readonly kind: TellingKind
  readonly routeId: string
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * A request of a route's provider. Whether it is really the provider's is found out when it is read: that takes the network, and an answer
 * must not wait for it. Of a wrong secret nothing is written, and the database is not even asked.
 */
export async function takeFromProvider({ database, secrets, wake }: TakeDeps, told: ToldByProvider, now: Date): Promise<Taken> {
  if (!isId(told.routeId)) return 'unknown'
  const routeId = told.routeId as RouteId
  const generation = readInletSecret(secrets, told.kind, routeId, told.secret)
  if (generation === null) return 'unknown'
  const workspaceId = await selectInletOwner(database.db, routeId, told.kind, generation)
  if (!workspaceId) return 'unknown'
  const { body, headers } = told
  const isNew = await insertFeedback(
    database.db,
    {
      workspaceId,
      id: newId<FeedbackId>(now.getTime()),
      source: told.kind,
      routeId,
      // Of the whole: one that was not the provider's must never stand for one that is, whatever it calls itself.
      dedupeKey: digestOf(routeId, body),
      headers,
      body,
      sizeBytes: body.length,
    },
    now,
  )
  await noteReceived(database.db, workspaceId, routeId, now)
  if (isNew) wake()
  return isNew ? 'stored' : 'known'
}

function digestOf(context: string, body: Buffer): string {
  return createHash('sha256').update(context).update('\0').update(body).digest('base64url')
}

/** A page that we asked a route's provider for. False when nothing on it changed since. */
export async function takePolled(
  { db }: Database,
  route: Pick<Route, 'id' | 'workspaceId'>,
  body: Buffer,
  now: Date,
): Promise<boolean> {
  return await insertFeedback(
    db,
    {
      workspaceId: route.workspaceId,
      id: newId<FeedbackId>(now.getTime()),
      source: 'scaleway',
      routeId: route.id,
      dedupeKey: digestOf(route.id, body),
      headers: { [POLLED]: 'yes' },
      body,
      sizeBytes: body.length,
    },
    now,
  )
}
