/**
 * What mail programs name the places where they quote. Their classes and ids do not pass cleaning (html.ts), so they are asked while it goes on.
 */
export const QUOTE_MARK = 'data-quoted'

/** `quote`: the element holds what is answered. `rest`: everything from here on does. */
export type QuoteMark = 'quote' | 'rest'

/** Gmail, Yahoo, Proton, Zoho, Tuta, GMX, Thunderbird, Front, Spark, Missive, HEY, QQ, Superhuman. */
const QUOTE_CLASS =
  /(?:^|[\s_])(?:gmail_quote(?:_container)?|gmail_extra|yahoo_quoted|protonmail_quote|zmail_extra|tutanota_quote|moz-cite-prefix|front-blockquote|moz-quote|replycontent|qmbox|hey_quote|superhuman-quote|missive_quote|mail_android_quote|wpsQuote|ox-quote)(?=$|\s)/i
const QUOTE_ID =
  /^(?:x_)?(?:yahoo_quoted|qt$|protonmail_quote|zmail_extra|blockquote_zmail|isReplyContent|mailContentContainer$|aolmail_quote)/i

/** Outlook in its many editions, Hotmail, Zimbra, Spark. */
const REST_ID =
  /^(?:x_)*(?:divRplyFwdMsg|divtagdefaultwrapper_reply|appendonsend|stopSpelling|zwchr|mail-editor-reference-message-container|ms-outlook-mobile-reference-message|replySplit)$/i
const REST_CLASS =
  /(?:^|\s)(?:ms-outlook-mobile-reference-message|mail-editor-reference-message|OutlookMessageHeader|WordSection_reply)(?=$|\s)/i

export function quoteMarkOf(tag: string, attributes: Readonly<Record<string, string>>): QuoteMark | null {
  const { id = '', class: names = '', name = '' } = attributes
  if (id === '' && names === '' && name === '' && tag !== 'blockquote' && attributes['data-marker'] === undefined) return null
  if (REST_ID.test(id) || REST_CLASS.test(names) || attributes['data-marker'] === '__DIVIDER__') return 'rest'
  if (QUOTE_CLASS.test(names) || QUOTE_ID.test(id) || name === 'quote' || name === 'messageReplySection') return 'quote'
  // Without `cite` it is how some editors indent, unless it is drawn like a quote.
  if (tag !== 'blockquote') return null
  return /^cite$/i.test(attributes.type ?? '') || /border-left\s*:\s*(?!none|0)/i.test(attributes.style ?? '') ? 'quote' : null
}
