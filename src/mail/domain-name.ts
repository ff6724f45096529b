import { findUnprintable, isAscii } from './characters.ts'

export type DomainAnswer = { readonly ok: true; readonly domain: string } | { readonly ok: false; readonly reason: string }

/**
 * A domain in the form that goes over the wire and is compared: A-labels, lower case (RFC 5890 §2.3.2.1), at least two labels
 * (mail to a top-level domain is forbidden by ICANN) or `localhost`. Otherwise a sentence that says what is wrong with it.
 */
export function readDomain(text: string): DomainAnswer {
  const bad = findUnprintable(text)
  if (bad) return no(bad.sentence)
  if (text === '') return no('There is nothing after the @.')
  if (text.startsWith('[')) return no('Mail to an IP address in brackets is not sent: use the name of the domain.')
  if (isAscii(text)) return checkLabels(text.toLowerCase())
  return toAscii(text)
}

/**
 * The URL parser is the one implementation of UTS #46 that both Node and every browser carry. It knows more than names, so whatever
 * could lead it astray (ports, paths, user names, percent signs) is refused before.
 */
function toAscii(text: string): DomainAnswer {
  const odd = /[\x00-\x2c/:-@[-`{-\x7f]/.exec(text)
  if (odd) return no(`"${odd[0]}" cannot stand in a domain.`)
  try {
    return checkLabels(new URL(`http://${text}/`).hostname)
  } catch {
    return no(`"${shorten(text)}" is not a valid international domain name.`)
  }
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

function checkLabels(domain: string): DomainAnswer {
  if (domain.length > 253) return no('The domain is longer than 253 characters (RFC 5321 §4.5.3.1.2).')
  if (domain.startsWith('.') || domain.endsWith('.') || domain.includes('..')) {
    return no('A domain neither begins nor ends with a dot and has no two dots in a row.')
  }
  const labels = domain.split('.')
  for (const label of labels) {
    if (label.length > 63) return no(`"${shorten(label)}" in the domain is longer than 63 characters.`)
    if (!LABEL.test(label)) return no(problemOfLabel(label))
  }
  if (labels.length === 1 && domain !== 'localhost') return no(`The domain "${domain}" lacks an ending such as .com or .org.`)
  if (/^\d+$/.test(labels.at(-1) ?? '')) return no('The domain ends in a number: mail goes to names, not to IP addresses.')
  return { ok: true, domain }
}

function problemOfLabel(label: string): string {
  const odd = /[^a-z0-9-]/.exec(label)
  if (odd) return `"${odd[0]}" cannot stand in a domain.`
  return `"${label}" in the domain begins or ends with a hyphen.`
}

function no(reason: string): DomainAnswer {
  return { ok: false, reason }
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
