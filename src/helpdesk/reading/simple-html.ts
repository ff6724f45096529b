/**
 * Most letters are words, lists and links. What is made of no more than that is shown as part of the page, in its own fonts and colours, built element by
 * element by the page itself; everything else is shown as it is, in a frame. Pure: reads only what html.ts has cleaned.
 */

/** What the page builds. Everything else in a text makes it a picture of its own. */
export const SIMPLE_TAGS = new Set(
  'a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre s small span strike strong sub sup u ul font big'.split(
    ' ',
  ),
)
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>/g
/** What a style says that the page would lose to the reader's harm: things that are hidden, placed or painted. */
const PAINTED = /\sbgcolor=|background|display|position|float|\b(?:max-|min-)?(?:width|height)\s*:|border/i
const LENGTH_MAX = 60_000

export function isSimple(html: string): boolean {
  if (html.length > LENGTH_MAX) return false
  for (const [, slash, tag = '', attributes = ''] of html.matchAll(TAG)) {
    if (!SIMPLE_TAGS.has(tag)) return false
    if (slash === '/') continue
    if (tag === 'img' ? !/\ssrc="cid:/.test(attributes) : PAINTED.test(attributes)) return false
  }
  return true
}

/** Content-IDs that a text shows, as they are written there. */
export function shownContentIds(html: string): Set<string> {
  const ids = new Set<string>()
  for (const [, id = ''] of html.matchAll(/\ssrc="cid:([^"]{1,400})"/g)) ids.add(decoded(id))
  return ids
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id.replaceAll('&amp;', '&'))
  } catch {
    return id
  }
}
