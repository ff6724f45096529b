import { htmlLines } from '../../mail/quote/html-lines.ts'
import { QUOTE_MARK } from '../../mail/quote/markup.ts'

/**
 * Cleaned HTML as the plain text that goes beside it: for programs that show no HTML, for previews and for searching. Where a link leads stands
 * behind its words, unless the words say it themselves; what is quoted has a `>`.
 */
export function plainTextOf(html: string): string {
  const lines = htmlLines(html.replace(LINK, spelledOut).replaceAll('<blockquote', `<blockquote ${QUOTE_MARK}="quote"`)).map(
    (line) => (line.quoted && line.text !== '' ? `> ${line.text}` : line.text),
  )
  return lines
    .join('\n')
    .replaceAll('\u00a0', ' ')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\s*\n/, '')
    .trimEnd()
}

const LINK = /<a\s[^<>]*?href="([^"<>]{1,2000})"[^<>]*>([^<>]{0,2000})<\/a>/g

function spelledOut(whole: string, href: string, words: string): string {
  const target = href.replace(/^mailto:/i, '').replace(/\/$/, '')
  if (words.includes(target) || href.replace(/^https?:\/\//i, '').replace(/\/$/, '') === words.trim()) return whole
  return `${whole} &lt;${href.replace(/^mailto:/i, '')}&gt;`
}
