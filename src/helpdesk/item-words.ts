/**
 * The words by which an item is found, cut in this process: PostgreSQL takes ten times as long for it, in the transaction of every mail. The same words
 * at the same places as words_of_item() finds (migrations/0038_mail_in_groups.sql); where that cannot be promised, it is asked.
 */
import type { Item, ItemFile } from './item.ts'

const SEARCHED_MAX = 60_000
const QUOTED_MAX = 4_000
/** Limits of a tsvector: places up to 16,383, and 255 of them for a word. */
const PLACES_MAX = 16_383
const PLACES_OF_A_WORD = 255
const WORD_MAX = 255

/** As text of a tsvector; null: PostgreSQL has to do it. Empty where there is nothing to be found. */
export function itemWords(item: Item, files: readonly ItemFile[]): string | null {
  if (item.kind === 'activity' || item.hiddenAt !== null) return null
  const { from, recipients, subject, bodyText, quotedText } = item
  const people = [...recipients.cc, ...recipients.to, ...recipients.bcc].map(({ name, address }) => `${name} ${address}`)
  const parts = [from.name, from.address, subject ?? '', ...people, ...files.map(({ filename }) => filename), bodyText]
  return wordsAsVector(
    `${parts.join(' ').slice(0, SEARCHED_MAX)} ${quotedText?.slice(0, QUOTED_MAX) ?? ''}`.slice(0, SEARCHED_MAX),
  )
}

export function wordsAsVector(text: string): string | null {
  const words = cut(text)
  if (words === null || words.length > PLACES_MAX) return null
  const places = new Map<string, number[]>()
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] as string
    const found = places.get(word)
    if (found) found.push(i + 1)
    else if (word.length > WORD_MAX || IS_READ_AS_TWO.test(word)) return null
    else places.set(word, [i + 1])
  }
  let vector = ''
  for (const [word, at] of places)
    vector += `${word}:${at.length > PLACES_OF_A_WORD ? at.slice(0, PLACES_OF_A_WORD).join() : at.join()} `
  return vector
}

/** `12e5abc` is a number and a word to PostgreSQL. */
const IS_READ_AS_TWO = /^\d+e\d+\D/
const BEYOND_ASCII = /[^\x00-\x7f]/
/** What may stand between words once accents are gone; the blanks of Unicode and its punctuation included. */
const BETWEEN = /[\x01-\x2f\x3a-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u206f\u3000-\u303f]+/
const KNOWN = /^[a-z0-9\xdf\xe6\xf0\xf8\xfe\u0111\u0142\u0153]*$/

/** Null where letters other than Latin ones stand in it. */
function cut(text: string): string[] | null {
  const isPlain = !BEYOND_ASCII.test(text)
  const plain = isPlain
    ? text
    : text
        .normalize('NFKD')
        .replace(/[\u0300-\u036f]+/g, '')
        .normalize('NFC')
  const words = plain.toLowerCase().split(BETWEEN)
  if (words[0] === '') words.shift()
  if (words.at(-1) === '') words.pop()
  return isPlain || words.every((word) => KNOWN.test(word)) ? words : null
}
