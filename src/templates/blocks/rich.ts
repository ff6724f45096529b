import sanitizeHtml from 'sanitize-html'
import { escapeHtml } from '../escape.ts'
import { cover } from '../liquid.ts'

/** How the elements of a text look; in the mail itself, since many mail programs read no style sheet. */
export interface RichStyle {
  readonly paragraph: string
  readonly list: string
  readonly item: string
  readonly link: string
  readonly code: string
  /** Without its size. */
  readonly heading: string
}

const INLINE = ['b', 'strong', 'i', 'em', 'u', 's', 'del', 'a', 'br', 'code', 'sub', 'sup', 'span'] as const
const TEXT = [...INLINE, 'p', 'ul', 'ol', 'li', 'h1', 'h2', 'h3', 'h4', 'blockquote', 'pre', 'hr', 'img'] as const
const HEADINGS = [
  ['h1', 28],
  ['h2', 22],
  ['h3', 18],
  ['h4', 16],
] as const
const OURS = Object.fromEntries(['p', 'ul', 'ol', 'li', 'code', 'h1', 'h2', 'h3', 'h4'].map((tag) => [tag, ['style']]))
/** A link may begin with Liquid, whose value nobody knows yet. */
const SCHEMES = ['http', 'https', 'mailto', 'tel']
/** What a piece of HTML of somebody's own may not hold: what runs, loads, asks or changes what is around it. */
const NEVER = new Set([
  'script',
  'style',
  'link',
  'meta',
  'base',
  'title',
  'iframe',
  'frame',
  'frameset',
  'object',
  'embed',
  'applet',
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'option',
  'noscript',
  'template',
  'svg',
  'math',
  'head',
  'video',
  'audio',
  'source',
  'plaintext',
  'xmp',
])

/** A text with some elements in it, written so that it ends where it began: what is no element that is known stays text. Throws where its Liquid cannot be read. */
export function richHtml(html: string, style: RichStyle, { inline = false } = {}): string {
  const covered = cover(html)
  const tags: readonly string[] = inline ? INLINE : TEXT
  const styled = (tagName: string, css: string) => ({ tagName, attribs: { style: css } })
  const clean = sanitizeHtml(covered.text, {
    allowedTags: [...tags],
    disallowedTagsMode: inline ? 'discard' : 'escape',
    // Styles are ours alone: where one may stand, what was typed is replaced below.
    allowedAttributes: { ...OURS, a: ['href', 'style', 'class'], img: ['src', 'alt', 'style'] },
    allowedSchemes: SCHEMES,
    allowProtocolRelative: false,
    nestingLimit: 20,
    transformTags: {
      p: () => styled('p', style.paragraph),
      ul: () => styled('ul', style.list),
      ol: () => styled('ol', style.list),
      li: () => styled('li', style.item),
      code: () => styled('code', style.code),
      ...Object.fromEntries(HEADINGS.map(([tag, px]) => [tag, () => styled(tag, `${style.heading};font-size:${px}px`)])),
      img: (tagName, { src = '', alt = '' }) => ({
        tagName,
        attribs: { src: safeUrl(src), alt, style: 'max-width:100%;height:auto;border:0' },
      }),
      a: (tagName, { href = '' }) => ({ tagName, attribs: { href: safeUrl(href), style: style.link, class: 'wb-link' } }),
    },
  })
  return covered.uncover(clean)
}

/** HTML of somebody's own: it may look as it likes, and ends where it began. */
export function ownHtml(html: string): string {
  const covered = cover(html)
  const clean = sanitizeHtml(covered.text, {
    allowedTags: false,
    allowedAttributes: false,
    allowVulnerableTags: true,
    exclusiveFilter: ({ tag }) => NEVER.has(tag),
    transformTags: {
      '*': (tagName, attribs) => ({
        // A whole page was put in: what it shows is a piece of ours.
        tagName: tagName === 'html' || tagName === 'body' ? 'div' : tagName,
        attribs: Object.fromEntries(Object.entries(attribs).filter(([name]) => !name.toLowerCase().startsWith('on'))),
      }),
    },
    allowedSchemes: [...SCHEMES, 'cid'],
    nestingLimit: 100,
  })
  return covered.uncover(clean)
}

/** Text between Liquid as HTML. */
export function plainHtml(text: string): string {
  const covered = cover(text)
  return covered.uncover(escapeHtml(covered.text))
}

/** A link as an attribute; empty where it would run something. One that begins with Liquid is whoever's who wrote it. */
export function urlAttribute(url: string): string {
  const covered = cover(url.trim())
  return covered.uncover(escapeHtml(safeUrl(covered.text)))
}

function safeUrl(url: string): string {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(url.replace(/[\s\p{Cc}]+/gu, ''))?.[1]?.toLowerCase()
  return scheme === undefined || SCHEMES.includes(scheme) ? url : ''
}
