/**
 * The links of an HTML text, found where they stand, so that one can be exchanged without touching anything around it. Not a parser: what it is
 * not sure about (an attribute that does not end, an entity it does not know, the inside of comments) it does not report.
 */
export interface Anchor {
  /** Of the value of `href`, without its quotes. */
  readonly start: number
  readonly end: number
  readonly quoted: boolean
  /** With entities decoded and white space around it removed. */
  readonly href: string
  /** Names in lower case. */
  readonly attributes: ReadonlyMap<string, string>
  /** The beginning of what is inside, without markup. */
  readonly text: string
}

const NAME = /[a-zA-Z][^\s/>]*/y
const ATTRIBUTE = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"'][^\s>]*))?/y
const TAG_END = /[\s/]*>/y
const MAX_ATTRIBUTES = 100
const MAX_INSIDE = 500
/** What is inside is text, whatever it looks like. */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext'])

export function* anchorsOf(html: string): Generator<Anchor> {
  let at = html.indexOf('<')
  while (at !== -1) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4)
      if (end === -1) return
      at = html.indexOf('<', end + 3)
      continue
    }
    const name = matchAt(NAME, html, at + 1)?.[0].toLowerCase()
    if (name === undefined) {
      at = html.indexOf('<', at + 1)
      continue
    }
    const tag = tagAt(html, at + 1 + name.length)
    if (tag.isWhole && RAW.has(name)) {
      const end = endOfRaw(html, name, tag.end)
      if (end === -1) return
      at = end
      continue
    }
    if (tag.isWhole && (name === 'a' || name === 'area')) {
      const anchor = anchorOf(html, tag)
      if (anchor) yield anchor
    }
    at = html.indexOf('<', tag.end)
  }
}

interface Tag {
  readonly attributes: ReadonlyMap<string, { readonly start: number; readonly end: number; readonly quoted: boolean }>
  readonly end: number
  /** False where it does not end, or has too much in it: reading goes on behind what was read, so that no text is read twice. */
  readonly isWhole: boolean
}

function tagAt(html: string, from: number): Tag {
  const attributes = new Map<string, { start: number; end: number; quoted: boolean }>()
  let at = from
  for (let n = 0; n <= MAX_ATTRIBUTES; n++) {
    const end = matchAt(TAG_END, html, at)
    if (end) return { attributes, end: at + end[0].length, isWhole: true }
    const found = matchAt(ATTRIBUTE, html, at)
    if (!found) break
    at += found[0].length
    const value = found[2] ?? ''
    const quoted = value.startsWith('"') || value.startsWith("'")
    const name = (found[1] ?? '').toLowerCase()
    // Of two of one name the first counts, as in browsers.
    if (!attributes.has(name))
      attributes.set(name, { start: at - value.length + (quoted ? 1 : 0), end: at - (quoted ? 1 : 0), quoted })
  }
  return { attributes, end: at, isWhole: false }
}

function anchorOf(html: string, tag: Tag): Anchor | null {
  const place = tag.attributes.get('href')
  const href = place && decodeEntities(html.slice(place.start, place.end))?.trim()
  if (!place || !href) return null
  const attributes = new Map([...tag.attributes].map(([name, { start, end }]) => [name, html.slice(start, end)] as const))
  return { ...place, href, attributes, text: textFrom(html, tag.end) }
}

function textFrom(html: string, from: number): string {
  const inside = html.slice(from, from + MAX_INSIDE)
  const end = inside.search(/<\/a[\s>]/i)
  return (end === -1 ? inside : inside.slice(0, end)).replace(/<[^<>]*>/g, ' ')
}

function endOfRaw(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? -1
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  sol: '/',
  colon: ':',
  num: '#',
}

/** Null where an entity is named that is not known here: a wrong guess would lead elsewhere. */
export function decodeEntities(text: string): string | null {
  let isKnown = true
  const decoded = text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z][a-z0-9]{1,31}));/gi,
    (_, hex?: string, decimal?: string, name?: string) => {
      const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
      const character = name === undefined ? characterOf(code) : ENTITIES[name]
      if (character === undefined) isKnown = false
      return character ?? ''
    },
  )
  return isKnown ? decoded : null
}

function characterOf(code: number): string | undefined {
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : undefined
}
