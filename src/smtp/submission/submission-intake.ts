import { createHash, type Hash, hash } from 'node:crypto'
import { allowsDomain, type Credential } from '../../accounts/credentials/credential.ts'
import type { BlobWriter } from '../../blobs/blob-writer.ts'
import type { Stream } from '../../delivery/stream.ts'
import { type MessageId, newId, type WorkspaceId } from '../../lib/ids.ts'
import { parseAddressList } from '../../mail/address.ts'
import { messageIdOf, parseMessageId } from '../../mail/message-id.ts'
import { type PreparedHead, prepareHead } from '../../mail/prepare-raw.ts'
import { type Field, readHead } from '../../mail/raw-head.ts'
import type { Envelope, Intake } from '../policy.ts'
import { isRefusal, type Reply, reply } from '../protocol/reply.ts'
import { NO_MEMORY, replyTo } from '../refusals.ts'
import { receivedLine, refuseLoop } from '../trace.ts'
import type { MemoryShare } from './memory-share.ts'
import { isOwnHeader, type OwnHeaders, readOwnHeaders } from './own-headers.ts'

/** What one mail is once its bytes are here. */
export interface TakenMail {
  readonly id: MessageId
  readonly head: PreparedHead
  readonly own: OwnHeaders
  readonly stream: Stream
  readonly writer: BlobWriter
  readonly eightBit: boolean
  /** Of the bytes as the client sent them. */
  readonly contentHash: Buffer
  /** The client's own, so that a repetition can be known by it; null: it gave none. */
  readonly givenMessageId: string | null
}

export interface IntakeSettings {
  readonly workspaceId: WorkspaceId
  readonly credential: Credential
  readonly envelope: Envelope
  readonly hostname: string
  readonly now: Date
  readonly memory: MemoryShare
  newWriter(): BlobWriter
  /** Keeps it for good, and says so. */
  keep(mail: TakenMail): Promise<Reply>
}

const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)
const HEAD_MAX = 256 * 1024

/**
 * A mail on its way from an application into the blob store. Its head is held until it is whole, judged and rewritten; the body behind it goes
 * straight through, so that a mail of 30 MB costs no more memory than a small one.
 */
export class SubmissionIntake implements Intake {
  readonly #settings: IntakeSettings
  readonly #id: MessageId
  /** The first piece waits: most mails come in one, and one look at it costs half of what a hash does that can be continued. */
  #first: Buffer | null = null
  #hash: Hash | null = null
  #head: Buffer = NOTHING
  #ready: Pick<TakenMail, 'head' | 'own' | 'stream' | 'writer' | 'givenMessageId'> | null = null
  #refusal: Reply | null = null

