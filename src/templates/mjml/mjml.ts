import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { MjmlRead } from './read-mjml.ts'

/** Reads MJML without ever holding up the process: one thread, started when it is needed, ended when a text takes too long or too much memory. */
export interface MjmlReader {
  /** The source must have been parsed as Liquid before. */
  read(source: string): Promise<MjmlRead>
  close(): Promise<void>
}

export interface MjmlOptions {
  readonly deadlineMs?: number
  readonly memoryMb?: number
}

interface Job {
  readonly id: number
  readonly source: string
  readonly resolve: (result: MjmlRead) => void
}

const START_LIMIT_MS = 60_000
const WAITING_MAX = 50
/** A preview asks for the same text with each person it is looked at for. */
const REMEMBERED = 20

export function createMjmlReader({ deadlineMs = 8_000, memoryMb = 256 }: MjmlOptions = {}): MjmlReader {
  const waiting: Job[] = []
  const remembered = new Map<string, MjmlRead>()
  let worker: Worker | null = null
  let isReady = false
  let current: Job | null = null
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let nextId = 1

  function start(): Worker {
    isReady = false
    const started = new Worker(new URL('./mjml-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    started.on('message', ({ id, result }: { id: number; result: MjmlRead | null }) => {
      if (started !== worker) return
      if (id === 0) {
        isReady = true
        if (current) post(started, current)
      } else if (id === current?.id && result) finish(result)
    })
    started.on('error', () => lose(started, 'This MJML needs more memory than reading it may take.'))
    started.on('exit', () => lose(started, 'The reader of MJML stopped. Try it again.'))
    started.unref()
    return started
  }

  /** Loading the library is not the text's own time. */
  function post(to: Worker, { id, source }: Job): void {
    clearTimeout(timer)
    timer = setTimeout(() => lose(to, `Reading this MJML takes longer than ${deadlineMs / 1_000} seconds.`), deadlineMs)
    to.postMessage({ id, source })
  }

  function finish(result: MjmlRead): void {
    clearTimeout(timer)
    current?.resolve(result)
    current = null
    worker?.unref()
    next()
  }

  /** A thread that failed, or was ended, is not used again. */
  function lose(lost: Worker, sentence: string): void {
    if (lost !== worker) return
    worker = null
    void lost.terminate()
    if (current) finish(failed(sentence))
  }

  function next(): void {
    if (current || isClosed) return
    const job = waiting.shift()
    if (!job) return
    current = job
    worker ??= start()
    const busy = worker
    busy.ref()
    if (isReady) post(busy, job)
    else timer = setTimeout(() => lose(busy, 'The reader of MJML did not start. Try it again.'), START_LIMIT_MS)
  }

  return {
    async read(source) {
      const key = createHash('sha256').update(source).digest('base64')
      const known = remembered.get(key)
      if (known) return known
      if (isClosed) return failed('The server is stopping.')
      if (waiting.length >= WAITING_MAX) return failed('Too many texts wait to be read. Try it again in a moment.')
      const result = await new Promise<MjmlRead>((resolve) => {
        waiting.push({ id: nextId++, source, resolve })
        next()
      })
      // What went wrong may go well the next time; only what was read is remembered.
      if (result.ok) {
        if (remembered.size >= REMEMBERED) remembered.delete(remembered.keys().next().value as string)
        remembered.set(key, result)
      }
      return result
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      for (const job of [...(current ? [current] : []), ...waiting.splice(0)]) job.resolve(failed('The server is stopping.'))
      current = null
      const ended = worker
      worker = null
      await ended?.terminate()
    },
  }
}

function failed(sentence: string): MjmlRead {
  return { ok: false, problems: [{ line: null, sentence }] }
}
