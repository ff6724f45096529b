import { escapeHtml } from './escape.ts'
import { cover } from './liquid.ts'

/** Behind it no other words of the mail are drawn into the line: what takes room and shows nothing. */
const FILL = '&#847;&zwnj;&nbsp;'.repeat(60)
const HIDDEN = 'display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all'

/** What lists of mail show behind the subject: at the beginning of the body, and not seen when the mail is open. */
export function withPreheader(html: string, preheader: string): string {
  if (preheader.trim() === '') return html
  const line = cover(preheader)
  const hidden = `<div style="${HIDDEN}">${line.uncover(escapeHtml(line.text))}${FILL}</div>`
  const page = cover(html)
  const body = /<body(?=[\s>])(?:[^>"']|"[^"]*"|'[^']*')*>/i.exec(page.text)
  const at = body ? body.index + body[0].length : 0
  // A page without a body begins with what it declares: the line goes behind that.
  const start = body
    ? at
    : (/^\s*(?:<!doctype[^>]*>)?\s*(?:<html[^>]*>)?\s*(?:<head[\s>][\s\S]*?<\/head>)?/i.exec(page.text)?.[0].length ?? 0)
  return page.uncover(page.text.slice(0, start)) + hidden + page.uncover(page.text.slice(start))
}
