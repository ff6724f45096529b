/** Links of a mail with where people came from in them: once, before they are led through us where clicks are counted. */
import { anchorsOf } from '../mail/html-anchors.ts'
import type { Parts } from '../templates/content.ts'
import { cover } from '../templates/liquid.ts'
import { type UtmPlace, withUtm } from './utm.ts'

/** No letter has more. */
const MAX_LINKS = 5_000
/** So much of the line before a link in plain text says what it is. */
const WORDS_BEFORE = 60

export function markLinks(parts: Parts, place: UtmPlace): Parts {
  const { html, text } = parts
  return {
    ...parts,
    html: html && uncovered(html, (covered) => inHtml(covered, place)),
    text: text && uncovered(text, (covered) => inText(covered, place)),
  }
}

/** What is Liquid is letters meanwhile: where it stands in a link it stays there. */
function uncovered(source: string, change: (covered: string) => string): string {
  const covered = cover(source)
  return covered.uncover(change(covered.text))
}

function inHtml(html: string, place: UtmPlace): string {
  let [out, at, looked] = ['', 0, 0]
  for (const { start, end, href, quoted, attributes, text } of anchorsOf(html)) {
    if (++looked > MAX_LINKS) break
    const isWayOut = attributes.get('rel')?.includes('unsubscribe') === true
    const marked = isWayOut ? href : withUtm(href, place, text)
    if (marked === href || (!quoted && /[\s"'<>`]/.test(marked))) continue
    out += html.slice(at, start) + inAttribute(marked)
    at = end
  }
  return out + html.slice(at)
}

function inAttribute(link: string): string {
  return link.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`.replace('&#38;', '&amp;'))
}

const LINK = /https?:\/\/[^\s<>"'\]\\]+/gi

function inText(text: string, place: UtmPlace): string {
  let looked = 0
  return text.replace(LINK, (found, at: number) => {
    if (++looked > MAX_LINKS) return found
    // What ends a sentence is no part of the link.
    const link = found.replace(/[.,;:!?)}*_]+$/, '')
    const before = text.slice(Math.max(0, at - WORDS_BEFORE), at)
    return withUtm(link, place, before.slice(before.lastIndexOf('\n') + 1)) + found.slice(link.length)
  })
}
