import { type Anchor, anchorsOf } from '../mail/html-anchors.ts'
import { fill, type Pieces, piecesOf } from '../mail/placeholder.ts'
import { isUnsubscribeLink } from './unsubscribe.ts'

/** Links beyond these lead where they led before. */
const MAX_LINKS = 200
/** No letter has more; looking at each costs time that others wait for. */
const MAX_ANCHORS = 5_000
export const MAX_URL = 8_000

export interface Rewriting {
  readonly opens: boolean
  readonly clicks: boolean
  /** `https://links.example.com`, without a slash at its end. */
  readonly base: string
  readonly standIn: string
  /** Links to these are left as they are. */
  readonly unsubscribe: readonly string[]
  /** Whether `{{ name }}` stands for a value. */
  readonly isTemplate: boolean
  /** Links that are left as they are, beside those that lead off a list. */
  leaves?(href: string): boolean
}

export interface Rewritten {
  readonly html: string
  /** Where the links lead, from the first on; with `{{ name }}` in them where the text is a template. */
  readonly urls: readonly string[]
}

/** The HTML with its links through us and a picture at its end, and nothing else changed. */
export function rewrite(html: string, wanted: Rewriting): Rewritten {
  const numbers = new Map<string, number>()
  let [out, at, looked] = ['', 0, 0]
  for (const anchor of wanted.clicks ? anchorsOf(html) : []) {
    if (++looked > MAX_ANCHORS) break
    const url = urlOf(anchor, wanted)
    if (url === null || (numbers.size >= MAX_LINKS && !numbers.has(url))) continue
    const n = numbers.get(url) ?? numbers.size + 1
    numbers.set(url, n)
    out += `${html.slice(at, anchor.start)}${wanted.base}/t/c/${wanted.standIn}/${n}`
    at = anchor.end
  }
  out += html.slice(at)
  return { html: wanted.opens ? withPicture(out, `${wanted.base}/t/o/${wanted.standIn}.gif`) : out, urls: [...numbers.keys()] }
}

/** Where a link leads that may be exchanged; null for one that stays. */
function urlOf({ href, quoted, attributes, text }: Anchor, { base, unsubscribe, isTemplate, leaves }: Rewriting): string | null {
  if (leaves?.(href)) return null
  if (attributes.get('data-track')?.trim().toLowerCase() === 'off') return null
  if (unsubscribe.includes(href) || isUnsubscribeLink(href, text) || attributes.get('rel')?.includes('unsubscribe')) return null
  const pieces = isTemplate ? piecesOf(href) : ALONE(href)
  // The values must not decide whose server it is: links lead to where the writer of the text wanted them to, whoever supplied the values.
  if (pieces.names.length > 0 && !(quoted && /^https?:\/\/[^/?#\\]+[/?#]/i.test(pieces.literals[0] ?? ''))) return null
  if (!quoted && isTemplate && href.includes('{{')) return null
  const url = webUrl(fill(pieces, Object.fromEntries(pieces.names.map((name) => [name, 'x']))))
  if (url === null || url.startsWith(`${base}/t/`)) return null
  return pieces.names.length > 0 ? href : url
}

const ALONE = (text: string): Pieces => ({ literals: [text], names: [] })

/** As a browser would write it; null for what is no address of the web, or too long. */
export function webUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { href, protocol } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && href.length <= MAX_URL ? href : null
}

function withPicture(html: string, url: string): string {
  const picture = `<img src="${url}" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px">`
  const end = html.toLowerCase().lastIndexOf('</body')
  return end === -1 ? `${html}${picture}` : `${html.slice(0, end)}${picture}${html.slice(end)}`
}
