import type { Line } from './line.ts'
import { QUOTE_MARK } from './markup.ts'

/** A line that HTML shows, and where it begins there: always between two tags. */
export interface HtmlLine extends Line {
  readonly at: number
}

const TOKEN = /<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>|[^<]+|</g
const BLOCK = new Set(
  'address article aside blockquote caption center dd dir div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header li main menu nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
)
/** A line of space stands around these. */
const APART = new Set('p h1 h2 h3 h4 h5 h6 ul ol dl pre blockquote table'.split(' '))
const VOID = new Set(['br', 'hr', 'img', 'wbr', 'col'])
const MARK = new RegExp(`\\s${QUOTE_MARK}="(quote|rest)"`)

interface Element {
  readonly tag: string
  readonly quotes: boolean
}

const UNPLACED = -1

/** Turns cleaned HTML (html.ts) into its lines. A single pass; one object is alive for it. */
class LineReader {
  readonly lines: HtmlLine[] = []
  #open: Element[] = []
  #quotes = 0
  #pre = 0
  #text = ''
  #at: number | null = null
  #isQuoted = false
  #mark: 'quote' | 'rest' | undefined
  #isApart = true
  #unplaced = 0

  /** Whatever may begin a line is where it begins, unless it has begun. */
  begin(at: number): void {
    if (this.#at !== null) return
    this.#at = at
    this.place(at)
  }

  open(tag: string, attributes: string, at: number): void {
    const mark = MARK.exec(attributes)?.[1]
    if (BLOCK.has(tag)) this.block(tag)
    else if (tag === 'td' || tag === 'th') this.add(' ')
    this.begin(at)
    const quotes = mark === 'quote'
    if (quotes) this.#quotes += 1
    if (mark === 'rest') this.#mark = 'rest'
    if (tag === 'pre') this.#pre += 1
    if (tag === 'li') this.add('- ')
    if (tag === 'img') this.add(imageText(attributes))
    if (tag === 'br') this.end(true)
    if (tag === 'hr') this.rule()
    if (!VOID.has(tag)) this.#open.push({ tag, quotes })
  }

  close(tag: string): void {
    const element = this.#open.at(-1)
    if (element?.tag !== tag) return
    if (BLOCK.has(tag)) this.block(tag)
    this.#open.pop()
    if (element.quotes) this.#quotes -= 1
    if (tag === 'pre') this.#pre -= 1
  }

  text(source: string, at: number): void {
    const text = decoded(source)
    if (this.#pre === 0) {
      const words = text.replace(/[ \t\r\n\f]+/g, ' ')
      if (words.trim() !== '' || words.includes('\u00a0')) this.begin(at)
      this.add(words)
      return
    }
    const [first = '', ...others] = text.split(/\r\n|\n|\r/)
    this.begin(at)
    this.add(first)
    for (const line of others) {
      this.end(true)
      // Lines of one text have one place to be cut at, before the first of them.
      this.begin(at)
      this.add(line)
    }
  }

  /** The end of the document. */
  finish(length: number): readonly HtmlLine[] {
    this.end(false)
    this.place(length)
    return this.lines
  }

  private add(text: string): void {
    if (text === '') return
    if (text.trim() !== '' && this.#text.trim() === '') {
      this.#isQuoted = this.#quotes > 0
      this.#text = this.#pre > 0 ? this.#text : ''
      this.#text += this.#pre > 0 ? text : text.trimStart()
    } else if (this.#text !== '' || this.#pre > 0 || text.includes('\u00a0')) this.#text += text
  }

  private block(tag: string): void {
    this.end(false)
    if (!APART.has(tag) || this.#isApart) return
    this.lines.push({ text: '', quoted: this.#quotes > 0, at: this.#at ?? UNPLACED })
    if (this.#at === null) this.#unplaced += 1
    this.#isApart = true
  }

  /** An empty line that stands around a block begins where what follows the block does. */
  private place(at: number): void {
    for (; this.#unplaced > 0; this.#unplaced -= 1) {
      const index = this.lines.length - this.#unplaced
      this.lines[index] = { ...(this.lines[index] as HtmlLine), at }
    }
  }

  private rule(): void {
    this.end(false)
    this.#text = '_____'
    this.#isQuoted = this.#quotes > 0
    this.end(false)
  }

  private end(isForced: boolean): void {
    const text = this.#text.trimEnd()
    if (text === '' && !isForced) {
      this.#text = ''
      return
    }
    const quoted = text === '' ? this.#quotes > 0 : this.#isQuoted
    const marked = this.#mark ?? (quoted ? 'quote' : undefined)
    this.lines.push({ text, quoted, marked, at: this.#at ?? this.lines.at(-1)?.at ?? 0 })
    if (text !== '') this.#mark = undefined
    this.#text = ''
    this.#at = null
    this.#isApart = text === ''
  }
}

export function htmlLines(html: string): readonly HtmlLine[] {
  const reader = new LineReader()
  for (const match of html.matchAll(TOKEN)) {
    const [token, slash, tag, attributes = ''] = match
    if (tag === undefined) reader.text(token, match.index)
    else if (slash === '/') reader.close(tag)
    else reader.open(tag, attributes, match.index)
  }
  return reader.finish(html.length)
}

/** Pictures that carry something: described ones, and those that came with the mail. Spacers and counters say nothing. */
function imageText(attributes: string): string {
  const alt = decoded(/\salt="([^"]{1,200})/.exec(attributes)?.[1] ?? '').trim()
  if (alt !== '') return `[${alt}]`
  return /\ssrc="(?:cid|data):/.test(attributes) ? '[image]' : ''
}

/** Cleaning leaves no other entities. */
function decoded(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
