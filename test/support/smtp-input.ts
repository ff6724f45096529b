import type { Duplex } from 'node:stream'

/** What a client writes, read piece by piece, one character a byte. After the connection's end every read gives null. */
export class Input {
  #buffer = ''
  #ended = false
  #wake: (() => void) | null = null

  attach(stream: Duplex): void {
    stream.on('data', (bytes: Buffer) => {
      this.#buffer += bytes.toString('latin1')
      this.#wake?.()
    })
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#ended = true
        this.#wake?.()
      })
    }
  }

  /** Leaves the stream to somebody else, TLS for example. */
  detach(stream: Duplex): void {
    for (const event of ['data', 'end', 'close', 'error']) stream.removeAllListeners(event)
    stream.on('error', () => {})
  }

  async line(): Promise<string | null> {
    const line = await this.#until((buffer) => (buffer.includes('\n') ? buffer.indexOf('\n') + 1 : null))
    return line === null ? null : line.replace(/\r?\n$/, '')
  }

  bytes(count: number): Promise<string | null> {
    return this.#until((buffer) => (buffer.length >= count ? count : null))
  }

  /** A body up to the only sequence that may end it (RFC 5321 §4.1.1.4); its dots are still doubled. */
  async body(): Promise<string | null> {
    let searched = 0
    const body = await this.#until((buffer) => {
      if (buffer.startsWith('.\r\n')) return 3
      const end = buffer.indexOf('\r\n.\r\n', searched)
      searched = Math.max(0, buffer.length - 4)
      return end === -1 ? null : end + 5
    })
    return body === null ? null : body.slice(0, -3)
  }

  /** Resolves when the client is gone. */
  async end(): Promise<void> {
    await this.#until(() => null)
  }

  async #until(lengthOf: (buffer: string) => number | null): Promise<string | null> {
    for (;;) {
      const length = lengthOf(this.#buffer)
      if (length !== null) {
        const taken = this.#buffer.slice(0, length)
        this.#buffer = this.#buffer.slice(length)
        return taken
      }
      if (this.#ended) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
