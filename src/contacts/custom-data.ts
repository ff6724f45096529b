/** What a workspace knows of people in fields of its own: their types, and reading values of them from texts and from JSON. Pure. */

export const FIELD_TYPES = ['text', 'number', 'boolean', 'date', 'choice', 'choices', 'url'] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export interface ContactField {
  readonly key: string
  readonly label: string
  readonly type: FieldType
  readonly options: readonly string[]
  readonly isRequired: boolean
  readonly position: number
}

export type CustomValue = string | number | boolean | readonly string[]
export type CustomData = Readonly<Record<string, CustomValue>>

export const MAX_DATA_CHARACTERS = 16_000
const MAX_TEXT = 4_000

export type ReadValue = { readonly ok: true; readonly value: CustomValue | null } | { readonly ok: false; readonly why: string }

const TRUE = new Set(['true', 'yes', 'y', '1', 'on', 'x', 'ja', 'oui', 'si', 'sí'])
const FALSE = new Set(['false', 'no', 'n', '0', 'off', 'nein', 'non'])

/** A value as a file or a form has it; '' is none. */
export function readText(field: ContactField, text: string): ReadValue {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: true, value: null }
  switch (field.type) {
    case 'number': {
      const number = Number(/^-?\d+,\d+$/.test(trimmed) ? trimmed.replace(',', '.') : trimmed)
      return readJson(field, Number.isFinite(number) ? number : trimmed)
    }
    case 'boolean': {
      const word = trimmed.toLowerCase()
      return readJson(field, TRUE.has(word) ? true : FALSE.has(word) ? false : trimmed)
    }
    case 'date':
      return readJson(field, dateOf(trimmed) ?? trimmed)
    case 'choices':
      return readJson(
        field,
        trimmed.split(/[,;|]/).flatMap((one) => one.trim() || []),
      )
    default:
      return readJson(field, trimmed)
  }
}

/** A value as programs write it; null is none. */
export function readJson(field: ContactField, value: unknown): ReadValue {
  if (value === null || value === undefined || value === '') return { ok: true, value: null }
  const no = (why: string): ReadValue => ({ ok: false, why: `${field.label} ${why}` })
  switch (field.type) {
    case 'text':
      if (typeof value !== 'string') return no('is a text')
      return value.length <= MAX_TEXT ? { ok: true, value } : no(`has at most ${MAX_TEXT} characters`)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
        ? { ok: true, value }
        : no(`is a number, and ${shown(value)} is none`)
    case 'boolean':
      return typeof value === 'boolean' ? { ok: true, value } : no(`is yes or no, and ${shown(value)} is neither`)
    case 'date':
      return typeof value === 'string' && dateOf(value) === value
        ? { ok: true, value }
        : no(`is a date like 2026-11-30, and ${shown(value)} is none`)
    case 'url':
      return typeof value === 'string' && value.length <= 2_000 && /^https?:\/\/[^\s]+$/i.test(value)
        ? { ok: true, value }
        : no(`is an address of the web, and ${shown(value)} is none`)
    case 'choice': {
      const option = optionOf(field, value)
      return option === null ? no(`knows no ${shown(value)}`) : { ok: true, value: option }
    }
    case 'choices': {
      if (!Array.isArray(value)) return no('is a list of choices')
      const options = value.map((one) => optionOf(field, one))
      const wrong = options.indexOf(null)
      if (wrong !== -1) return no(`knows no ${shown(value[wrong])}`)
      return value.length === 0 ? { ok: true, value: null } : { ok: true, value: [...new Set(options as string[])] }
    }
  }
}

/** As the workspace writes it, whatever its case. */
function optionOf({ options }: ContactField, value: unknown): string | null {
  if (typeof value !== 'string') return null
  return (
    options.find((option) => option === value) ?? options.find((option) => option.toLowerCase() === value.toLowerCase()) ?? null
  )
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`
}

/** ISO, or day first with dots (30.11.2026); with slashes it could be either way round and is not guessed. */
function dateOf(text: string): string | null {
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$/.exec(text)
  const dots = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)
  const [year, month, day] = iso
    ? [iso[1], iso[2], iso[3]]
    : dots
      ? [dots[3], dots[2]?.padStart(2, '0'), dots[1]?.padStart(2, '0')]
      : []
  if (!year || !month || !day) return null
  const written = `${year}-${month}-${day}`
  const date = new Date(`${written}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(written) ? written : null
}

export type CheckedData =
  | { readonly ok: true; readonly data: CustomData }
  | { readonly ok: false; readonly key: string; readonly why: string }

/** What was there with what is said now: null takes a value away, what is left out stays. Values of fields that are gone stay as they are. */
export function changedData(
  fields: readonly ContactField[],
  before: CustomData,
  change: Readonly<Record<string, unknown>>,
): CheckedData {
  const data: Record<string, CustomValue> = { ...before }
  for (const [key, wanted] of Object.entries(change)) {
    const field = fields.find((one) => one.key === key)
    if (!field) return { ok: false, key, why: `There is no field “${key}”. Add it in the settings of contacts first.` }
    const read = readJson(field, wanted)
    if (!read.ok) return { ok: false, key, why: `${read.why}.` }
    if (read.value === null) {
      if (field.isRequired) return { ok: false, key, why: `${field.label} is required.` }
      delete data[key]
    } else data[key] = read.value
  }
  if (JSON.stringify(data).length > MAX_DATA_CHARACTERS)
    return {
      ok: false,
      key: Object.keys(change)[0] ?? '',
      why: `All fields of a contact together hold ${MAX_DATA_CHARACTERS} characters.`,
    }
  return { ok: true, data }
}

/** What a person is called when only the parts of their name are known. */
export function joinedName(first: string, last: string): string {
  return `${first} ${last}`.trim().slice(0, 200)
}
