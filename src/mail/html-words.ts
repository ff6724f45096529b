import { sanitizeMailHtml } from './html.ts'
import { htmlLines } from './quote/html-lines.ts'
import { wordsOf } from './quote/line.ts'

/** The words that HTML shows, as plain text. */
export function htmlWords(html: string): string {
  return wordsOf(htmlLines(sanitizeMailHtml(html, { cidUrl: () => null, allowRemoteImages: false }).html))
}
