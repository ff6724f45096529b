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
  const isHtml = /\\fromhtml1\b/.test(source.slice(0, 4_000))
  const charset = `cp${/\\ansicpg(\d{3,5})/.exec(source.slice(0, 4_000))?.[1] ?? '1252'}`
  const out: string[] = []
  let bytes: number[] = []
  let groups: Group[] = [{ isHidden: false, isTag: false }]
  let [isRtfOnly, skip] = [false, 0]
  const isShown = () => {
    const { isHidden, isTag } = groups.at(-1) as Group
    return isTag || (!isHidden && !(isHtml && isRtfOnly))
  }
  const say = (text: string) => {
    if (bytes.length > 0) out.push(decodeCharset(Buffer.from(bytes), charset))
    bytes = []
    if (text !== '' && isShown()) out.push(text)
  }
  const enter = (change: Partial<Group>) => {
    groups = [...groups.slice(0, -1), { ...(groups.at(-1) as Group), ...change }]
  }
  for (const [token, word, number, hex, symbol, brace, text] of source.matchAll(TOKEN)) {
    if (hex !== undefined) {
      if (skip > 0) skip -= 1
      else if (isShown()) bytes.push(Number.parseInt(hex, 16))
    } else if (brace === '{') {
      if (groups.length >= DEPTH_MAX) break
      groups.push(groups.at(-1) as Group)
    } else if (brace === '}') {
      say('')
      if (groups.length > 1) groups.pop()
    } else if (word === 'htmlrtf') {
      say('')
      isRtfOnly = number !== '0'
    } else if (word === 'htmltag') enter({ isTag: true, isHidden: false })
    else if (word === 'u') {
      say(String.fromCharCode(Number(number ?? 0) & 0xffff))
      skip = 1
    } else if (word !== undefined) {
      if (HIDDEN.test(word)) enter({ isHidden: true })
      else if (BREAKS[word] !== undefined) say(BREAKS[word])
    } else if (symbol === '*') enter({ isHidden: true })
    else if (symbol !== undefined) {
      if (symbol === '~') say('\u00a0')
      else if (/[\\{}]/.test(symbol)) say(symbol)
    } else if (text !== undefined) {
      say(skip > 0 ? token.slice(1) : token)
      skip = 0
    }
  }
  say('')
  const words = out.join('').toWellFormed().trim()
  return words === '' ? { html: null, text: null } : isHtml ? { html: words, text: null } : { html: null, text: words }
}
