import { parentPort, type TransferListItem } from 'node:worker_threads'
import type { ParserTask } from './mail-parser.ts'
import { type ParseLimits, type ParseResult, parseMail } from './parse.ts'
import { readMail } from './read-mail.ts'

interface Asked {
  readonly id: number
  readonly task: ParserTask
  readonly bytes: Uint8Array
  readonly limits: ParseLimits
}

/** Reads mails in a thread of its own; see mail-parser.ts, which starts it. */
parentPort?.on('message', async ({ id, task, bytes, limits }: Asked) => {
  parentPort?.postMessage({ id, result: null })
  const mail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const result = await (task === 'read' ? readMail(mail, limits) : parseMail(mail, limits))
  parentPort?.postMessage({ id, result }, memoryOf(result))
})

/** Files are handed over, not copied: each has memory of its own (mime/file.ts). */
function memoryOf(result: ParseResult): TransferListItem[] {
  if (result.kind !== 'parsed') return []
  return [...new Set(result.mail.attachments.map(({ bytes }) => bytes.buffer as ArrayBuffer))]
}
