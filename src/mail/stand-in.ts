/** Puts `text` in the places of `standIn`, which has as many characters, none of them one that quoted-printable would escape. */
export function replaceStandIn(content: string, standIn: string, text: string): string {
  if (!STAND_IN.test(standIn) || text.length !== standIn.length || !STAND_IN.test(text))
    throw new RangeError('a stand-in and its text are letters and digits, as many of one as of the other')
  return content.replace(patternOf(standIn), (found) => (found.length === standIn.length ? text : broken(found, text)))
}

const STAND_IN = /^[a-z0-9]+$/
/** Quoted-printable may break a line between any two characters (RFC 2045 §6.7 rule 5). */
const SOFT_BREAK = '=\r\n'

/** The same few messages leave again and again, each to one recipient after the other. */
let latest: { readonly standIn: string; readonly pattern: RegExp } | null = null

function patternOf(standIn: string): RegExp {
  if (latest?.standIn !== standIn) latest = { standIn, pattern: new RegExp([...standIn].join(`(?:${SOFT_BREAK})?`), 'g') }
  return latest.pattern
}

/** The breaks stay where they were, so that every line keeps its length. */
function broken(found: string, text: string): string {
  let [out, at] = ['', 0]
  for (const piece of found.split(SOFT_BREAK)) {
    if (at > 0) out += SOFT_BREAK
    out += text.slice(at, at + piece.length)
    at += piece.length
  }
  return out
}
