import sanitize from 'sanitize-html'

/** An image that came with the mail, as a `data:` address; null for one that is not there or is no picture. */
export type FindInlineImage = (contentId: string) => string | null

export interface SafeHtml {
  readonly html: string
  /** Images that would be fetched from elsewhere, shown or not. */
  readonly remoteImages: number
}

export interface SafeHtmlOptions {
  readonly images: boolean
  readonly inlineImage: FindInlineImage
  /** Style elements, too: only for a document of its own that may load and run nothing. */
  readonly styles: boolean
}

const STRUCTURE =
  'address article aside blockquote body br caption center col colgroup dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr ul'
const TEXT =
  'a abbr b bdi bdo big cite code del dfn em font i img ins kbd mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'
const TAGS = `${STRUCTURE} ${TEXT}`.split(' ')
const LOOKS =
  'align bgcolor border cellpadding cellspacing class color colspan dir face height hspace lang nowrap role rowspan scope size style title valign vspace width'.split(
    ' ',
  )

/**
 * Foreign HTML without anything that acts: no script, no form, no frame, no reference but links that open elsewhere and pictures. What is
 * left is still foreign, and shown only in a frame with an opaque origin and a policy of its own.
 */
export function safeHtml(html: string, { images, inlineImage, styles }: SafeHtmlOptions): SafeHtml {
  let remoteImages = 0
  const safe = sanitize(html, {
    allowedTags: styles ? [...TAGS, 'style'] : TAGS,
    allowVulnerableTags: styles,
    allowedAttributes: {
      '*': LOOKS,
      a: ['href', 'name', 'target', 'rel', 'title'],
      img: ['src', 'alt', 'data-remote'],
      ol: ['start', 'type'],
      li: ['value'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['http', 'https', 'data'] },
    allowProtocolRelative: false,
    nestingLimit: 200,
    parseStyleAttributes: false,
    // A style sheet has no use for `<`; markup hidden in one is waiting for a parser that reads it differently.
    exclusiveFilter: ({ tag, text }) => tag === 'style' && text.includes('<'),
    transformTags: {
      a: (tagName, attribs) => ({ tagName, attribs: linkOf(attribs) }),
      img: (tagName, attribs) => {
        const source = attribs.src ?? ''
        if (/^\s*https?:/i.test(source)) remoteImages++
        return { tagName, attribs: imageOf(attribs, images, inlineImage) }
      },
    },
  })
  return { html: safe, remoteImages }
}

/** Opens in a tab of its own that knows nothing of ours; the true target shows where the pointer rests. */
function linkOf({ href, name, title: _, ...looks }: sanitize.Attributes): sanitize.Attributes {
  if (href === undefined) return name === undefined ? looks : { ...looks, name }
  return { ...looks, href, title: href, target: '_blank', rel: 'noopener noreferrer nofollow' }
}

function imageOf(
  { src = '', srcset: _, ...looks }: sanitize.Attributes,
  images: boolean,
  inlineImage: FindInlineImage,
): sanitize.Attributes {
  const source = src.trim()
  if (/^cid:/i.test(source)) {
    const found = inlineImage(source.slice(4))
    return found === null ? looks : { ...looks, src: found }
  }
  if (/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/i.test(source)) return { ...looks, src: source }
  if (/^https?:/i.test(source)) return images ? { ...looks, src: source } : { ...looks, 'data-remote': source }
  return looks
}
