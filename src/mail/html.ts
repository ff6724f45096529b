import sanitizeHtml from 'sanitize-html'
import { safeStyle } from './html-style.ts'

export interface HtmlOptions {
  /** Where the picture of a Content-ID is to be had, or null when the mail has none by that id. */
  readonly cidUrl: (contentId: string) => string | null
  readonly allowRemoteImages: boolean
}

export interface SafeHtml {
  /** A fragment for a sandboxed frame: no script, no style sheet, no form, nothing that loads but pictures that were allowed. */
  readonly html: string
  /** Pictures from elsewhere that were left out: loading them tells the sender who reads, when and where. */
  readonly blockedImages: number
  /** True when the mail was longer than is shown. */
  readonly truncated: boolean
}

const LENGTH_MAX = 1_000_000
const TAGS_MAX = 30_000
/** Deeper than this, elements are left out and their content is kept. */
const DEPTH_MAX = 100
/** Deeper than this, reading itself becomes slow: its time grows with the square of the depth. */
const NESTING_MAX = 2_000

const TAGS = [
  ...[
    'a',
    'abbr',
    'address',
    'article',
    'aside',
    'b',
    'bdi',
    'bdo',
    'big',
    'blockquote',
    'br',
    'caption',
    'center',
    'cite',
    'code',
    'col',
  ],
  ...[
    'colgroup',
    'dd',
    'del',
    'dfn',
    'dir',
    'div',
    'dl',
    'dt',
    'em',
    'figcaption',
    'figure',
    'font',
    'footer',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
  ],
  ...[
    'h6',
    'header',
    'hr',
    'i',
    'img',
    'ins',
    'kbd',
    'li',
    'main',
    'mark',
    'menu',
    'nav',
    'ol',
    'p',
    'pre',
    'q',
    's',
    'samp',
    'section',
  ],
  ...[
    'small',
    'span',
    'strike',
    'strong',
    'sub',
    'sup',
    'table',
    'tbody',
    'td',
    'tfoot',
    'th',
    'thead',
    'time',
    'tr',
    'tt',
    'u',
    'ul',
    'var',
    'wbr',
  ],
]

/** Their content is not text for people; neither it nor they are shown. */
const SILENT_TAGS = [
  ...[
    'script',
    'style',
    'textarea',
    'option',
    'select',
    'noscript',
    'title',
    'xmp',
    'iframe',
    'noembed',
    'noframes',
    'plaintext',
    'svg',
  ],
  ...['math', 'template', 'object', 'embed', 'applet', 'audio', 'video', 'canvas', 'frameset'],
]

const ATTRIBUTES = {
  '*': ['align', 'bgcolor', 'border', 'color', 'dir', 'height', 'lang', 'style', 'valign', 'width'],
  a: ['href', 'title', 'target', 'rel'],
  font: ['face', 'size'],
  img: ['alt', 'src', 'title', 'referrerpolicy'],
  ol: ['start', 'type'],
  table: ['cellpadding', 'cellspacing', 'rules', 'summary'],
  td: ['colspan', 'rowspan', 'nowrap'],
  th: ['colspan', 'rowspan', 'nowrap', 'scope'],
  col: ['span'],
  colgroup: ['span'],
}

/**
 * What a stranger wrote, made safe to show: only known elements, attributes and styles pass. The frame it is shown in has no scripts and an
 * origin of its own; this is the first of the two locks, and holds alone.
 */
export function sanitizeMailHtml(html: string, options: HtmlOptions): SafeHtml {
  let blockedImages = 0
  const end = endOfReadable(html)
  const clean = sanitizeHtml(html.slice(0, end), {
    allowedTags: TAGS,
    allowedAttributes: ATTRIBUTES,
    nonTextTags: SILENT_TAGS,
    nestingLimit: DEPTH_MAX,
    // Styles and addresses are judged by our own functions, which know nothing but what they allow.
    parseStyleAttributes: false,
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['http', 'https', 'data'] },
    allowProtocolRelative: false,
    transformTags: {
      body: (_, attributes) => ({ tagName: 'div', attribs: withSafeStyle(attributes) }),
      a: (tagName, attributes) => ({ tagName, attribs: link(withSafeStyle(attributes)) }),
      img: (tagName, attributes) => {
        const { picture, blocked } = image(withSafeStyle(attributes), options)
        if (blocked) blockedImages += 1
        return { tagName, attribs: picture }
      },
      '*': (tagName, attributes) => ({ tagName, attribs: withSafeStyle(attributes) }),
    },
  })
  return { html: clean, blockedImages, truncated: end < html.length }
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

type Attributes = Record<string, string>

function withSafeStyle({ style, ...others }: Attributes): Attributes {
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
): { picture: Attributes; blocked: boolean } {
  const source = (src ?? '').replace(/[\x00-\x20]/g, '')
  if (/^cid:/i.test(source)) {
    const url = options.cidUrl(decoded(source.slice(4)))
    return { picture: url === null ? others : { ...others, src: url }, blocked: false }
  }
  if (DATA_IMAGE.test(source)) return { picture: { ...others, src: source }, blocked: false }
  const remote = absolute(source.startsWith('//') ? `https:${source}` : source, /^https?:\/\//i)
  if (remote === null) return { picture: others, blocked: false }
  if (!options.allowRemoteImages) return { picture: others, blocked: true }
  return { picture: { ...others, src: remote, referrerpolicy: 'no-referrer' }, blocked: false }
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
