import { Worker } from 'node:worker_threads'
import { PARSE_LIMITS, type ParseLimits, type ParseResult, parseMail } from './parse.ts'
import { type MailReading, readMail } from './read-mail.ts'

/** Reads mails without ever holding up the process: large ones in threads, each of which is ended when it takes too long or too much memory. */
export interface MailParser {
  parse(bytes: Buffer): Promise<ParseResult>
  /** With its new words told from quoted ones. */
  read(bytes: Buffer): Promise<MailReading>
  close(): Promise<void>
}

export interface ParserOptions {
  readonly deadlineMs?: number
  readonly memoryMb?: number
  readonly limits?: ParseLimits
  /** Threads at most; they are started when they are needed. */
  readonly threads?: number
}

/** What is to be done with a mail. */
export type ParserTask = 'parse' | 'read'
type Result = ParseResult | MailReading

interface Job {
  readonly id: number
  readonly task: ParserTask
  readonly bytes: Buffer
  readonly resolve: (result: Result) => void
}

/** Up to this size the counts that make a mail slow are small enough for the caller's own thread. */
const INLINE_MAX = 64 * 1024
const WAITING_MAX = 100
const START_LIMIT_MS = 60_000

export function createMailParser(options: ParserOptions = {}): MailParser {
  const { deadlineMs = 5_000, memoryMb = 512, limits = PARSE_LIMITS, threads = 2 } = options
  const waiting: Job[] = []
  const readers = Array.from({ length: threads }, () => createReader({ deadlineMs, memoryMb, limits }, () => waiting.shift()))
  let nextId = 1
  let closed = false

  async function run(task: ParserTask, bytes: Buffer): Promise<Result> {
    if (closed) return unreadable('the server is stopping')
    if (bytes.length <= INLINE_MAX || bytes.length > limits.bytes) {
      return task === 'read' ? readMail(bytes, limits) : parseMail(bytes, limits)
    }
    if (waiting.length >= WAITING_MAX) return unreadable('too many mails are waiting to be read; try again in a moment')
    return new Promise((resolve) => {
      waiting.push({ id: nextId++, task, bytes, resolve })
      // A second thread is started when the first one is busy only.
      readers.find((reader) => reader.isFree())?.next()
    })
  }

  return {
    parse: (bytes) => run('parse', bytes),
    read: (bytes) => run('read', bytes) as Promise<MailReading>,
    async close() {
      closed = true
      for (const job of waiting.splice(0)) job.resolve(unreadable('the server is stopping'))
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}

interface Reader {
  isFree(): boolean
  /** Takes the next mail that waits, if one does. */
  next(): void
  close(): Promise<void>
}

/** One thread, which comes and goes, and the mail it reads. */
function createReader(options: Required<Omit<ParserOptions, 'threads'>>, take: () => Job | undefined): Reader {
  const { deadlineMs, memoryMb, limits } = options
  let worker: Worker | null = null
  let current: Job | null = null
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function start(): Worker {
    const started = new Worker(new URL('./parse-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    started.on('message', ({ id, result }: { id: number; result: Result | null }) => {
      if (id !== current?.id) return
      if (result !== null) finish(result)
      else limit(started, deadlineMs, `reading it took longer than ${deadlineMs / 1_000} seconds`)
    })
    started.on('error', () => lose(started, 'it needed more memory than reading a mail may take'))
    started.on('exit', () => lose(started, 'the reader stopped'))
    started.unref()
    return started
  }

  function limit(busy: Worker, limitMs: number, reason: string): void {
    clearTimeout(timer)
    timer = setTimeout(() => lose(busy, reason), limitMs)
  }

  function finish(result: Result): void {
    clearTimeout(timer)
    current?.resolve(result)
    current = null
    worker?.unref()
    next()
  }

  /** A thread that failed, or was ended, is not used again. */
  function lose(lost: Worker, reason: string): void {
    if (lost !== worker) return
    worker = null
    void lost.terminate()
    if (current) finish(unreadable(reason))
  }

  function next(): void {
    if (current || closed) return
    const job = take()
    if (!job) return
    current = job
    worker ??= start()
    worker.ref()
    const busy = worker
    // A thread that is new on a busy machine takes its time: the mail's own begins when the thread says so.
    limit(busy, START_LIMIT_MS, 'the reader did not start')
    worker.postMessage({ id: job.id, task: job.task, bytes: ofItsOwn(job.bytes), limits })
  }

  return {
    isFree: () => current === null && !closed,
    next,
    async close() {
      closed = true
      clearTimeout(timer)
      current?.resolve(unreadable('the server is stopping'))
      current = null
      const ended = worker
      worker = null
      await ended?.terminate()
    },
  }
}

/** What is sent to a thread takes its whole memory along: a small piece of a large one is copied first. */
function ofItsOwn(bytes: Buffer): Uint8Array {
  return bytes.buffer.byteLength > bytes.length + 4_096 ? new Uint8Array(bytes) : bytes
}

/** Reads one mail with a thread of its own if it needs one. For more than a few, keep a parser. */
export async function parseMailSafely(bytes: Buffer, options: ParserOptions = {}): Promise<ParseResult> {
  const parser = createMailParser(options)
  try {
    return await parser.parse(bytes)
  } finally {
    await parser.close()
  }
}

function unreadable(reason: string): Extract<ParseResult, { kind: 'unreadable' }> {
  return { kind: 'unreadable', reason }
}
