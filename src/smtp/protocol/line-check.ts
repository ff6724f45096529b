import { isAscii } from 'node:buffer'

const [CR, LF] = [13, 10]
/** RFC 5321 §4.5.3.1.6, without the CRLF. */
const LINE_MAX = 998

/** What a content can be refused for: the first thing found. */
export type LineFault =
  | { readonly kind: 'bare_cr' | 'bare_lf' | 'nul'; readonly line: number }
  | { readonly kind: 'long_line'; readonly line: number; readonly bytes: number }

/**
 * Looks at a content while it comes. A CR or LF alone is what servers disagree about, and so how one mail becomes two (RFC 5321 §2.3.8 forbids
 * both); a NUL or an endless line no server carries.
 */
export class LineCheck {
  fault: LineFault | null = null
  eightBit = false
  #line = 1
  #length = 0
  #afterCr = false

  take(bytes: Buffer): void {
    if (this.fault) return
    if (!this.eightBit && !isAscii(bytes)) this.eightBit = true
    if (bytes.includes(0)) this.fault = { kind: 'nul', line: this.#line }
    else this.#lines(bytes)
  }

  /** A CR at the very end had nothing after it. */
  end(): void {
    if (this.#afterCr) this.fault ??= { kind: 'bare_cr', line: this.#line }
  }

  /** True when the content so far ends a line. */
  get atLineStart(): boolean {
    return this.#length === 0 && !this.#afterCr
  }

  #lines(bytes: Buffer): undefined {
    let at = 0
    if (this.#afterCr && bytes.length > 0) {
      if (bytes[0] !== LF) return this.#found('bare_cr')
      at = 1
      this.#next()
    }
    while (at < bytes.length) {
      const cr = bytes.indexOf(CR, at)
      const end = cr === -1 ? bytes.length : cr
      const lf = bytes.indexOf(LF, at)
      if (lf !== -1 && lf < end) return this.#found('bare_lf')
      this.#length += end - at
      if (this.#length > LINE_MAX) {
        this.fault = { kind: 'long_line', line: this.#line, bytes: this.#length }
        return
      }
      if (cr === -1) return
      if (cr + 1 === bytes.length) {
        this.#afterCr = true
        return
      }
      if (bytes[cr + 1] !== LF) return this.#found('bare_cr')
      this.#next()
      at = cr + 2
    }
  }

  #next(): void {
    this.#line += 1
    this.#length = 0
    this.#afterCr = false
  }

  #found(kind: 'bare_cr' | 'bare_lf'): undefined {
    this.fault = { kind, line: this.#line }
  }
}
