import { parentPort } from 'node:worker_threads'
import { readAttachment, viewMail } from '../../mail/view-mail.ts'

/** What the reader asks of this thread, one thing at a time. */
export type Question =
  | { readonly ask: 'view'; readonly bytes: Uint8Array; readonly images: boolean; readonly styles: boolean }
  | { readonly ask: 'attachment'; readonly bytes: Uint8Array; readonly index: number }

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

parentPort?.on('message', async (question: Question) => {
  let answer: Answer
  try {
    answer = {
      ok: true,
      value:
        question.ask === 'view' ? await viewMail(question.bytes, question) : await readAttachment(question.bytes, question.index),
    }
  } catch (error) {
    answer = { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
  parentPort?.postMessage(answer)
})
