/** Texts that people of the workspace write once, and that mail is made of ever after: cleaned, and with variables that are known. */
import { Refusal } from '../errors.ts'
import { nearestOf } from '../lib/nearest.ts'
import { sanitizeMailHtml } from '../mail/html.ts'
import type { StandingText } from './inbox.ts'
import { unknownVariables, VARIABLES } from './variables.ts'

export const HTML_MAX = 50_000

/** The HTML as it is stored. Pictures from elsewhere stay: they are our own. `pointer` names the field a refusal is about. */
export function cleanHtml(html: string, pointer: string, known: readonly string[] = VARIABLES): string {
  const { html: clean } = sanitizeMailHtml(html, { cidUrl: () => null, allowRemoteImages: true })
  const whole = clean.replace(VARIABLE_IN_LINK, (_, name: string) => `{{ ${name} }}`)
  refuseUnknown(whole, pointer, known)
  return whole.trim()
}

/** A link is written anew when it is cleaned, braces and spaces encoded: a variable in it is put back. */
const VARIABLE_IN_LINK = /(?:%7B%7B|\{\{)(?:%20|\s){0,10}([A-Za-z_][A-Za-z0-9_.]{0,63})(?:%20|\s){0,10}(?:%7D%7D|\}\})/gi

export function cleanStandingText(text: StandingText, pointer: string, known: readonly string[]): StandingText {
  refuseUnknown(text.subject, `${pointer}/subject`, known)
  const html = cleanHtml(text.html, `${pointer}/html`, known)
  if (html.replace(/<[^>]*>|&nbsp;|\s/g, '') === '')
    throw new Refusal('invalid_request', { why: 'The text is empty.', pointer: `${pointer}/html` })
  return { subject: text.subject.trim(), html }
}

export function refuseUnknown(text: string, pointer: string, known: readonly string[]): void {
  const [name] = unknownVariables(text, known)
  if (name === undefined) return
  const meant = nearestOf(name, known)
  throw new Refusal('unknown_variable', { name, ...(meant !== null && { meant }), pointer })
}
