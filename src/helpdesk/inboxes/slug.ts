/** The word of an inbox in `[word-123]`: made of its name when it is made, and kept when it is renamed, so that subjects of old mail are still understood. */

const LENGTH_MAX = 32

export function slugOf(name: string): string {
  const word = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return word === '' ? 'inbox' : word
}

/** With a number behind it where another inbox has the word. */
export function freeSlug(name: string, taken: ReadonlySet<string>): string {
  const word = slugOf(name)
  if (!taken.has(word)) return word
  for (let n = 2; ; n += 1) {
    const numbered = `${word}-${n}`
    if (!taken.has(numbered)) return numbered
  }
}
