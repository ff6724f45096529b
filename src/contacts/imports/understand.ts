/** One row of a file as a person, or why it is none. Pure. */
import { z } from 'zod'
import { explainAddress, parseAddress } from '../../mail/address.ts'
import { readLanguage, readTags, readTimeZone } from '../contact.ts'
import { type ContactField, type CustomData, type CustomValue, changedData, joinedName, readText } from '../custom-data.ts'
import type { Membership } from '../migration/source.ts'
import { keyOfAddress } from '../save-contact.ts'
import { cellsOf, DELIMITERS, type Delimiter } from './delimited.ts'
import type { ImportSettings, Target } from './import.ts'

/** What a row says of somebody: only what it says. */
export interface Person {
  readonly name?: string
  readonly firstName?: string
  readonly lastName?: string
  readonly externalId?: string
  readonly language?: string
  readonly timeZone?: string
  readonly company?: string
  readonly jobTitle?: string
  readonly phones?: readonly string[]
  readonly note?: string
  readonly tags?: readonly string[]
  readonly data?: CustomData
  readonly wants?: 'subscribed' | 'pending' | 'unsubscribed'
  /** The word of the file for it. */
  readonly status?: string
  /** When they confirmed elsewhere that they want it. */
  readonly confirmedAt?: string
  readonly memberships?: readonly Membership[]
}

export type Understood =
  | { readonly ok: true; readonly address: string; readonly person: Person; readonly repaired: string | null }
  | { readonly ok: false; readonly reason: string; readonly glued: Delimiter | null }

type Terms = Pick<ImportSettings, 'columns' | 'delimiter' | 'splitGlued'> & { readonly fields: readonly ContactField[] }

export function understandRow(cells: readonly string[], terms: Terms): Understood {
  const at = terms.columns.indexOf('address')
  const cell = cells[at] ?? ''
  if (cell.trim() === '')
    return {
      ok: false,
      reason: cells.length <= at ? 'The row has no cell for the address.' : 'The address is empty.',
      glued: null,
    }
  const glued = gluedBy(cell, terms.delimiter)
  if (glued) {
    if (!terms.splitGlued) return { ok: false, reason: `The address holds ${nameOf(glued)}: ${cut(cell)}`, glued }
    const pieces = cellsOf(cell, glued)
    const split =
      cells.length > at + 1 && cells.slice(at + 1).some((one) => one !== '') ? null : [...cells.slice(0, at), ...pieces]
    if (split) {
      const understood = plain(split, { ...terms, splitGlued: false })
      return understood.ok ? { ...understood, repaired: `Split at ${nameOf(glued)}.` } : understood
    }
    return { ok: false, reason: `The address holds ${nameOf(glued)}, and the row goes on after it: ${cut(cell)}`, glued }
  }
  return plain(cells, terms)
}

/** Which other delimiter stands in what should be an address, with an address before, between or after it. */
export function gluedBy(cell: string, delimiter: Delimiter | null): Delimiter | null {
  if (cell.length > 4_000 || keyOf(cell) !== null) return null
  return (
    DELIMITERS.find(
      (one) =>
        one !== delimiter &&
        cell.includes(one) &&
        cellsOf(cell, one).length > 1 &&
        cellsOf(cell, one).filter((piece) => keyOf(piece) !== null).length === 1,
    ) ?? null
  )
}

function keyOf(text: string): string | null {
  return parseAddress(text) ? keyOfAddress(text) : null
}

