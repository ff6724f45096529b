import { decodeCharset } from '../charset.ts'

/** The words of an RTF, or the HTML that was wrapped in one (MS-OXRTFEX). */
export interface RtfWords {
  readonly html: string | null
  readonly text: string | null
}

/** What the compression begins with (MS-OXRTFCP §2.1.2.1). */
const DICTIONARY =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx'
const RAW_MAX = 4 * 1024 * 1024
const WINDOW = 4096

/** Unpacks a compressed RTF (MS-OXRTFCP §2.2); null for what is none. What is broken ends it there. */
export function unpackRtf(packed: Buffer): Buffer | null {
  if (packed.length < 16) return null
  const size = Math.min(packed.readUInt32LE(4), RAW_MAX)
  const kind = packed.toString('latin1', 8, 12)
  if (kind === 'MELA') return packed.subarray(16, 16 + size)
  if (kind !== 'LZFu') return null
  const window = Buffer.alloc(WINDOW)
  let write = window.write(DICTIONARY, 'latin1')
  const out = Buffer.alloc(size)
  let length = 0
  const put = (byte: number) => {
    window[write] = byte
    write = (write + 1) % WINDOW
    if (length < size) out[length++] = byte
  }
  for (let at = 16; at < packed.length && length < size; ) {
    const flags = packed[at++] as number
    for (let bit = 0; bit < 8 && at < packed.length; bit += 1) {
      if ((flags & (1 << bit)) === 0) {
        put(packed[at++] as number)
        continue
      }
      const reference = ((packed[at] ?? 0) << 8) | (packed[at + 1] ?? 0)
      at += 2
      const from = reference >> 4
      if (from === write) return out.subarray(0, length)
      for (let i = 0; i < (reference & 15) + 2; i += 1) put(window[(from + i) % WINDOW] as number)
    }
  }
  return out.subarray(0, length)
}

interface Group {
  /** What stands here is not for readers: fonts, colours, pictures. */
  readonly isHidden: boolean
  readonly isTag: boolean
}

const TOKEN = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+/g
const HIDDEN =
  /^(?:fonttbl|colortbl|stylesheet|info|pict|object|themedata|listtable|listoverridetable|generator|filetbl|header|footer|rsidtbl|xmlnstbl)$/
const BREAKS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  tab: '\t',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  endash: '–',
  emdash: '—',
}
const DEPTH_MAX = 200

export function wordsOfRtf(rtf: Buffer): RtfWords {
  const source = rtf.toString('latin1')
  const head = source.slice(0, 4_000)
  const isHtml = /\\fromhtml1\b/.test(head)
  const reader = new RtfReader(isHtml, `cp${/\\ansicpg(\d{3,5})/.exec(head)?.[1] ?? '1252'}`)
  for (const match of source.matchAll(TOKEN)) if (!reader.take(match)) break
  const words = reader.words()
  return { html: isHtml ? words : null, text: isHtml ? null : words }
}

/** Follows the groups of an RTF and collects what is meant for readers. */
class RtfReader {
  readonly #isHtml: boolean
  readonly #charset: string
  readonly #out: string[] = []
  readonly #groups: Group[] = [{ isHidden: false, isTag: false }]
  #bytes: number[] = []
  #isRtfOnly = false
  /** Characters that stand in for the last one, for programs that do not know it. */
  #skip = 0

  constructor(isHtml: boolean, charset: string) {
    this.#isHtml = isHtml
    this.#charset = charset
  }

  /** False where it goes deeper than any letter does. */
  take([token, word, number, hex, symbol, brace, text]: RegExpExecArray): boolean {
    if (hex !== undefined) this.byte(Number.parseInt(hex, 16))
    else if (brace === '{') {
      if (this.#groups.length >= DEPTH_MAX) return false
      this.#groups.push(this.#groups.at(-1) as Group)
    } else if (brace === '}') this.leave()
    else if (word !== undefined) this.command(word, number)
    else if (symbol !== undefined) this.sign(symbol)
    else if (text !== undefined) {
      this.say(token.slice(this.#skip))
      this.#skip = 0
    }
    return true
  }

  words(): string | null {
    this.say('')
    return this.#out.join('').toWellFormed().trim() || null
  }

  private isShown(): boolean {
    const { isHidden, isTag } = this.#groups.at(-1) as Group
    return isTag || (!isHidden && !(this.#isHtml && this.#isRtfOnly))
  }

  private say(text: string): void {
    if (this.#bytes.length > 0) this.#out.push(decodeCharset(Buffer.from(this.#bytes), this.#charset))
    this.#bytes = []
    if (text !== '' && this.isShown()) this.#out.push(text)
  }

  private byte(value: number): void {
    if (this.#skip > 0) this.#skip -= 1
    else if (this.isShown()) this.#bytes.push(value)
  }

  private leave(): void {
    this.say('')
    if (this.#groups.length > 1) this.#groups.pop()
  }

  private mark(change: Partial<Group>): void {
    this.#groups[this.#groups.length - 1] = { ...(this.#groups.at(-1) as Group), ...change }
  }

  private command(word: string, number: string | undefined): void {
    if (word === 'htmlrtf') {
      this.say('')
      this.#isRtfOnly = number !== '0'
    } else if (word === 'htmltag') this.mark({ isTag: true, isHidden: false })
    else if (word === 'u') {
      this.say(String.fromCharCode(Number(number ?? 0) & 0xffff))
      this.#skip = 1
    } else if (HIDDEN.test(word)) this.mark({ isHidden: true })
    else if (BREAKS[word] !== undefined) this.say(BREAKS[word])
  }

  private sign(symbol: string): void {
    if (symbol === '*') this.mark({ isHidden: true })
    else if (symbol === '~') this.say('\u00a0')
    else if (/[\\{}]/.test(symbol)) this.say(symbol)
  }
}
