import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import { lessonOfDismissal, lessonOfRefusal, speaksOfConnections } from '../../receivers/lesson.ts'
import type { LimitBook } from '../../receivers/limit-book.ts'
import type { Lesson } from '../../receivers/limits.ts'
import type { Door, Visitor } from '../smtp/door.ts'
import type { Ending } from '../smtp/ending.ts'
import { beginWith, type Concurrency, connectionsOf, grow, shrink, withMax } from './concurrency.ts'

/**
 * The way to one receiver, through whichever of its servers: so many connections as it takes well, and what its answers teach. The pools in
 * front of it take turns.
 */
export class ReceiverDoor implements Door {
  readonly receiver: string
  readonly #book: LimitBook
  #concurrency: Concurrency
  #messages: number
  #open = 0
  /** A connection too many: what it teaches is known when those that were on their way have arrived. */
  #tooMany: SmtpReply | null = null
  readonly #inside = new Set<Visitor>()
  readonly #waiting = new Set<Visitor>()
  /** Called when connections from now on carry another number of messages. */
  readonly #onMessages: (receiver: string, maxMessagesPerConnection: number) => void

  constructor(receiver: string, book: LimitBook, onMessages: (receiver: string, maxMessagesPerConnection: number) => void) {
    this.receiver = receiver
    this.#book = book
    this.#onMessages = onMessages
    const { maxConnections, maxMessagesPerConnection } = book.limitsOf(receiver)
    this.#concurrency = beginWith(maxConnections)
    this.#messages = maxMessagesPerConnection
  }

  get open(): number {
    return this.#open
  }

  get limit(): number {
    return connectionsOf(this.#concurrency)
  }

  get maxConnections(): number {
    return this.#concurrency.max
  }

  get maxMessages(): number {
    return this.#messages
  }

  enter(visitor: Visitor): boolean {
    if (this.#open < this.limit) {
      this.#open += 1
      this.#waiting.delete(visitor)
      this.#inside.add(visitor)
      return true
    }
    this.#waiting.add(visitor)
    // A connection that has nothing to do makes room for one that has.
    for (const other of this.#inside) if (other !== visitor && other.yieldOne()) break
    return false
  }

  leave(): void {
    this.#open -= 1
    this.#conclude()
    this.#letIn()
  }

  /** A pool that is closed for good. */
  forget(visitor: Visitor): void {
    this.#inside.delete(visitor)
    this.#waiting.delete(visitor)
  }

  refused(ending: Ending): void {
    if (ending.stage !== 'dns' && ending.stage !== 'config') this.shrink()
    if (ending.kind === 'reply' && speaksOfConnections(ending.reply)) this.#tooMany = ending.reply
    this.#conclude()
  }

  dismissed(used: number, reply: SmtpReply): void {
    this.#learn(lessonOfDismissal(used, reply))
  }

  grow(): void {
    this.#conclude()
    this.#concurrency = grow(this.#concurrency)
    this.#heed()
    this.#letIn()
  }

  shrink(): void {
    this.#concurrency = shrink(this.#concurrency)
  }

  #conclude(): void {
    const established = [...this.#inside].reduce((sum, visitor) => sum + visitor.established, 0)
    if (this.#tooMany === null || this.#open > established) return
    const reply = this.#tooMany
    this.#tooMany = null
    this.#learn(lessonOfRefusal(established, reply))
  }

  #learn(lesson: Lesson | null): void {
    if (lesson === null) return
    this.#book.learn(this.receiver, lesson)
    this.#heed()
  }

  /** Limits change by lessons, and by the days that pass since. */
  #heed(): void {
    const { maxConnections, maxMessagesPerConnection } = this.#book.limitsOf(this.receiver)
    this.#concurrency = withMax(this.#concurrency, maxConnections)
    if (maxMessagesPerConnection === this.#messages) return
    this.#messages = maxMessagesPerConnection
    this.#onMessages(this.receiver, maxMessagesPerConnection)
  }

  /** Whoever waits may try, as long as there is room: a pool whose work was done meanwhile does not come in. */
  #letIn(): void {
    for (const visitor of [...this.#waiting]) {
      if (this.#open >= this.limit) return
      this.#waiting.delete(visitor)
      visitor.knock()
    }
  }
}
