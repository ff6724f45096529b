/** A line of a mail as people see it; lines of HTML and of plain text are judged by the same rules. */
export interface Line {
  /** Without the marks of quoting. */
  readonly text: string
  /** Its writer's program marked it as somebody else's: `>`, or an element that programs quote with. */
  readonly quoted: boolean
  /** A program says in markup of its own that this is in the mail that is answered, or that all from here on is. */
  readonly marked?: 'quote' | 'rest' | undefined
}

/** Direction marks and other invisible characters, which programs put into lines of their own making. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

export function plainLines(text: string): Line[] {
  return text.split(/\r\n|\n|\r/).map((line) => {
    const marks = /^\s{0,3}(?:[>\uff1e]\s?)+/.exec(line)?.[0]
    return marks === undefined ? { text: line, quoted: false } : { text: line.slice(marks.length), quoted: true }
  })
}

/** The text of a line to judge it by: bounded, without what is invisible, blanks made one. */
export function bare({ text }: Line): string {
  return (text.length > 600 ? text.slice(0, 600) : text).replace(INVISIBLE, '').replace(/\s+/g, ' ').trim()
}

export function isBlank({ text }: Line): boolean {
  return !/[^\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(text)
}

/** The lines as one text, quoted ones marked. */
export function wordsOf(lines: readonly Line[]): string {
  const text = lines.map((line) => (line.quoted && line.text !== '' ? `> ${line.text}` : line.text)).join('\n')
  return trimmed(text.replace(/\n{3,}/g, '\n\n').replaceAll('\u00a0', ' '))
}

/** Without empty lines around it; an indented first line stays indented. */
export function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
}
