import sanitizeHtml from 'sanitize-html'
import { ATTRIBUTES, RULES } from './html-rules.ts'
import { safeStyle } from './html-style.ts'
import { QUOTE_MARK, quoteMarkOf } from './quote/markup.ts'

export interface HtmlOptions {
  /** Where the picture of a Content-ID is to be had, or null when the mail has none by that id. */
  readonly cidUrl: (contentId: string) => string | null
  readonly allowRemoteImages: boolean
  /** Keep a mark where mail programs begin to quote; the names they know these places by do not pass otherwise. */
  readonly markQuotes?: boolean
}

export interface SafeHtml {
  /** A fragment for a sandboxed frame: no script, no style sheet, no form, nothing that loads but pictures that were allowed. */
  readonly html: string
  /** Pictures from elsewhere, shown or not: loading them tells the sender who reads, when and where. */
  readonly remoteImages: number
  /** True when the mail was longer than is shown. */
  readonly truncated: boolean
}

const LENGTH_MAX = 1_000_000
const TAGS_MAX = 15_000
/** Deeper than this, reading itself becomes slow: its time grows with the square of the depth. */
const NESTING_MAX = 2_000

/**
 * What a stranger wrote, made safe to show: only known elements, attributes and styles pass. The frame it is shown in has no scripts and an
 * origin of its own; this is the first of the two locks, and holds alone.
 */
export function sanitizeMailHtml(html: string, options: HtmlOptions): SafeHtml {
  let remoteImages = 0
  const end = endOfReadable(html)
  const clean = sanitizeHtml(html.slice(0, end), {
    ...(options.markQuotes ? MARKING_RULES : RULES),
    transformTags: {
      body: (_, attributes) => ({ tagName: 'div', attribs: withSafeStyle(attributes) }),
      a: (tagName, attributes) => ({ tagName, attribs: link(withSafeStyle(attributes)) }),
      img: (tagName, attributes) => {
        const { picture, remote } = image(withSafeStyle(attributes), options)
        if (remote) remoteImages += 1
        return { tagName, attribs: picture }
      },
      '*': (tagName, attributes) => {
        const mark = options.markQuotes ? quoteMarkOf(tagName, attributes) : null
        const attribs = withSafeStyle(attributes)
        return { tagName, attribs: mark === null ? attribs : { ...attribs, [QUOTE_MARK]: mark } }
      },
    },
  })
  return { html: clean, remoteImages, truncated: end < html.length }
}

/** Elements that cannot hold one of their own kind, or nothing at all: however many there are, they make no depth. */
const FLAT =
  /^(?:br|hr|img|wbr|col|meta|link|input|area|base|embed|source|track|param|p|li|dt|dd|td|th|tr|option|thead|tbody|tfoot)$/i

/** Where a page that would take too long to read is cut. */
function endOfReadable(html: string): number {
  let depth = 0
  let tags = 0
  for (const match of html.matchAll(/<(\/?)([a-z][a-z0-9]{0,20})?/gi)) {
    tags += 1
    if (match[2] !== undefined && !FLAT.test(match[2])) depth = Math.max(0, depth + (match[1] === '' ? 1 : -1))
    if (tags > TAGS_MAX || depth > NESTING_MAX || match.index > LENGTH_MAX) return Math.min(match.index, LENGTH_MAX)
  }
  return Math.min(html.length, LENGTH_MAX)
}

const MARKING_RULES = {
  ...RULES,
  allowedAttributes: { ...ATTRIBUTES, '*': [...ATTRIBUTES['*'], QUOTE_MARK] },
}

type Attributes = Record<string, string>

/** A mark of ours that a stranger wrote is none. */
function withSafeStyle({ style, [QUOTE_MARK]: _mark, ...others }: Attributes): Attributes {
  const safe = style === undefined ? '' : safeStyle(style)
  return safe === '' ? others : { ...others, style: safe }
}

/** The link goes where it says, in a tab of its own that knows nothing of us; the place it goes to is shown on hovering. */
function link({ href, title: _title, target: _target, rel: _rel, ...others }: Attributes): Attributes {
  const target = href === undefined ? null : absolute(href, /^(?:https?:\/\/|mailto:|tel:)/i)
  if (target === null) return others
  return { ...others, href: target, title: target, target: '_blank', rel: 'noopener noreferrer nofollow' }
}

const DATA_IMAGE = /^data:image\/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=]*$/i

function image(
  { src, referrerpolicy: _policy, ...others }: Attributes,
  options: HtmlOptions,
): { picture: Attributes; remote: boolean } {
  const source = (src ?? '').replace(/[\x00-\x20]/g, '')
  if (/^cid:/i.test(source)) {
    const url = options.cidUrl(decoded(source.slice(4)))
    return { picture: url === null ? others : { ...others, src: url }, remote: false }
  }
  if (DATA_IMAGE.test(source)) return { picture: { ...others, src: source }, remote: false }
  const remote = absolute(source.startsWith('//') ? `https:${source}` : source, /^https?:\/\//i)
  if (remote === null) return { picture: others, remote: false }
  if (!options.allowRemoteImages) return { picture: others, remote: true }
  return { picture: { ...others, src: remote, referrerpolicy: 'no-referrer' }, remote: true }
}

/** An address that begins as it must and that means the same to every reader; a relative one would lead to ourselves. */
function absolute(text: string, beginning: RegExp): string | null {
  const plain = text.replace(/[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g, '')
  if (!beginning.test(plain) || plain.length > 8_000) return null
  try {
    return new URL(plain).href
  } catch {
    return null
  }
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
