import type { Slotted } from '../mail/stencil.ts'
import type { Compiled } from './compile.ts'

/** The texts of a mail as one person reads them. */
export interface ReadTexts {
  readonly toName: string
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
}

/** What the stencil does when the mail leaves, for whoever wants to read it before. */
export function readAs(compiled: Compiled, values: readonly string[], own: Readonly<Record<string, string>>): ReadTexts {
  const filled = ({ literals, places }: Slotted) =>
    literals.reduce((out, literal, i) => {
      const place = places[i - 1]
      const value = place === undefined ? '' : typeof place === 'number' ? values[place] : own[place]
      return `${out}${value ?? ''}${literal}`
    }, '')
  return {
    toName: filled(compiled.toName),
    subject: filled(compiled.subject),
    text: compiled.text && filled(compiled.text),
    html: compiled.html && filled(compiled.html),
  }
}
