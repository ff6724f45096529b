/** A first look at a file: how its letters are written, what separates its cells, and what its columns may mean. Pure. */
import { sourceOfHeader } from '../migration/source.ts'
import { keyOfAddress } from '../save-contact.ts'
import { cellsOf, createDelimitedReader, DELIMITERS, type Delimiter } from './delimited.ts'
import type { Encoding, Shape, Target } from './import.ts'

const SAMPLE_RECORDS = 1_000
const SHOWN_RECORDS = 20
const MAX_CELL = 200

/** `isUtf8`: whether the whole file can be read as that. */
export function encodingOf(start: Uint8Array, isUtf8: boolean): Encoding {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be'
  const looked = start.subarray(0, 2_000)
  let even = 0
  let odd = 0
  for (let i = 0; i < looked.length; i++) if (looked[i] === 0) i % 2 === 0 ? (even += 1) : (odd += 1)
  if (odd > looked.length / 5) return 'utf-16le'
  if (even > looked.length / 5) return 'utf-16be'
  return isUtf8 ? 'utf-8' : 'windows-1252'
}

type Found = Pick<Shape, 'delimiter' | 'hasHeader' | 'sample' | 'guesses' | 'headerDelimiter' | 'source'>

/** `text` is the beginning of the file; its last record may be cut off, and is not looked at. */
export function sniff(text: string, isWhole: boolean): Found {
  const tries = DELIMITERS.map((delimiter) => ({ delimiter, ...scoreOf(recordsOf(text, delimiter, isWhole)) }))
  const best = tries.reduce((a, b) => (b.score > a.score ? b : a))
  return shapeOf(best.records, best.delimiter)
}

/** The same, where a person said what separates the cells. */
export function sniffWith(text: string, isWhole: boolean, delimiter: Delimiter): Found {
  return shapeOf(recordsOf(text, delimiter, isWhole), delimiter)
}

function shapeOf(records: readonly (readonly string[])[], delimiter: Delimiter): Found {
  const [first = [], second] = records
  const hasHeader = records.length > 0 && !first.some(isAddress)
  const width = mostCommon(records.slice(1).map((cells) => cells.length)) ?? first.length
  const headerDelimiter =
    hasHeader && second && first.length === 1 && width > 1 ? otherDelimiterOf(first[0] ?? '', delimiter) : null
  const header = headerDelimiter ? cellsOf(first[0] ?? '', headerDelimiter) : first
  const rows = hasHeader ? records.slice(1) : records
  return {
    delimiter,
    hasHeader,
    headerDelimiter,
    source: hasHeader ? sourceOfHeader(header) : null,
    sample: [header, ...records.slice(1, SHOWN_RECORDS)].map((cells) => cells.map((cell) => cell.slice(0, MAX_CELL))),
    guesses: guessesOf(hasHeader ? header : [], rows, Math.max(width, header.length)),
  }
}

function recordsOf(text: string, delimiter: Delimiter, isWhole: boolean): string[][] {
  const reader = createDelimitedReader(delimiter)
  const records = [...reader.push(text), ...(isWhole ? reader.end() : [])]
  return records.slice(0, SAMPLE_RECORDS).map(({ cells }) => [...cells])
}

/** The more records agree on a width, and the more of them have an address that stands alone in its cell, the better. */
function scoreOf(records: string[][]): { score: number; records: string[][] } {
  if (records.length === 0) return { score: 0, records }
  const width = mostCommon(records.map((cells) => cells.length)) ?? 1
  const agreeing = records.filter((cells) => cells.length === width).length / records.length
  const addressed = records.filter((cells) => cells.some(isAddress)).length / records.length
  return { score: addressed * 3 + agreeing * (width > 1 ? 1 : 0.2) + Math.min(width, 20) / 100, records }
}

function otherDelimiterOf(text: string, delimiter: Delimiter): Delimiter | null {
  return DELIMITERS.filter((one) => one !== delimiter).find((one) => text.includes(one)) ?? null
}

function mostCommon(numbers: readonly number[]): number | null {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  let best: number | null = null
  for (const [number, n] of counts) if (best === null || n > (counts.get(best) ?? 0)) best = number
  return best
}

function isAddress(cell: string): boolean {
  return cell.length < 321 && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(cell) && keyOfAddress(cell) !== null && !cell.includes('|')
}

const HEADERS: readonly (readonly [Target, RegExp])[] = [
  ['address', /^(e-?mail|mail|e-?mail ?-?(address|adresse)|address|adresse|courriel|correo|subscriber email)$/],
  ['first_name', /^(first ?name|given ?name|vorname|pr[ée]nom|nombre|fname)$/],
  ['last_name', /^(last ?name|family ?name|surname|nachname|familienname|nom|apellidos?|lname)$/],
  ['name', /^(name|full ?name|display ?name|vollst[äa]ndiger name)$/],
  ['external_id', /^(external ?id|customer ?(id|number)|kundennummer|uuid)$/],
  ['language', /^(language|lang|locale|sprache|langue)$/],
  ['time_zone', /^(time ?zone|tz|zeitzone)$/],
  ['company', /^(company|organi[sz]ation|firma|soci[ée]t[ée])$/],
  ['job_title', /^(job ?title|title|position|funktion)$/],
  ['phone', /^(phone|telephone|telefon|mobile|t[ée]l[ée]phone)( ?number)?$/],
  ['note', /^(notes?|comments?|bemerkung(en)?|notiz(en)?)$/],
  ['tags', /^(tags?|labels?|schlagw[oö]rter)$/],
  ['status', /^(status|subscription ?status|subscriber ?status)$/],
  ['data', /^(data|attributes|attribs)$/],
  ['confirmed_at', /^(confirmed at|double opt[ -]?in at|optin (time|date))$/],
  ['memberships', /^memberships$/],
]

/** By the names of the columns; the address, if no name says it, by what stands in them. Each is guessed once. */
function guessesOf(header: readonly string[], rows: readonly (readonly string[])[], width: number): Target[] {
  const taken = new Set<Target>()
  const guesses: Target[] = Array.from({ length: width }, (_, i) => {
    const name = (header[i] ?? '')
      .toLowerCase()
      .replace(/[_\s]+/g, ' ')
      .trim()
    const target = HEADERS.find(([one, pattern]) => !taken.has(one) && pattern.test(name))?.[0] ?? 'ignore'
    taken.add(target)
    taken.delete('ignore')
    return target
  })
  if (taken.has('address')) return guesses
  const share = (i: number) => rows.filter((cells) => isAddress(cells[i] ?? '')).length
  const best = guesses.map((_, i) => i).reduce((a, b) => (share(b) > share(a) ? b : a), 0)
  if (guesses.length > 0 && share(best) > 0) guesses[best] = 'address'
  return guesses
}
