import type { Wire } from '../wire.ts'
import type { Transaction } from './transaction.ts'

/** A body up to this size is written at once; a larger one in blocks of it, each with its time. */
export const BLOCK = 64 * 1024

/** What is about to be written: gathered while replies are heard, so that it leaves in one write. */
export class Outgoing {
  readonly #wire: Wire
  /** Replies that the server owes us for what was written. One more than that comes from a server out of step. */
  owed = 0
  #text = ''
  /** Replies that will be owed for `#text`: an answer that is there before its question left answers something else. */
  #replies = 0
  #bodies: Transaction[] = []
  #upload: Transaction | null = null
  #data = ''
  #at = 0

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** The transaction whose large body is leaving block by block: nothing else can be written meanwhile. */
  get uploading(): Transaction | null {
    return this.#upload
  }

  add(text: string, replies: number): void {
    this.#text += text
    this.#replies += replies
  }

  /** The end of a mail with its body, small enough to go with other things. */
  addBody(transaction: Transaction, text: string, replies: number): void {
    this.add(text, replies)
    this.#bodies.push(transaction)
  }

  flush(nowMs: number): void {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.owed += this.#replies
    this.#replies = 0
    this.#wire.write(text)
    if (this.#bodies.length === 0) return
    for (const transaction of this.#bodies) {
      isSent(transaction, nowMs)
      transaction.handoff.bodyLeft()
    }
    this.#bodies.length = 0
  }

  upload(transaction: Transaction, data: string, nowMs: number): void {
    this.flush(nowMs)
    this.#upload = transaction
    this.#data = data
    this.#at = 0
    this.uploadMore(nowMs)
  }

  /** The next blocks of a large body, as many as the connection takes now. */
  uploadMore(nowMs: number): void {
    const transaction = this.#upload
    if (transaction === null) return
    while (this.#at < this.#data.length) {
      const isFirst = this.#at === 0
      const block = this.#data.slice(this.#at, this.#at + BLOCK)
      this.#at += block.length
      const isLast = this.#at >= this.#data.length
      if (isLast) this.owed += 1
      const takesMore = this.#wire.write(block)
      if (isFirst) transaction.handoff.bodyLeft()
      if (!isLast && !takesMore) return
    }
    isSent(transaction, nowMs)
    this.#upload = null
    this.#data = ''
  }

  forget(): void {
    this.#text = ''
    this.#data = ''
    this.#upload = null
    this.#bodies.length = 0
  }
}

function isSent(transaction: Transaction, nowMs: number): void {
  transaction.bodySent = true
  transaction.bodyAtMs = nowMs
}
