import { createHash, type Hash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import type { Progress } from '../../lib/progress.ts'

/** Lets bytes through and knows, in the end, how many they were and what they hash to. */
export class Measure extends Transform {
  bytes = 0
  readonly #hash: Hash = createHash('sha256')
  readonly #onBytes: ((bytes: number) => void) | undefined

  constructor(onBytes?: (bytes: number) => void) {
    super()
    this.#onBytes = onBytes
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length
    this.#hash.update(chunk)
    this.#onBytes?.(chunk.length)
    done(null, chunk)
  }

  /** To be asked once, at the end. */
  sha256(): string {
    return this.#hash.digest('hex')
  }
}

const EVERY_MS = 1_000

/** Tells at most once a second what is being done and how far it is. Quick work passes without a word. */
export function meter(progress: Progress, verb: string): { on(what: string): void; add(bytes: number): void } {
  let [subject, total, toldAt] = ['', 0, performance.now()]
  return {
    on(what) {
      subject = what
    },
    add(bytes) {
      total += bytes
      if (performance.now() - toldAt < EVERY_MS) return
      toldAt = performance.now()
      progress(`${verb} ${subject}: ${inMegabytes(total)} so far`)
    },
  }
}

export function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`
}
