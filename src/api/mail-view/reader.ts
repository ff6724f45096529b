import { Worker } from 'node:worker_threads'
import { Refusal } from '../../errors.ts'
import { SECOND } from '../../lib/clock.ts'
import { createLimiter } from '../../lib/limiter.ts'
import type { MailView } from '../../mail/view-mail.ts'
import type { Answer, Question } from './worker.ts'

/** Reads mails for people in a thread of its own: whatever a mail holds, the server goes on, and the thread has limits of time and memory. */
export interface MailReader {
  view(bytes: Buffer, options: { images: boolean; styles: boolean }): Promise<MailView>
  attachment(bytes: Buffer, index: number): Promise<{ filename: string; content: Uint8Array } | null>
  close(): Promise<void>
}

const TIMEOUT_MS = 15 * SECOND
const WAITING = 20
const HEAP_MB = 384
const WORKER = new URL('./worker.ts', import.meta.url)

export function createMailReader(): MailReader {
  const limiter = createLimiter({ concurrency: 1, waiting: WAITING })
  let worker: Worker | null = null

  /** Idle, it keeps no process alive. */
  const running = (): Worker => {
    worker ??= new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB }, stdout: true, stderr: true })
    worker.unref()
    return worker
  }
  const ask = async <T>(question: Question): Promise<T> => {
    const asked = limiter.run(() => askOne(running(), question))
    if (!asked) throw new Refusal('too_busy', { retryAfterSeconds: 5 })
    try {
      const answer = await asked
      if (!answer.ok) throw new Refusal('mail_unreadable', { why: answer.message })
      return answer.value as T
    } catch (error) {
      if (error instanceof Refusal) throw error
      // Too long or too much: that thread is given up, the next mail gets a new one.
      await worker?.terminate()
      worker = null
      throw new Refusal('mail_unreadable', { why: error instanceof Error ? error.message : String(error) })
    }
  }
  return {
    view: (bytes, options) => ask({ ask: 'view', bytes, ...options }),
    attachment: (bytes, index) => ask({ ask: 'attachment', bytes, index }),
    async close() {
      await worker?.terminate()
      worker = null
    },
  }
}

function askOne(worker: Worker, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(() => reject(new Error('The mail is kept but not shown: reading it takes too long.'))),
      TIMEOUT_MS,
    )
    const onMessage = (answer: Answer) => end(() => resolve(answer))
    const onError = (error: Error) => end(() => reject(new Error(`The mail is kept but not shown: ${error.message}.`)))
    const onExit = () => end(() => reject(new Error('The mail is kept but not shown: reading it takes too much memory.')))
    const end = (settle: () => void) => {
      clearTimeout(timer)
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      settle()
    }
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    worker.postMessage(question)
  })
}
