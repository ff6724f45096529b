import { parentPort, type TransferListItem } from 'node:worker_threads'
import { type ParseLimits, type ParseResult, parseMail } from './parse.ts'

/** Reads mails in a thread of its own; see mail-parser.ts, which starts it. */
parentPort?.on('message', async ({ id, bytes, limits }: { id: number; bytes: Uint8Array; limits: ParseLimits }) => {
  const result = await parseMail(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits)
  parentPort?.postMessage({ id, result }, memoryOf(result))
})

/** Files are handed over, not copied: each has memory of its own (mime/file.ts). */
function memoryOf(result: ParseResult): TransferListItem[] {
  if (result.kind !== 'parsed') return []
  return [...new Set(result.mail.attachments.map(({ bytes }) => bytes.buffer as ArrayBuffer))]
}
