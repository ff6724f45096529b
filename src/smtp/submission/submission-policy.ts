import { hash } from 'node:crypto'
import { allowsDomain, type Credential } from '../../accounts/credentials/credential.ts'
import { type CredentialAnswer, signInCredential } from '../../accounts/credentials/sign-in.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Database } from '../../db/database.ts'
import { MAX_MESSAGE_BYTES, MAX_RECIPIENTS } from '../../delivery/message.ts'
import { listRoutes } from '../../delivery/routes/manage.ts'
import { prepareReceived } from '../../gateway/prepare-received.ts'
import { KEY_LIFETIME_DAYS } from '../../gateway/send-request.ts'
import { repetitionKey } from '../../gateway/send-several.ts'
import { type Clock, DAY, MINUTE } from '../../lib/clock.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { MemoryBudget } from '../../lib/memory-budget.ts'
import { type Address, formatAddress } from '../../mail/address.ts'
import { after, type Client, type Envelope, type Intake, type Policy, type Soon, type Visit } from '../policy.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { DATABASE_AWAY, NO_MEMORY, replyTo } from '../refusals.ts'
import type { CommitGroup, Outcome } from './commit-group.ts'
import { MemoryShare } from './memory-share.ts'
import { refuseDomain, SubmissionIntake, type TakenMail } from './submission-intake.ts'

export interface SubmissionDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
  readonly group: CommitGroup
  readonly budget: MemoryBudget
  readonly hostname: string
}

/** A client whose 250 was lost tries again within minutes; the same mail later is meant. */
const REPETITION_MS = 10 * MINUTE

/** Takes mail from applications that have a credential, for anybody. */
export function submissionPolicy(deps: SubmissionDeps): Policy {
  return {
    name: 'submission',
    maxBytes: MAX_MESSAGE_BYTES,
    maxRecipients: MAX_RECIPIENTS,
    signsIn: true,
    visit: () => new SubmissionVisit(deps),
  }
}

class SubmissionVisit implements Visit {
  readonly #deps: SubmissionDeps
  #known: Extract<CredentialAnswer, { kind: 'known' }> | null = null

  constructor(deps: SubmissionDeps) {
    this.#deps = deps
  }

  get isKnown(): boolean {
    return this.#known !== null
  }

  async signIn(username: string, secret: string, client: Client): Promise<Reply> {
    const { database, clock } = this.#deps
    let answer: CredentialAnswer
    try {
      answer = await signInCredential(database, { username, secret, ip: client.address }, clock.now())
    } catch (error) {
      // RFC 4954 §4.7.2: a temporary failure, so that the client keeps its password and tries again.
      if (replyTo(error)) return reply(454, '4.7.0', DATABASE_AWAY.text)
      throw error
    }
    switch (answer.kind) {
      case 'known':
        this.#known = answer
        return reply(235, '2.7.0', `Welcome, ${answer.credential.name}.`)
      case 'wrong_place':
        return reply(
          535,
          '5.7.8',
          `The credential "${answer.credential.name}" may not be used from ${client.address}, but from ${answer.credential.networks.slice(0, 3).join(', ')} only.`,
        )
      case 'throttled':
        return reply(454, '4.7.0', `Too many failed tries from ${client.address}. Try again in ${answer.waitSeconds} seconds.`)
      case 'unknown':
        return reply(535, '5.7.8', 'Username and password do not belong together, or the credential has ended.')
    }
  }

  sender(address: Address | null): Reply | null {
    const { credential } = this.#signedIn()
    return address === null || allowsDomain(credential, address.domain)
      ? null
      : refuseDomain(credential, 'MAIL FROM', address.domain)
  }

  /** Anybody: whom we do not write to is decided where all mail comes by. */
  recipient(): null {
    return null
  }

  receive(envelope: Envelope): Soon<Intake | Reply> {
    const { blobs, budget, clock, hostname } = this.#deps
    const { credential, workspaceId } = this.#signedIn()
    const memory = new MemoryShare(budget)
    return after(memory.take(envelope.parameters.size), (isGiven) =>
      isGiven
        ? new SubmissionIntake({
            workspaceId,
            credential,
            envelope,
            hostname,
            now: clock.now(),
            memory,
            newWriter: () => blobs.write(workspaceId),
            keep: (mail) => this.#keep(mail, envelope),
          })
        : NO_MEMORY,
    )
  }

