/** A field that a workspace adds to its conversations, and what may stand in it. */
import type { InboxId } from '../../lib/ids.ts'
import type { CustomFieldId } from '../inbox.ts'

export const FIELD_TYPES = [
  'text',
  'long_text',
  'integer',
  'decimal',
  'boolean',
  'choice',
  'choices',
  'date',
  'time',
  'datetime',
  'email',
  'url',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export interface CustomField {
  readonly id: CustomFieldId
  /** Null: of every inbox. */
  readonly inboxId: InboxId | null
  readonly name: string
  readonly type: FieldType
  readonly options: readonly string[]
  /** Before a conversation is closed. */
  readonly isRequired: boolean
  readonly inList: boolean
  readonly position: number
}

export const MAX_OPTIONS = 200

export type FieldVerdict = { readonly ok: true; readonly value: FieldValue | null } | { readonly ok: false; readonly why: string }
export type FieldValue = string | number | boolean | readonly string[]

const no = (why: string): FieldVerdict => ({ ok: false, why })
const yes = (value: FieldValue | null): FieldVerdict => ({ ok: true, value })

/** What is stored for what was given, or why it cannot stand there. Null and what is empty take the value away. */
export function readFieldValue(field: Pick<CustomField, 'type' | 'options'>, given: unknown): FieldVerdict {
  if (given === null || given === '' || (Array.isArray(given) && given.length === 0)) return yes(null)
  switch (field.type) {
    case 'text':
      return ofText(given, 500, false)
    case 'long_text':
      return ofText(given, 10_000, true)
    case 'integer':
      return Number.isSafeInteger(given) ? yes(given as number) : no('must be a whole number')
    case 'decimal':
      return typeof given === 'number' && Math.abs(given) < 1e15 ? yes(given) : no('must be a number')
    case 'boolean':
      return typeof given === 'boolean' ? yes(given) : no('must be yes or no')
    case 'choice':
      return ofOptions(field.options, given)
    case 'choices':
      return ofChoices(field.options, given)
    case 'date':
      return isDay(given) ? yes(given) : no('must be a day such as 2026-11-22')
    case 'time':
      return typeof given === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(given)
        ? yes(given)
        : no('must be a time such as 09:30')
    case 'datetime':
      return ofInstant(given)
    case 'email':
      return typeof given === 'string' && isAddress(given.trim()) ? yes(given.trim()) : no('must be an email address')
    case 'url':
      return ofUrl(given)
  }
}

function ofText(given: unknown, limit: number, manyLines: boolean): FieldVerdict {
  if (typeof given !== 'string') return no('must be text')
  const text = given.trim()
  if (text.length > limit) return no(`must have at most ${limit} characters`)
  if (
    manyLines
      ? /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)
      : /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
  )
    return no(manyLines ? 'must not contain control characters' : 'must be one line, without control characters')
  return yes(text === '' ? null : text)
}

function ofOptions(options: readonly string[], given: unknown): FieldVerdict {
  return typeof given === 'string' && options.includes(given) ? yes(given) : no(`must be one of: ${options.join(', ')}`)
}

/** In the order of the options, each once: two agents who choose the same things store the same. */
function ofChoices(options: readonly string[], given: unknown): FieldVerdict {
  const chosen = Array.isArray(given) ? given : [given]
  if (chosen.length > MAX_OPTIONS || !chosen.every((each) => options.includes(each as string)))
    return no(`must be some of: ${options.join(', ')}`)
  return yes(options.filter((option) => chosen.includes(option)))
}

function isDay(given: unknown): given is string {
  if (typeof given !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(given)) return false
  const at = new Date(`${given}T00:00:00Z`)
  // The 31st of February is read as a day of March.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(given)
}

function ofInstant(given: unknown): FieldVerdict {
  const isInstant =
    typeof given === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(given)
  const at = isInstant ? new Date(given) : null
  if (!at || Number.isNaN(at.getTime())) return no('must be an instant such as 2026-11-22T09:30:00Z')
  return yes(at.toISOString())
}

function isAddress(text: string): boolean {
  return text.length <= 320 && /^[^\s@<>,;"\u0000-\u001f\u007f]+@[^\s@<>,;"\u0000-\u001f\u007f]+$/.test(text)
}

/** Only what leads to a page: a script or a file behind a field would be run by whoever trusts it. */
function ofUrl(given: unknown): FieldVerdict {
  const why = 'must be an address of a page that begins with https:// or http://'
  if (typeof given !== 'string' || given.length > 2_000 || !/^https?:\/\/\S+$/i.test(given.trim())) return no(why)
  return URL.canParse(given.trim()) ? yes(given.trim()) : no(why)
}

/** Those a conversation of this inbox has, in their order. */
export function fieldsOf(fields: readonly CustomField[], inboxId: InboxId): CustomField[] {
  return fields.filter((field) => field.inboxId === null || field.inboxId === inboxId)
}

/** What must be filled in before a conversation with these values is closed. */
export function missingBeforeClosing(
  fields: readonly CustomField[],
  conversation: { readonly inboxId: InboxId; readonly fields: Readonly<Record<string, unknown>> },
): CustomField[] {
  return fieldsOf(fields, conversation.inboxId).filter(
    (field) => field.isRequired && (conversation.fields as Record<string, unknown>)[field.id] === undefined,
  )
}
