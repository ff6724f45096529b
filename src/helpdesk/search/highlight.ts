/** Which parts of a text a search found, for marking them: compared as the index compares, without accents and case. */
import type { SearchQuery } from './search-query.ts'

export interface Piece {
  readonly text: string
  readonly isHit: boolean
}

/** What to look for in texts: the words of the terms and of the people asked for, as they are compared. */
export function wordsOf(query: Pick<SearchQuery, 'terms' | 'from' | 'to'>): string[] {
  const texts = [...query.terms.filter(({ without }) => !without).map(({ text }) => text), ...query.from, ...query.to]
  return [...new Set(texts.flatMap((text) => plain(text).match(/[\p{L}\p{N}]+/gu) ?? []))]
}

/** The text in pieces; together they are the text. A word is marked where one begins with it; of scripts without blanks, anywhere. */
export function marked(text: string, words: readonly string[]): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const [start, end] of hitsIn(text, words)) {
    if (start < from) continue
    if (start > from) pieces.push({ text: text.slice(from, start), isHit: false })
    pieces.push({ text: text.slice(start, end), isHit: true })
    from = end
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isHit: false })
  return pieces
}

const WITHOUT_BLANKS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

function hitsIn(text: string, words: readonly string[]): [number, number][] {
  const hits: [number, number][] = []
  const [dense, spaced] = [words.filter((word) => WITHOUT_BLANKS.test(word)), words.filter((word) => !WITHOUT_BLANKS.test(word))]
  for (const run of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const folded = plain(run[0])
    const start = run.index
    if (spaced.some((word) => (word.length > 2 ? folded.startsWith(word) : folded === word)))
      hits.push([start, start + run[0].length])
    // Without decomposing, place and length are the same in both.
    else if (folded.length === run[0].length)
      for (const word of dense)
        for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + word.length))
          hits.push([start + at, start + at + word.length])
  }
  return hits.sort(([a], [b]) => a - b)
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]+/g, '')
    .normalize('NFC')
    .toLowerCase()
}
