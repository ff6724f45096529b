/**
 * The body of a mail that an agent sends: what they wrote, their signature, and what was said before, as far as they want it there. Pure.
 *
 * Only what a customer wrote or was sent is ever quoted or forwarded. A note is not a letter: no function here takes one.
 */
import { sanitizeMailHtml } from '../../mail/html.ts'
import type { UploadId } from '../drafts/draft.ts'
import type { Item } from '../item.ts'
import { plainTextOf } from '../outgoing/plain-text.ts'

export type Letter = Pick<
  Item,
  'id' | 'kind' | 'from' | 'recipients' | 'subject' | 'bodyText' | 'bodyHtml' | 'createdAt' | 'hiddenAt'
>

/** What was said between us and customers, and nothing else. Hidden letters stay hidden. */
export function lettersAmong<T extends Pick<Letter, 'kind' | 'hiddenAt'>>(items: readonly T[]): T[] {
  return items.filter(({ kind, hiddenAt }) => (kind === 'customer' || kind === 'reply') && hiddenAt === null)
}

/** What was written in the editor, cleaned. Pictures of the mail are known by their Content-IDs. */
export function cleanHtml(html: string): string {
  return sanitizeMailHtml(html, { cidUrl: (id) => `cid:${encodeURIComponent(id)}`, allowRemoteImages: true }).html
}

/** A text that has no HTML, in the same words. */
export function htmlOfText(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('')
}

const UPLOAD = /\/v1\/uploads\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/content/g

/** The editor shows pictures where they are kept; in a mail they are known by an id. Also says which uploads are shown. */
export function withContentIds(html: string): { html: string; shown: Set<UploadId> } {
  const shown = new Set<UploadId>()
  const named = html.replace(UPLOAD, (_, id: string) => {
    shown.add(id as UploadId)
    return `cid:${contentIdOf(id as UploadId)}`
  })
  return { html: named, shown }
}

export function contentIdOf(id: UploadId): string {
  return `${id}@waybill`
}

const QUOTE_STYLE = 'margin:0 0 0 4px;padding:0 0 0 12px;border-left:2px solid #c8c8c8'

/** What was said before, newest first, as answers quote it. Pictures stay where they were. */
export function historyHtml(items: readonly Letter[], choice: 'last' | 'all'): string {
  const letters = lettersAmong(items)
  const quoted = choice === 'last' ? letters.slice(-1) : letters.toReversed().slice(0, HISTORY_MAX)
  return quoted
    .map(
      (letter) =>
        `<p>${escapeHtml(`On ${dayOf(letter.createdAt)}, ${nameOf(letter)} wrote:`)}</p><blockquote style="${QUOTE_STYLE}">${bodyOf(letter, null)}</blockquote>`,
    )
    .join('')
}

/** As many letters as an answer carries along; longer threads are kept here. */
const HISTORY_MAX = 20

/** What is passed on, oldest first, each with its head. `cid`: the new Content-ID of a letter's picture. */
export function forwardedHtml(
  items: readonly Letter[],
  subject: string,
  cid: (letter: Letter, contentId: string) => string | null,
): string {
  return lettersAmong(items)
    .map((letter) => {
      const lines = [
        ['From', `${letter.from.name} <${letter.from.address}>`.trim()],
        ['Date', dayOf(letter.createdAt)],
        ['Subject', letter.subject ?? subject],
        ['To', letter.recipients.to.map(({ name, address }) => (name ? `${name} <${address}>` : address)).join(', ')],
      ]
      const head = lines.map(([name, value]) => `<b>${name}:</b> ${escapeHtml(value ?? '')}`).join('<br>')
      return `<p>---------- Forwarded message ----------<br>${head}</p><div>${bodyOf(letter, (id) => cid(letter, id))}</div>`
    })
    .join('')
}

function bodyOf(letter: Letter, cid: ((contentId: string) => string | null) | null): string {
  const html = letter.bodyHtml ?? htmlOfText(letter.bodyText)
  return sanitizeMailHtml(html, { cidUrl: (id) => cid?.(id) ?? null, allowRemoteImages: true }).html
}

function nameOf({ from }: Letter): string {
  return from.name ? `${from.name} <${from.address}>` : from.address
}

/** In one zone, said: who reads it may be anywhere. */
function dayOf(date: Date): string {
  return date.toUTCString().replace(/^\w+, (.*):\d\d GMT$/, '$1 UTC')
}

export interface Body {
  readonly html: string
  readonly text: string
  /** What stands below what was written: folded on our page, as it is in theirs. */
  readonly below: { readonly html: string; readonly text: string } | null
}

export function bodyOfMail(written: string, signature: string, below: string): Body {
  const rest = `${signature === '' ? '' : `<div>${cleanHtml(signature)}</div>`}${below === '' ? '' : `<div style="margin-top:16px">${below}</div>`}`
  return { html: written, text: plainTextOf(written), below: rest === '' ? null : { html: rest, text: plainTextOf(rest) } }
}

export function wholeHtml({ html, below }: Body): string {
  return below ? `${html}<br>${below.html}` : html
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
