/** What was typed, read by what the form asks for. Everything that is wrong is told at once, each at its field. Pure. */
import { readLanguage } from '../contacts/contact.ts'
import { type ContactField, readJson, readText } from '../contacts/custom-data.ts'
import { keyOfAddress } from '../contacts/save-contact.ts'
import { explainAddress, parseAddress } from '../mail/address.ts'
import { type ConsentText, DATA_PREFIX, type FormField, type FormSettings } from './form.ts'
import type { Answers, GivenConsent } from './submission.ts'

/** By the names of fields; a field may come several times. */
export type Posted = ReadonlyMap<string, readonly string[]>

/** Nobody sees it, so a person leaves it empty; programs fill everything in. */
export const HONEYPOT = 'website_url'
export const CONSENT_PREFIX = 'consent.'

export interface Asked {
  readonly settings: FormSettings
  /** Of each box every version, the newest first. */
  readonly consents: readonly ConsentText[]
  readonly contactFields: readonly ContactField[]
}

export interface Read {
  readonly address: string
  readonly answers: Answers
  /** Asked for: those that come with the form, and those that were ticked. */
  readonly lists: readonly string[]
  readonly consents: readonly GivenConsent[]
}

export type ReadAnswers =
  | { readonly ok: true; readonly read: Read }
  /** By the names of fields. */
  | { readonly ok: false; readonly errors: ReadonlyMap<string, string> }

const MAX_NAME = 100

export function readAnswers({ settings, consents, contactFields }: Asked, posted: Posted): ReadAnswers {
  const errors = new Map<string, string>()
  const one = (name: string) => (posted.get(name)?.[0] ?? '').trim()
  const address = readAddress(one('email'), errors)
  const answers: { first_name?: string; last_name?: string; language?: string } = {}
  const data: Record<string, unknown> = {}
  for (const field of settings.fields) {
    if (field.key === 'email') continue
    const value = field.key.startsWith(DATA_PREFIX)
      ? readData(field, contactFields, posted.get(field.key) ?? [], errors)
      : readOwn(field, settings, one(field.key), errors)
    const isEmpty = value === null || value === ''
    if (isEmpty && field.required && !errors.has(field.key)) errors.set(field.key, `${field.label} is needed.`)
    if (isEmpty) continue
    if (field.key.startsWith(DATA_PREFIX)) data[field.key.slice(DATA_PREFIX.length)] = value
    else answers[field.key as keyof typeof answers] = value as string
  }
  const given = readConsents(settings, consents, posted, errors)
  const ticked = new Set(posted.get('list') ?? [])
  const lists = settings.lists.filter(({ id, offered }) => !offered || ticked.has(id)).map(({ id }) => id)
  if (lists.length === 0) errors.set('list', 'Choose at least one of these.')
  if (errors.size > 0) return { ok: false, errors }
  return {
    ok: true,
    read: { address, answers: Object.keys(data).length > 0 ? { ...answers, data } : answers, lists, consents: given },
  }
}

function readAddress(text: string, errors: Map<string, string>): string {
  const key = parseAddress(text) && keyOfAddress(text)
  if (key) return key
  errors.set('email', text === '' ? 'Your address is needed.' : (explainAddress(text) ?? 'This is not an email address.'))
  return ''
}

function readOwn(field: FormField, { languages }: FormSettings, text: string, errors: Map<string, string>): string {
  if (text === '') return ''
  if (field.key === 'language') {
    const tag = readLanguage(text)
    if (tag !== null && languages.some((one) => one.tag === tag)) return tag
    errors.set(field.key, 'Choose one of the languages.')
    return ''
  }
  const wrong = wrongInName(text)
  if (wrong === null) return text
  errors.set(field.key, `${field.label} ${wrong}.`)
  return ''
}

/** Names stand in the mail that asks to confirm. Whoever wants to advertise to strangers would write their address there. */
export function wrongInName(text: string): string | null {
  if (text.length > MAX_NAME) return `has at most ${MAX_NAME} characters`
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) return 'is one line'
  return /[<>@]|:\/\/|\bwww\.|\p{L}\.(?:com|net|org|info|biz|ru|cn|top|xyz|shop|site|online|club)\b/iu.test(text)
    ? 'has no web or mail address in it'
    : null
}

function readData(
  field: FormField,
  contactFields: readonly ContactField[],
  values: readonly string[],
  errors: Map<string, string>,
): unknown {
  const known = contactFields.find(({ key }) => key === field.key.slice(DATA_PREFIX.length))
  if (!known) return null
  const own = { ...known, label: field.label }
  const said = values.filter((value) => value.trim() !== '')
  if (known.type === 'boolean' && said.length === 0) return null
  const read = known.type === 'choices' ? readJson(own, said) : readText(own, said[0] ?? '')
  if (read.ok) return known.type === 'boolean' && field.required && read.value !== true ? null : read.value
  errors.set(field.key, `${read.why}.`)
  return null
}

/** A box says which version of its words stood there: that is what was agreed to, also when the words were changed since. */
function readConsents(
  settings: FormSettings,
  texts: readonly ConsentText[],
  posted: Posted,
  errors: Map<string, string>,
): GivenConsent[] {
  return settings.consents.flatMap(({ key, required }) => {
    const newest = texts.find((one) => one.key === key)
    const said = posted.get(`${CONSENT_PREFIX}${key}`)?.[0]
    const seen = said === undefined ? newest : texts.find((one) => one.key === key && String(one.version) === said)
    if (said !== undefined && !seen)
      errors.set(`${CONSENT_PREFIX}${key}`, 'These words were changed meanwhile. Read them and tick the box again.')
    else if (required && said === undefined) errors.set(`${CONSENT_PREFIX}${key}`, 'This is needed.')
    return seen ? [{ key, version: seen.version, hash: seen.hash, given: said !== undefined }] : []
  })
}
