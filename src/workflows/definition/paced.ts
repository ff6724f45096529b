/**
 * What an expression goes through is counted, since rounds within rounds over lists that were put together multiply: within each round it is asked whether
 * one more may be. The expression is one that was read already; only places for the questions are put into its text.
 */

/** Each asks before what it does: of these two a fault would only be one more answer, so they are told to stop by one. */
const STOPS: Readonly<Record<string, string>> = { exists: 'true', all: 'false' }
const ROUND = /\.\s*(map|filter|exists|all|exists_one)\s*\(/y

/** Called without anything, says whether there is a round left; called with a value, gives it back, or throws. */
export const MAY_GO_ON = 'may_go_on_'
export const ONE_MORE = 'one_more_'

export function paced(source: string): string {
  const put: { readonly at: number; readonly text: string }[] = []
  for (let at = 0; at < source.length; at = afterToken(source, at)) {
    ROUND.lastIndex = at
    const found = ROUND.exec(source)
    if (!found) continue
    const [begins, ends] = secondOf(source, ROUND.lastIndex)
    const stop = STOPS[found[1] ?? '']
    put.push({ at: begins, text: stop === undefined ? `${ONE_MORE}(` : `(${MAY_GO_ON}() ? (` })
    put.push({ at: ends, text: stop === undefined ? ')' : `) : ${stop})` })
  }
  let text = source
  for (const one of put.toSorted((a, b) => b.at - a.at)) text = text.slice(0, one.at) + one.text + text.slice(one.at)
  return text
}

/** Where the second argument begins and ends of a call whose first begins here. */
function secondOf(source: string, from: number): [begins: number, ends: number] {
  let depth = 0
  let begins = -1
  for (let at = from; at < source.length; at = afterToken(source, at)) {
    const sign = source[at] as string
    if ('([{'.includes(sign)) depth += 1
    else if (depth === 0 && sign === ',' && begins < 0) begins = at + 1
    else if (depth === 0 && (sign === ',' || sign === ')')) return [begins, at]
    else if (')]}'.includes(sign)) depth -= 1
  }
  return [begins, source.length]
}

const TEXT = /[rRbB]{0,2}("""|'''|"|')/y
const WORD = /[A-Za-z_][A-Za-z0-9_]*|\/\/[^\n]*/y

/** Past a text, a word or a remark as a whole, or one character of anything else. */
function afterToken(source: string, at: number): number {
  TEXT.lastIndex = at
  const opened = TEXT.exec(source)
  if (opened) return afterText(source, TEXT.lastIndex, opened[1] as string, /^r/i.test(opened[0].replace(/^b/i, '')))
  WORD.lastIndex = at
  return WORD.test(source) ? WORD.lastIndex : at + 1
}

function afterText(source: string, from: number, quote: string, isRaw: boolean): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\' && !isRaw) at += 1
    else if (source.startsWith(quote, at)) return at + quote.length
  }
  return source.length
}
