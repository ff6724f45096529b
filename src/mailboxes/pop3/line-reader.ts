import type { Socket } from 'node:net'
import { MailboxTrouble } from '../mailbox-problem.ts'

/** RFC 1939 §3 says 512 bytes; mail has lines far longer, and some servers pass them on as they are. */
const MAX_STATUS_LINE = 4 * 1024
const CR = 13
const LF = 10
const DOT = 46

/** Bytes of a connection as lines, with a limit for each wait and each length. One reader at a time. */
export interface LineReader {
  /** A status line, without its end. */
  line(): Promise<string>
  /**
   * Everything up to the line with a single dot, dots unstuffed (RFC 1939 §3). What is above `maxBytes` is read and dropped up to `dropBytes` more, so
   * that the session goes on; above that the server says more than it announced, and the session ends.
   */
  multiline(limits: {
    readonly maxBytes: number
    readonly dropBytes: number
  }): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }>
  /** Stops listening; what arrived and was not asked for is thrown away (RFC 2595 §4: nothing said before TLS may count after it). */
  release(): void
}

export function lineReader(socket: Socket, silenceMs: number): LineReader {
  let chunks: Buffer[] = []
  let failure: Error | null = null
  let wake: (() => void) | null = null
  const poke = () => {
    wake?.()
    wake = null
  }
  const onData = (bytes: Buffer) => {
    chunks.push(bytes)
    socket.pause()
    poke()
  }
  const onError = (error: Error) => {
    failure ??= error
    poke()
  }
  const onEnd = () => onError(new MailboxTrouble('connection', 'the connection was closed'))
  socket.on('data', onData).on('error', onError).on('end', onEnd).on('close', onEnd)

  /** Waits for bytes. Reading is paused meanwhile: a fast server waits for us, not in our memory. */
  async function next(): Promise<Buffer> {
    let chunk = chunks.shift()
    if (chunk === undefined) {
      if (failure) throw failure
      const timer = setTimeout(
        () => onError(new MailboxTrouble('timeout', `nothing was heard for ${Math.round(silenceMs / 1_000)} seconds`)),
        silenceMs,
      )
      socket.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
        if (failure || chunks.length > 0) resolve()
      })
      clearTimeout(timer)
      chunk = chunks.shift()
      if (chunk === undefined) throw failure ?? new MailboxTrouble('connection', 'the connection was closed')
    }
    return chunk
  }

  return {
    async line() {
      let held: Buffer = Buffer.alloc(0)
      for (;;) {
        const chunk = await next()
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
        const end = held.indexOf(LF)
        if (end !== -1) {
          if (end + 1 < held.length) chunks.unshift(held.subarray(end + 1))
          return held.toString('latin1', 0, end > 0 && held[end - 1] === CR ? end - 1 : end)
        }
        if (held.length > MAX_STATUS_LINE) throw new MailboxTrouble('protocol', 'it said a line that does not end')
      }
    },
    async multiline({ maxBytes, dropBytes }) {
      const body = unstuffing(maxBytes)
      for (;;) {
        const chunk = await next()
        const rest = body.take(chunk)
        if (rest !== null) {
          if (rest.length > 0) chunks.unshift(rest)
          return { bytes: body.bytes(), isCut: body.seen() > maxBytes }
        }
        if (body.seen() > maxBytes + dropBytes) throw new MailboxTrouble('too_large', 'it said more than it announced')
      }
    },
    release() {
      chunks = []
      socket.off('data', onData).off('error', onError).off('end', onEnd).off('close', onEnd)
    },
  }
}

/** Finds the line with a single dot, wherever chunks are cut, and takes the first dot off every other line that begins with one. */
function unstuffing(maxBytes: number) {
  const kept: Buffer[] = []
  let keptBytes = 0
  let seen = 0
  let place: 'start' | 'dot' | 'dot-cr' | 'inside' = 'start'
  const keep = (bytes: Buffer) => {
    seen += bytes.length
    const room = maxBytes - keptBytes
    if (room <= 0) return
    const part = bytes.length > room ? bytes.subarray(0, room) : bytes
    kept.push(part)
    keptBytes += part.length
  }
  return {
    /** What follows the end, or null while there is none. */
    take(chunk: Buffer): Buffer | null {
      let from = 0
      for (let at = 0; at < chunk.length; ) {
        if (place === 'inside') {
          const end = chunk.indexOf(LF, at)
          if (end === -1) break
          at = end + 1
          place = 'start'
          continue
        }
        const byte = chunk[at]
        if (place === 'start') {
          if (byte === DOT) {
            // The dot itself is never content: it is the end, or was put before another.
            keep(chunk.subarray(from, at))
            from = at + 1
            place = 'dot'
          } else place = 'inside'
          if (byte !== DOT && byte === LF) place = 'start'
          at++
        } else if (place === 'dot') {
          if (byte === LF) return chunk.subarray(at + 1)
          if (byte === CR) {
            keep(chunk.subarray(from, at))
            from = at + 1
            place = 'dot-cr'
            at++
          } else place = 'inside'
        } else {
          if (byte === LF) return chunk.subarray(at + 1)
          // A dot, a bare CR, and then something else: it was a line of the mail after all.
          keep(Buffer.from([CR]))
          place = 'inside'
        }
      }
      keep(chunk.subarray(from))
      return null
    },
    bytes: () => Buffer.concat(kept),
    seen: () => seen,
  }
}
