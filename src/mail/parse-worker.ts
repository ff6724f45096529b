import { parentPort } from 'node:worker_threads'
import { type ParseLimits, parseMail } from './parse.ts'

/** Reads mails in a thread of its own; see mail-parser.ts, which starts it. */
parentPort?.on('message', async ({ id, bytes, limits }: { id: number; bytes: Uint8Array; limits: ParseLimits }) => {
  parentPort?.postMessage({ id, result: await parseMail(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits) })
})
