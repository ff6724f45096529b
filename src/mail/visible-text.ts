import { type HtmlOptions, sanitizeMailHtml } from './html.ts'
import type { ParsedMail } from './parse.ts'
import { cutHtml } from './quote/cut-html.ts'
import { findQuote, type Quote, type QuoteContext } from './quote/find-quote.ts'
import { type HtmlLine, htmlLines } from './quote/html-lines.ts'
import { type Line, plainLines, trimmed, wordsOf } from './quote/line.ts'

/**
 * What somebody wrote now, apart from what he quoted below it. Nothing is ever thrown away: the two together are the whole mail, and a page may
 * fold the second. In doubt all of it is visible.
 */
export interface VisibleText {
  /** What was written now, as plain text; of a mail that has HTML only, the words of that. */
  readonly text: string
  readonly quoted: string | null
  /** Cleaned (html.ts): pictures of the mail still as `cid:`, those from elsewhere still there. Cleaned again, by choice, where it is shown. */
  readonly html: { readonly visible: string; readonly quoted: string | null } | null
}

/** `cid:` and remote pictures are kept, since who reads, and whether he wants them, is not known yet. */
const KEEPING: HtmlOptions = { cidUrl: (id) => `cid:${encodeURIComponent(id)}`, allowRemoteImages: true, markQuotes: true }

export function splitQuoted(mail: Pick<ParsedMail, 'text' | 'html' | 'subject' | 'inReplyTo' | 'references'>): VisibleText {
  const context = contextOf(mail)
  const html = mail.html === null ? null : splitHtml(sanitizeMailHtml(mail.html, KEEPING).html, context)
  const hasText = mail.text !== null && /\S/.test(mail.text)
  const { text, quoted } = hasText || html === null ? splitText(mail.text ?? '', context) : html
  return { text, quoted, html: html && { visible: html.visible, quoted: html.quotedHtml } }
}

const REPLY =
  /^\s{0,5}(?:re|aw|antw|sv|vs|odp|ynt|res|r|rif|ref|回复|回覆|답장|תגובה|رد|hồi|απ|vá|bls|ats|atb|отв)\s{0,3}(?:\[\d+\]|\(\d+\))?\s{0,3}[:\uff1a]/iu
const FORWARD =
  /^\s{0,5}(?:fwd?|wg|tr|rv|i|enc|vb|vl|doorst|pd|i̇lt|ilt|転送|转发|轉寄|전달|הועבר|πρθ|továbbítás|fs|пересл)\s{0,3}[:\uff1a]/iu

function contextOf({ subject, inReplyTo, references }: Pick<ParsedMail, 'subject' | 'inReplyTo' | 'references'>): QuoteContext {
  const isForward = FORWARD.test(subject)
  return { isForward, isReply: !isForward && (REPLY.test(subject) || inReplyTo.length > 0 || references.length > 0) }
}

/** Beyond this a text is no letter; what follows belongs to where it stands. */
const SCANNED_MAX = 1024 * 1024

function splitText(whole: string, context: QuoteContext): { text: string; quoted: string | null } {
  const [scanned, beyond] = [whole.slice(0, SCANNED_MAX), whole.slice(SCANNED_MAX)]
  const quote = findQuote(plainLines(scanned), context)
  if (quote === null) return { text: trimmed(whole), quoted: null }
  const raw = scanned.split(/\r\n|\n|\r/)
  const isEnd = quote.to >= raw.length
  const [before, folded, after] = [raw.slice(0, quote.from), raw.slice(quote.from, quote.to), raw.slice(quote.to)].map((lines) =>
    lines.join('\n'),
  ) as [string, string, string]
  if (isEnd) return { text: trimmed(before), quoted: trimmed(folded + beyond) }
  const shown = [before, after + beyond].map(trimmed).filter((text) => text !== '')
  return { text: shown.join('\n\n'), quoted: trimmed(folded) }
}

interface SplitHtml {
  readonly text: string
  readonly quoted: string | null
  readonly visible: string
  readonly quotedHtml: string | null
}

function splitHtml(html: string, context: QuoteContext): SplitHtml {
  const lines = htmlLines(html)
  const quote = findQuote(lines, context)
  if (quote === null) return { text: wordsOf(lines), quoted: null, visible: html, quotedHtml: null }
  const { rest, piece } = cutHtml(
    html,
    placeOf(lines, quote.from),
    quote.to >= lines.length ? html.length : placeOf(lines, quote.to),
  )
  return { ...wordsApart(lines, quote), visible: rest, quotedHtml: piece }
}

function placeOf(lines: readonly HtmlLine[], index: number): number {
  return lines[index]?.at ?? 0
}

function wordsApart(lines: readonly Line[], { from, to }: Quote): { text: string; quoted: string } {
  return { text: wordsOf([...lines.slice(0, from), ...lines.slice(to)]), quoted: wordsOf(lines.slice(from, to)) }
}
