/** C0 and C1 controls, DEL and Unicode's own line ends: none of them belongs in an address, a name or a header of ours. */
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/
/** Characters that change what is read without being seen (soft hyphen, zero width, direction overrides, byte order mark). */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/
/** Half of a character: there is no way to write it in UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u

export interface BadCharacter {
  readonly at: number
  readonly sentence: string
}

/** The first character that may not stand in any text of a header, or null. */
export function findControl(text: string): BadCharacter | null {
  return find(text, CONTROL, 'a control character') ?? find(text, LONE_SURROGATE, 'half of a character')
}

/** The first character that may not stand in an address, or null. */
export function findUnprintable(text: string): BadCharacter | null {
  return findControl(text) ?? find(text, INVISIBLE, 'an invisible character')
}

function find(text: string, pattern: RegExp, kind: string): BadCharacter | null {
  const at = text.search(pattern)
  if (at === -1) return null
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
  return { at, sentence: `There is ${kind} (U+${code}) at position ${at + 1}.` }
}

export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text)
}

const encoder = new TextEncoder()

/** Octets of the text in UTF-8. */
export function utf8Length(text: string): number {
  return isAscii(text) ? text.length : encoder.encode(text).length
}