function nameOf(delimiter: Delimiter): string {
  return delimiter === '\t' ? 'a tab' : `“${delimiter}”`
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function plain(cells: readonly string[], terms: Terms): Understood {
  const read = readAddress(cells[terms.columns.indexOf('address')] ?? '')
  if (!read.ok) return { ok: false, reason: read.reason, glued: null }
  const said = readPerson(cells, terms)
  if (typeof said === 'string') return { ok: false, reason: said, glued: null }
  const person = read.name !== '' && said.name === undefined && said.firstName === undefined ? { ...said, name: read.name } : said
  return { ok: true, address: read.key, person, repaired: read.repaired }
}

type ReadAddress =
  | { readonly ok: true; readonly key: string; readonly name: string; readonly repaired: string | null }
  | { readonly ok: false; readonly reason: string }

/** An address, with what people leave around one taken off. */
export function readAddress(cell: string): ReadAddress {
  const straight = keyOf(cell)
  if (straight !== null) return { ok: true, key: straight, name: '', repaired: null }
  const visible = cell
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
    .replace(/\u00a0/g, ' ')
    .trim()
  const named = /^"?([^"<>@]*?)"?\s*<([^<>]+)>$/.exec(visible)
  const bare = (named?.[2] ?? visible)
    .replace(/^mailto:/i, '')
    .replace(/\s*@\s*/, '@')
    .replace(/^[<'"(\s]+/, '')
    .replace(/[>'")\s.;,]+$/, '')
  const key = bare.includes('@') ? keyOf(bare) : null
  if (key === null) return { ok: false, reason: `${cut(cell)} is no address${why(bare || cell)}` }
  return { ok: true, key, name: (named?.[1] ?? '').trim().slice(0, 200), repaired: `Read “${cut(cell)}” as ${key}.` }
}

function why(text: string): string {
  const reason = explainAddress(text)
  return reason === null ? '.' : `: ${reason.replace(/\.$/, '')}.`
}

/** Words for where somebody stands, as other tools export them. */
export const STATUS_WORDS: Readonly<Record<string, Person['wants']>> = {
  ...Object.fromEntries(
    ['subscribed', 'active', 'confirmed', 'enabled', 'yes', 'true', '1'].map((word) => [word, 'subscribed' as const]),
  ),
  ...Object.fromEntries(['pending', 'unconfirmed'].map((word) => [word, 'pending' as const])),
  ...Object.fromEntries(
    [
      'unsubscribed',
      'inactive',
      'unreachable',
      'disabled',
      'blocklisted',
      'blacklisted',
      'bounced',
      'complained',
      'cleaned',
      'no',
      'false',
      '0',
    ].map((word) => [word, 'unsubscribed' as const]),
  ),
}

const LIMITS = { name: 200, firstName: 100, lastName: 100, externalId: 200, company: 200, jobTitle: 200, note: 10_000 } as const
const TEXT_OF = {
  name: 'name',
  first_name: 'firstName',
  last_name: 'lastName',
  external_id: 'externalId',
  company: 'company',
  job_title: 'jobTitle',
  note: 'note',
} as const

type Draft = { -readonly [K in keyof Person]: Person[K] }

function readPerson(cells: readonly string[], { columns, fields }: Terms): Person | string {
  const person: Draft = {}
  const data: Record<string, CustomValue> = {}
  for (let i = 0; i < columns.length; i++) {
    const cell = cells[i] ?? ''
    const target = columns[i]
    if (cell === '' || target === undefined || target === 'ignore' || target === 'address') continue
    const problem = target.startsWith('field:')
      ? readField(target.slice(6), cell, fields, data)
      : readKnown(target, cell, person, fields, data)
    if (problem !== null) return problem
  }
  const missing = fields.find(({ isRequired, key }) => isRequired && data[key] === undefined && columns.includes(`field:${key}`))
  if (missing) return `${missing.label} is required, and empty.`
  if (person.name === undefined && (person.firstName ?? person.lastName) !== undefined)
    person.name = joinedName(person.firstName ?? '', person.lastName ?? '')
  return Object.keys(data).length > 0 ? { ...person, data } : person
}

function readField(key: string, cell: string, fields: readonly ContactField[], data: Record<string, CustomValue>): string | null {
  const field = fields.find((one) => one.key === key)
  if (!field) return null
  const read = readText(field, cell)
  if (!read.ok) return `${read.why}.`
  if (read.value !== null) data[key] = read.value
  return null
}

function readKnown(
  target: Target,
  cell: string,
  person: Draft,
  fields: readonly ContactField[],
  data: Record<string, CustomValue>,
): string | null {
  const line = cell.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim()
  switch (target) {
    case 'language': {
      const tag = readLanguage(line)
      if (tag === null) return `“${cut(line)}” is no language tag such as en or pt-BR.`
      person.language = tag
      return null
    }
    case 'time_zone': {
      const zone = readTimeZone(line)
      if (zone === null) return `“${cut(line)}” is no time zone such as Europe/Berlin.`
      person.timeZone = zone
      return null
    }
    case 'phone':
      person.phones = [...(person.phones ?? []), line.slice(0, 50)]
      return null
    case 'tags': {
      const tags = readTags(line.split(/[,;|]/))
      if (tags === null || tags.length > 50) return 'There are too many tags, or one of them is too long.'
      person.tags = tags
      return null
    }
    case 'status': {
      const wants = STATUS_WORDS[line.toLowerCase()]
      if (!wants)
        return `“${cut(line)}” is no status that is known: subscribed, pending, unsubscribed, or a word of another tool for one of them.`
      person.wants = wants
      person.status = line.toLowerCase()
      return null
    }
    case 'data':
      return readObject(cell, fields, data)
    case 'confirmed_at': {
      const at = new Date(line)
      if (Number.isNaN(at.getTime())) return `“${cut(line)}” is no time.`
      person.confirmedAt = at.toISOString()
      return null
    }
    case 'memberships':
      return readMemberships(cell, person)
    case 'name':
    case 'first_name':
    case 'last_name':
    case 'external_id':
    case 'company':
    case 'job_title':
    case 'note': {
      const key = TEXT_OF[target]
      const text = target === 'note' ? cell : line
      if (text.length > LIMITS[key])
        return `The ${target.replace('_', ' ')} has more than ${LIMITS[key].toLocaleString('en')} characters.`
      person[key] = text
      return null
    }
    default:
      return null
  }
}

/** A cell of JSON, as Keila and listmonk export what is known beside the name. What no field is for is left out. */
function readObject(cell: string, fields: readonly ContactField[], data: Record<string, CustomValue>): string | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(cell)
  } catch {
    return `The data is not JSON: ${cut(cell)}`
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'The data is no JSON object.'
  for (const [key, value] of Object.entries(parsed)) {
    if (!fields.some((field) => field.key === key)) continue
    const checked = changedData(fields, data, { [key]: value })
    if (!checked.ok) return checked.why
    Object.assign(data, checked.data)
  }
  return null
}

const Memberships = z
  .array(
    z.object({
      list: z.string().min(1).max(100),
      wants: z.enum(['subscribed', 'pending', 'unsubscribed']),
      confirmed: z.boolean().optional(),
      at: z.string().max(40).optional(),
      ip: z.union([z.ipv4(), z.ipv6()]).optional().catch(undefined),
    }),
  )
  .max(500)

/** As it stands in what an export of another tool was turned into (migration/from-json.ts). */
function readMemberships(cell: string, person: Draft): string | null {
  try {
    person.memberships = Memberships.parse(JSON.parse(cell)) as Membership[]
    return null
  } catch {
    return `The lists cannot be read: ${cut(cell)}`
  }
}
