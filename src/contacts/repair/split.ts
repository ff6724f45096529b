/** What a glued address was meant to be. Pure and isomorphic. */
import { explainAddress, parseAddress } from '../../mail/address.ts'
import { cellsOf } from '../imports/delimited.ts'
import { gluedBy, readAddress } from '../imports/understand.ts'

export interface Split {
  readonly address: string
  readonly firstName: string
  readonly lastName: string
  /** What stood there beside address and names. */
  readonly rest: readonly string[]
}

export type Proposal = { readonly ok: true; readonly split: Split } | { readonly ok: false; readonly why: string }

const NAME_MAX = 100
const NAME = /^[\p{L}\p{M}][\p{L}\p{M}\p{Zs}'’.-]*$/u

/** Null: it is an address, nothing is to be done. Only where exactly one address stands in it is it known whose it is. */
export function proposeSplit(stored: string): Proposal | null {
  if (parseAddress(stored)) return null
  const text = unquoted(stored)
  const addresses = text.match(/[^\s@;,|<>"]+@[^\s@;,|<>"]+\.[^\s@;,|<>"]+/g) ?? []
  if (addresses.length > 1) return { ok: false, why: `${addresses.length} addresses stand in it: nobody knows which is theirs.` }
  const pieces = piecesOf(text)
  const at = pieces.findIndex((piece) => parseAddress(piece))
  const address = pieces[at]
  if (address !== undefined && pieces.filter((piece) => piece.includes('@') && parseAddress(piece)).length === 1)
    return { ok: true, split: { address: address.toLowerCase(), ...namesOf(pieces.toSpliced(at, 1)) } }
  const read = readAddress(text)
  if (read.ok) return { ok: true, split: { address: read.key, ...namesOf([read.name]) } }
  return { ok: false, why: explainAddress(stored) ?? 'It is no address.' }
}

/** A row that was quoted as one cell. */
function unquoted(text: string): string {
  const trimmed = text.trim()
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"') && !trimmed.slice(1, -1).includes('","')
    ? trimmed.slice(1, -1).replaceAll('""', '"')
    : trimmed
}

function piecesOf(text: string): string[] {
  const delimiter = gluedBy(text, null)
  if (delimiter) return cellsOf(text, delimiter).map((piece) => piece.trim())
  const [first = '', ...others] = text.split(/\s+/)
  return parseAddress(first) && others.length > 0 ? [first, ...others] : [text]
}

/** First and last name as columns are usually ordered. What looks like no name is left over. */
function namesOf(pieces: readonly string[]): Omit<Split, 'address'> {
  const said = pieces.map((piece) => piece.trim()).filter((piece) => piece !== '')
  const isName = (piece: string | undefined) => piece !== undefined && NAME.test(piece) && piece.length <= NAME_MAX
  const [one, two] = said
  if (!isName(one)) return { firstName: '', lastName: '', rest: said }
  if (isName(two)) return { firstName: capital(one as string), lastName: capital(two as string), rest: said.slice(2) }
  const words = (one as string).split(/\s+/)
  return { firstName: capital(words[0] ?? ''), lastName: capital(words.slice(1).join(' ')), rest: said.slice(1) }
}

/** Addresses are kept in lower case, names begin with a capital. */
function capital(name: string): string {
  return name.replace(/(^|[\s'’-])(\p{Ll})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())
}
