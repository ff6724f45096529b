/** How choices of configs are called on forms: as they are, with a capital and without underscores. */
export function inWords(value: string): string {
  const words = value.replaceAll(/[._]/g, ' ')
  return words === words.toUpperCase() ? words : words.charAt(0).toUpperCase() + words.slice(1)
}
