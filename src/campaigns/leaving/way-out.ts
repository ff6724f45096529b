/** How a mail of a campaign says how to leave: in its head for mail programs, in its text for people. */

import { type Slotted, still } from '../../mail/stencil.ts'
import type { Parts } from '../../templates/content.ts'
import { cover, type Escaping, parseLiquid, pathsIn } from '../../templates/liquid.ts'
import { UNSUBSCRIBE_PLACE } from '../../tracking/personalise.ts'

/**
 * RFC 2369 §3.2 and RFC 8058 §3.1: the address that one POST is enough for, then one that takes a mail. What one click does has to be safe on its
 * way: a server without HTTPS names its page and does not offer it. Both headers are among those that signatures cover (mail/dkim/signed-names.ts).
 */
export function unsubscribeHeaders(url: string, mailbox: string | null): (readonly [name: string, value: Slotted])[] {
  const byMail = mailbox === null ? '' : `, <mailto:${encodeURIComponent(mailbox).replaceAll('%40', '@')}?subject=unsubscribe>`
  const link: Slotted = { literals: ['<', `>${byMail}`], places: [UNSUBSCRIBE_PLACE] }
  const oneClick = ['List-Unsubscribe-Post', still('List-Unsubscribe=One-Click')] as const
  return [['List-Unsubscribe', link], ...(url.startsWith('https:') ? [oneClick] : [])]
}

/** Whoever wrote a link to leave has it where they want it. Each part that holds none gets one at its foot: no mail to many goes without. */
export function withWayOut(parts: Parts): Parts {
  const { html, text } = parts
  return {
    ...parts,
    html: html === null || leads(html, 'html') ? html : atFoot(html),
    text: text === null || leads(text, 'plain') ? text : `${text.trimEnd()}\n\nUnsubscribe: {{ ${UNSUBSCRIBE_PLACE} }}\n`,
  }
}

function leads(source: string, escaping: Escaping): boolean {
  const parsed = parseLiquid(source, escaping)
  return parsed.ok && pathsIn(parsed.nodes, escaping).includes(UNSUBSCRIBE_PLACE)
}

const FOOT = `<p style="max-width:600px;margin:32px auto 0;font-size:13px;line-height:1.5"><a href="{{ ${UNSUBSCRIBE_PLACE} }}">Unsubscribe</a></p>`

/** What is Liquid is covered meanwhile: a value may hold what looks like an end. */
function atFoot(html: string): string {
  const covered = cover(html)
  const at = covered.text.toLowerCase().lastIndexOf('</body')
  const [before, after] = at === -1 ? [covered.text, ''] : [covered.text.slice(0, at), covered.text.slice(at)]
  return `${covered.uncover(before)}${FOOT}${covered.uncover(after)}`
}
