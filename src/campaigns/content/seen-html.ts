/** What a program that reads mail finds in a page: its links and its pictures. */
import { anchorsOf, decodeEntities } from '../../mail/html-anchors.ts'

export interface FoundLink {
  readonly url: string
  /** What stands between its tags. */
  readonly text: string
  readonly problem: 'empty' | 'not_encrypted' | 'not_a_link' | null
}

export interface FoundImage {
  readonly url: string
  readonly alt: string | null
  readonly problem: 'no_alt' | 'not_encrypted' | 'not_a_link' | 'this_machine' | null
}

const MAX_FOUND = 500

/** Each address once, in their order. */
export function linksIn(html: string): FoundLink[] {
  const found = new Map<string, FoundLink>()
  for (const { href, text } of anchorsOf(html)) {
    if (found.size >= MAX_FOUND) break
    if (!found.has(href))
      found.set(href, { url: href, text: text.replace(/\s+/g, ' ').trim().slice(0, 200), problem: wrongWith(href) })
  }
  const empty = [...html.matchAll(/<a\s[^>]{0,2000}?href\s*=\s*(?:""|'')/gi)].length
  return [...found.values(), ...(empty > 0 ? [{ url: '', text: '', problem: 'empty' as const }] : [])]
}

function wrongWith(url: string): FoundLink['problem'] {
  if (url === '#' || url === '') return 'empty'
  if (/^(?:mailto|tel|sms|webcal):./i.test(url) || url.startsWith('#')) return null
  if (!URL.canParse(url)) return 'not_a_link'
  const { protocol } = new URL(url)
  return protocol === 'https:' ? null : protocol === 'http:' ? 'not_encrypted' : 'not_a_link'
}

export function imagesIn(html: string): FoundImage[] {
  const found: FoundImage[] = []
  for (const [tag] of html.matchAll(/<img\s(?:[^>"']|"[^"]{0,20000}"|'[^']{0,20000}'){0,20000}>/gi)) {
    if (found.length >= MAX_FOUND) break
    const url = attribute(tag, 'src') ?? ''
    const alt = attribute(tag, 'alt')
    // One pixel is no picture.
    if (attribute(tag, 'width') === '1' && attribute(tag, 'height') === '1') continue
    found.push({ url, alt, problem: wrongImage(url, alt) })
  }
  return found
}

function wrongImage(url: string, alt: string | null): FoundImage['problem'] {
  if (/^(?:data|cid):/i.test(url)) return alt === null ? 'no_alt' : null
  if (!URL.canParse(url)) return 'not_a_link'
  const { protocol, hostname } = new URL(url)
  if (/^(?:localhost|127\.|\[::1\])/.test(hostname)) return 'this_machine'
  if (protocol !== 'https:') return protocol === 'http:' ? 'not_encrypted' : 'not_a_link'
  return alt === null ? 'no_alt' : null
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>"']+))`, 'i').exec(tag)
  const text = value?.[1] ?? value?.[2] ?? value?.[3]
  return text === undefined ? (new RegExp(`\\s${name}(?=[\\s/>])`, 'i').test(tag) ? '' : null) : (decodeEntities(text) ?? text)
}
