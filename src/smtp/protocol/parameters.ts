import { type Reply, reply } from './reply.ts'

/** What may follow the address of MAIL (RFC 1870, 6152, 6531, 3461). */
export interface MailParameters {
  /** In bytes, as announced; null: not announced. */
  readonly size: number | null
  readonly eightBit: boolean
  readonly utf8: boolean
  /** How much of the mail a report shall return, and the name the sender gave it. */
  readonly ret: 'FULL' | 'HDRS' | null
  readonly envid: string | null
}

/** What may follow the address of RCPT (RFC 3461). As written: we keep them, and never read them. */
export interface RecipientParameters {
  readonly notify: string | null
  readonly orcpt: string | null
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Reply }

const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]{0,30})(?:=([\x21-\x3c\x3e-\x7e\x80-\xff]+))?$/
/** RFC 3461 §4: xtext. */
const XTEXT = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+$/
const ENVID_MAX = 100
const ORCPT_MAX = 500

export function readMailParameters(text: string): Read<MailParameters> {
  const given = split(text)
  if (!given) return syntax('a parameter after the address of MAIL')
  for (const [name, value] of given) {
    const isRight = MAIL[name]?.(value)
    if (isRight === undefined) return unknown('MAIL', name)
    if (!isRight) return syntax(`the parameter ${name} of MAIL`)
  }
  const size = given.get('SIZE')
  return {
    ok: true,
    value: {
      size: size === undefined ? null : Number(size),
      eightBit: given.get('BODY')?.toUpperCase() === '8BITMIME',
      utf8: given.has('SMTPUTF8'),
      ret: (given.get('RET')?.toUpperCase() ?? null) as MailParameters['ret'],
      envid: given.get('ENVID') ?? null,
    },
  }
}

/** AUTH names whom the mail is from in the eyes of another server (RFC 4954 §5): we ask everybody themselves, and so do not listen. */
const MAIL: Readonly<Record<string, (value: string) => boolean>> = {
  SIZE: (value) => /^\d{1,15}$/.test(value),
  BODY: (value) => /^(?:7BIT|8BITMIME)$/i.test(value),
  SMTPUTF8: (value) => value === '',
  RET: (value) => /^(?:FULL|HDRS)$/i.test(value),
  ENVID: (value) => value.length <= ENVID_MAX && XTEXT.test(value),
  AUTH: (value) => value.length <= ORCPT_MAX && XTEXT.test(value),
}

export function readRecipientParameters(text: string): Read<RecipientParameters> {
  const given = split(text)
  if (!given) return syntax('a parameter after the address of RCPT')
  for (const [name, value] of given) {
    const isRight = RECIPIENT[name]?.(value)
    if (isRight === undefined) return unknown('RCPT', name)
    if (!isRight) return syntax(`the parameter ${name} of RCPT`)
  }
  return { ok: true, value: { notify: given.get('NOTIFY')?.toUpperCase() ?? null, orcpt: given.get('ORCPT') ?? null } }
}

const RECIPIENT: Readonly<Record<string, (value: string) => boolean>> = {
  NOTIFY: (value) => /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/i.test(value),
  ORCPT: (value) => value.length <= ORCPT_MAX && /^[A-Za-z0-9-]+;/.test(value) && XTEXT.test(value.slice(value.indexOf(';') + 1)),
}

function split(text: string): Map<string, string> | null {
  const given = new Map<string, string>()
  if (text === '') return given
  for (const part of text.split(' ')) {
    if (part === '') continue
    const [, name, value = ''] = PARAMETER.exec(part) ?? []
    const key = name?.toUpperCase()
    if (key === undefined || given.has(key)) return null
    given.set(key, value)
  }
  return given
}

function syntax(what: string): { ok: false; refusal: Reply } {
  return { ok: false, refusal: reply(501, '5.5.4', `I cannot read ${what}.`) }
}

function unknown(command: string, name: string): { ok: false; refusal: Reply } {
  return { ok: false, refusal: reply(555, '5.5.4', `${command} does not take the parameter ${name} here.`) }
}