  constructor(settings: IntakeSettings) {
    this.#settings = settings
    this.#id = newId<MessageId>(settings.now.getTime())
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#refusal) return undefined
    this.#digest(bytes)
    const room = this.#settings.memory.grow(bytes.length)
    if (room instanceof Promise) return room.then((isGiven) => (isGiven ? this.#take(bytes) : this.#refuse(NO_MEMORY)))
    return this.#take(bytes)
  }

  async finish({ eightBit }: { readonly eightBit: boolean }): Promise<Reply> {
    if (!this.#ready && !this.#refusal) await this.#begin(this.#head, NOTHING)
    if (this.#refusal || !this.#ready) return this.#refusal ?? NO_MEMORY
    const mail = {
      ...this.#ready,
      id: this.#id,
      eightBit,
      contentHash: this.#hash?.digest() ?? hash('sha256', this.#first ?? NOTHING, 'buffer'),
    }
    const answer = await this.#settings.keep(mail)
    if (!isRefusal(answer)) this.#settings.memory.release()
    return answer
  }

  discard(): void {
    this.#settings.memory.release()
    this.#head = NOTHING
    void this.#ready?.writer.discard().catch(() => {})
    this.#ready = null
  }

  #digest(bytes: Buffer): void {
    if (this.#hash) this.#hash.update(bytes)
    else if (!this.#first) this.#first = bytes
    else {
      this.#hash = createHash('sha256').update(this.#first).update(bytes)
      this.#first = NOTHING
    }
  }

  #take(bytes: Buffer): Promise<void> | undefined {
    if (this.#ready) return this.#ready.writer.write(bytes)
    const searchFrom = Math.max(0, this.#head.length - HEAD_END.length + 1)
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    const isEmpty = this.#head[0] === 13
    const end = isEmpty ? 0 : this.#head.indexOf(HEAD_END, searchFrom)
    if (end === -1) {
      return this.#head.length > HEAD_MAX
        ? this.#refuse(reply(552, '5.3.4', `The header of the mail is larger than ${HEAD_MAX / 1024} KB.`))
        : undefined
    }
    const bodyAt = end + (isEmpty ? 2 : HEAD_END.length)
    return this.#begin(this.#head.subarray(0, end), this.#head.subarray(bodyAt))
  }

  #begin(head: Buffer, body: Buffer): Promise<void> | undefined {
    this.#head = NOTHING
    try {
      const { fields } = readHead(head.toString('latin1'))
      const judged = this.#judge(fields)
      if ('code' in judged) return this.#refuse(judged)
      const { hostname, envelope, now } = this.#settings
      const received = receivedLine(hostname, { id: this.#id, tls: envelope.client.tls !== null, signedIn: true }, now)
      const prepared = prepareHead(
        fields,
        { date: now, messageId: (author) => messageIdOf(this.#id, author.address.domain) },
        { first: [received], drops: isOwnHeader },
      )
      const writer = this.#settings.newWriter()
      const given = fields.find(({ key }) => key === 'message-id')
      this.#ready = { ...judged, head: prepared, writer, givenMessageId: given ? parseMessageId(given.value) : null }
      const text = Buffer.from(prepared.text, 'latin1')
      return writer.write(body.length === 0 ? text : Buffer.concat([text, body]))
    } catch (error) {
      const refusal = replyTo(error)
      if (!refusal) throw error
      return this.#refuse(refusal)
    }
  }

  #judge(fields: readonly Field[]): Reply | { own: OwnHeaders; stream: Stream } {
    const loop = refuseLoop(fields)
    if (loop) return loop
    const own = readOwnHeaders(fields)
    if (!own.ok) return reply(550, '5.6.0', own.why)
    const { credential } = this.#settings
    const stream = own.headers.stream ?? (credential.streams[0] as Stream)
    if (!credential.streams.includes(stream)) {
      return reply(
        550,
        '5.7.1',
        `X-Waybill-Stream says ${stream}; the credential "${credential.name}" may send on ${credential.streams.join(', ')} only.`,
      )
    }
    return refuseAuthors(credential, fields) ?? { own: own.headers, stream }
  }

  #refuse(refusal: Reply): undefined {
    this.#refusal ??= refusal
    this.discard()
  }
}

/** Every author is looked at, and the Sender: one field that is overlooked would be the one that is shown. */
function refuseAuthors(credential: Credential, fields: readonly Field[]): Reply | null {
  if (credential.fromDomains.length === 0) return null
  for (const { key, name, value } of fields) {
    if (key !== 'from' && key !== 'sender') continue
    const stranger = parseAddressList(value.trim()).mailboxes.find(({ address }) => !allowsDomain(credential, address.domain))
    if (stranger) return refuseDomain(credential, `The ${name} header`, stranger.address.domain)
  }
  return null
}

export function refuseDomain(credential: Credential, where: string, domain: string): Reply {
  const allowed = credential.fromDomains.slice(0, 3).join(', ') + (credential.fromDomains.length > 3 ? ' and others' : '')
  return reply(550, '5.7.1', `${where} names ${domain}; the credential "${credential.name}" may send from ${allowed} only.`)
}
