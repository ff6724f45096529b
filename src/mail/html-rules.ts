import type { IOptions } from 'sanitize-html'

const STRUCTURE =
  'address article aside blockquote br caption center col colgroup dd dir div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section table tbody td tfoot th thead tr ul'
const TEXT =
  'a abbr b bdi bdo big cite code del dfn em font i img ins kbd mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'
/** What most mail is made of comes first: each tag that is met is looked up from the beginning. */
const COMMON = 'span div p br td tr a table tbody img b strong'
const TAGS = [...new Set(`${COMMON} ${STRUCTURE} ${TEXT}`.split(' '))]

/** Their content is no text for people; neither it nor they are shown. */
const SILENT_TAGS =
  'applet audio canvas embed frameset iframe math noembed noframes noscript object option plaintext script select style svg template textarea title video xmp'.split(
    ' ',
  )

const LOOKS = 'align bgcolor border color dir height lang role style valign width'.split(' ')
const CELL = ['colspan', 'rowspan', 'nowrap']
export const ATTRIBUTES = {
  '*': LOOKS,
  a: ['href', 'title', 'target', 'rel'],
  font: ['face', 'size'],
  img: ['alt', 'src', 'title', 'referrerpolicy', 'hspace', 'vspace'],
  ol: ['start', 'type'],
  li: ['value'],
  table: ['cellpadding', 'cellspacing', 'rules', 'summary'],
  td: CELL,
  th: [...CELL, 'scope'],
  col: ['span'],
  colgroup: ['span'],
}

/** Only what is named here passes. Addresses and styles that pass are judged again by functions of ours (html.ts, html-style.ts). */
export const RULES: IOptions = {
  allowedTags: TAGS,
  allowedAttributes: ATTRIBUTES,
  nonTextTags: SILENT_TAGS,
  // Deeper elements are left out, and their content is kept.
  nestingLimit: 100,
  parseStyleAttributes: false,
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['http', 'https', 'data', 'cid'] },
  allowProtocolRelative: false,
}