  async #keep(mail: TakenMail, envelope: Envelope): Promise<Reply> {
    const { credential, workspaceId } = this.#signedIn()
    const { clock, group, database } = this.#deps
    try {
      const viaRoute = credential.sandbox ? await sandboxOf(database, workspaceId) : null
      const now = clock.now()
      const key = keyOf(mail, envelope, credential, now)
      const prepared = prepareReceived(
        {
          id: mail.id,
          head: mail.head,
          eightBit: mail.eightBit,
          stream: mail.stream,
          tags: mail.own.tags,
          metadata: mail.own.metadata,
          content: await mail.writer.finish(),
          envelopeSender: envelope.sender,
          recipients: envelope.recipients.map(({ address }) => address),
          viaRoute,
          requestHash: meaningOf(mail, envelope),
        },
        { workspaceId, actor: `credential:${credential.id}`, origin: originOf(credential, envelope) },
        now,
      )
      return toReply(await group.add({ ...prepared, key, credentialId: credential.id }), credential)
    } catch (error) {
      const refusal = replyTo(error)
      if (!refusal) throw error
      return refusal
    }
  }

  #signedIn(): { credential: Credential; workspaceId: WorkspaceId } {
    if (!this.#known) throw new TypeError('nobody has signed in')
    return this.#known
  }
}

async function sandboxOf({ db }: Database, workspaceId: WorkspaceId): Promise<RouteId> {
  const sandbox = (await listRoutes(db, workspaceId)).find(({ way }) => way.kind === 'sandbox')
  if (!sandbox) throw new TypeError('a workspace keeps its sandbox')
  return sandbox.id
}

/**
 * Under which key a mail is known when it comes again. The application's own key holds for days. Without one, the same mail with the same Message-ID
 * to the same recipients is the repetition of a client that did not hear our 250.
 */
function keyOf(mail: TakenMail, envelope: Envelope, credential: Credential, now: Date): { text: string; expiresAt: Date } | null {
  if (mail.own.idempotencyKey !== null)
    return { text: mail.own.idempotencyKey, expiresAt: new Date(now.getTime() + KEY_LIFETIME_DAYS * DAY) }
  if (mail.givenMessageId === null) return null
  const said = JSON.stringify([credential.id, mail.givenMessageId, mail.contentHash.toString('base64'), ...envelopeOf(envelope)])
  const fingerprint = hash('sha256', said, 'buffer')
  return { text: repetitionKey(fingerprint), expiresAt: new Date(now.getTime() + REPETITION_MS) }
}

/**
 * What has to be equal for two mails under one key to be the same request. Not the bytes: an application that sends anew writes another date, another
 * Message-ID, other boundaries.
 */
function meaningOf({ head, stream }: TakenMail, envelope: Envelope): Buffer {
  return hash('sha256', JSON.stringify(['smtp', stream, head.subject, ...envelopeOf(envelope)]), 'buffer')
}

function envelopeOf({ sender, recipients }: Envelope): string[] {
  return [sender === null ? '' : formatAddress(sender), ...recipients.map(({ address }) => formatAddress(address)).sort()]
}

/** Kept with the message: who gave it to us, from where, and what it asked for in reports (RFC 3461). */
function originOf(credential: Credential, { client, parameters, recipients }: Envelope): Record<string, unknown> {
  const asked = recipients
    .filter(({ parameters: own }) => own.notify !== null || own.orcpt !== null)
    .map(({ address, parameters: own }) => ({ recipient: formatAddress(address), notify: own.notify, orcpt: own.orcpt }))
  const { ret, envid } = parameters
  return {
    kind: 'smtp',
    by: credential.name,
    credential: credential.id,
    client: client.address,
    hello: client.hello,
    ...((ret !== null || envid !== null || asked.length > 0) && { dsn: { ret, envid, recipients: asked } }),
  }
}

function toReply(outcome: Outcome, credential: Credential): Reply {
  switch (outcome.kind) {
    case 'accepted':
      return reply(250, '2.0.0', `Taken as ${outcome.id}`)
    case 'key_reused':
      return reply(
        550,
        '5.5.4',
        'This X-Waybill-Idempotency-Key came with another sender, subject or other recipients before. Use a new key for a new mail.',
      )
    case 'ended':
      return reply(550, '5.7.1', `The credential "${credential.name}" was revoked or has expired.`)
    case 'too_fast':
      return reply(
        450,
        '4.7.1',
        `The credential "${credential.name}" may write to ${outcome.ratePerMinute} recipients a minute. Try again in ${outcome.waitSeconds} seconds.`,
      )
  }
}
