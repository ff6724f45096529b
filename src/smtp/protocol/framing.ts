const [CR, LF] = [13, 10]
const BEGIN = Buffer.from('\r\n.')
/** DATA begins at the beginning of a line, so that a dot there is one too. */
const START = Buffer.from('\r\n')

/**
 * Finds the end of what follows DATA: the five bytes CRLF . CRLF and nothing that merely looks like them (RFC 5321 §4.1.1.4); and takes away the
 * dot that begins a line (§4.5.2). What is left over at the end of a read, at most four bytes, waits for the next one.
 */
export class DataFraming {
  #tail: Buffer = START
  /** How many bytes of the tail were never sent. */
  #invented = START.length

  /** Gives `emit` the content. Answers where in `bytes` the commands go on, or -1 when the end has not come. */
  feed(bytes: Buffer, emit: (content: Buffer) => void): number {
    const kept = this.#tail.length
    const all = kept === 0 ? bytes : Buffer.concat([this.#tail, bytes])
    let from = this.#invented
    for (let search = 0; ; ) {
      const found = all.indexOf(BEGIN, search)
      if (found === -1) return this.#keep(all, from, all.length - endingOf(all), emit)
      const [next, afterNext] = [all[found + 3], all[found + 4]]
      if (next === undefined || (next === CR && afterNext === undefined)) return this.#keep(all, from, found, emit)
      if (found + 2 > from) emit(all.subarray(from, found + 2))
      if (next === CR && afterNext === LF) {
        this.#tail = START
        this.#invented = START.length
        return found + 5 - kept
      }
      from = found + 3
      search = from
    }
  }

  #keep(all: Buffer, from: number, until: number, emit: (content: Buffer) => void): number {
    if (until > from) emit(all.subarray(from, until))
    // Copied, for a few bytes must not hold on to all that was read with them.
    this.#tail = Buffer.from(all.subarray(Math.max(until, 0)))
    this.#invented = Math.max(0, from - until)
    return -1
  }
}

/** How many of the last bytes may begin the sequence. */
function endingOf(all: Buffer): number {
  const last = all[all.length - 1]
  if (last === CR) return 1
  return last === LF && all[all.length - 2] === CR ? 2 : 0
}
