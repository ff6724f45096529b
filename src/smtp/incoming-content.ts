import type { Intake } from './policy.ts'
import { LineCheck, type LineFault } from './protocol/line-check.ts'
import { isRefusal, type Reply, reply } from './protocol/reply.ts'
import { replyTo as refusalOf } from './refusals.ts'

const END_OF_LINE = Buffer.from('\r\n')
/** So far beyond the limit that the client does not mean to listen. */
const HOPELESS = 4

/** The content of one mail on its way in: measured and checked for everybody, then given to its intake. What was refused is read over to its end. */
export class IncomingContent {
  readonly #maxBytes: number
  readonly #check = new LineCheck()
  #intake: Intake | null
  #refusal: Reply | null
  #size = 0

  constructor(taken: Intake | Reply, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#intake = 'write' in taken ? taken : null
    this.#refusal = 'write' in taken ? null : taken
  }

  /** Why it is not wanted, as far as is known now. */
  get refusal(): Reply | null {
    return this.#refusal
  }

  /** True when reading on to the end would be a gift to an attacker. */
  get isHopeless(): boolean {
    return this.#size > this.#maxBytes * HOPELESS
  }

  write(bytes: Buffer): Promise<void> | undefined {
    this.#size += bytes.length
    if (this.#refusal) return undefined
    if (this.#size > this.#maxBytes) return this.#refuse(tooLarge(this.#maxBytes))
    this.#check.take(bytes)
    if (this.#check.fault) return this.#refuse(replyTo(this.#check.fault))
    return this.#keep(bytes)
  }

  async finish(): Promise<Reply> {
    this.#check.end()
    if (this.#check.fault) this.#refuse(replyTo(this.#check.fault))
    else if (!this.#check.atLineStart) await this.#keep(END_OF_LINE) // BDAT may end in the middle of a line
    const intake = this.#intake
    this.#intake = null
    if (this.#refusal || !intake) return this.#refusal ?? reply(451, '4.3.0', 'The mail was not kept.')
    try {
      const answer = await intake.finish({ eightBit: this.#check.eightBit })
      if (isRefusal(answer)) intake.discard()
      return answer
    } catch (error) {
      intake.discard()
      throw error
    }
  }

  discard(): void {
    this.#intake?.discard()
    this.#intake = null
  }

  /** What cannot be kept for a reason that can be told (the disk is full) is refused at the end of the mail, as anything else. */
  #keep(bytes: Buffer): Promise<void> | undefined {
    return this.#intake?.write(bytes)?.catch((error: unknown) => {
      const refusal = refusalOf(error)
      if (refusal) return this.#refuse(refusal)
      this.discard()
      throw error
    })
  }

  #refuse(refusal: Reply): undefined {
    this.#refusal ??= refusal
    this.discard()
  }
}

export function tooLarge(maxBytes: number): Reply {
  return reply(
    552,
    '5.3.4',
    `The mail is larger than ${maxBytes} bytes (${Math.floor(maxBytes / 1_048_576)} MB), the limit of this server.`,
  )
}

function replyTo(fault: LineFault): Reply {
  const where = `Line ${fault.line} of the mail`
  switch (fault.kind) {
    case 'bare_cr':
      return reply(550, '5.6.0', `${where} has a CR without its LF; lines end in CRLF and nothing else (RFC 5321, 2.3.8).`)
    case 'bare_lf':
      return reply(550, '5.6.0', `${where} has an LF without its CR; lines end in CRLF and nothing else (RFC 5321, 2.3.8).`)
    case 'nul':
      return reply(550, '5.6.0', `${where} or one soon after it holds a NUL byte, which no mail may contain.`)
    case 'long_line':
      return reply(
        550,
        '5.6.0',
        `${where} is longer than 998 bytes (RFC 5322, 2.1.1). Encode that part as quoted-printable or base64.`,
      )
  }
}
