import { Refusal } from '../errors.ts'
import { isInternationalized, type Mailbox, parseAddress } from './address.ts'
import {
  type ComposedMessage,
  type ComposeLimits,
  formatDate,
  type OutgoingMessage,
  quotedPart,
  refuseTooLarge,
  textPart,
  type WriteText,
  writeBody,
} from './compose.ts'
import { assertCustomHeader } from './custom-header.ts'
import { headerLine, mailboxHeader } from './header.ts'
import { quotedText } from './quoted-text.ts'

/**
 * A message for many, written once and stored: everything that is the same for all of them is encoded, and between it are places. Of each
 * recipient only the values of those places are stored; they are filled in when the mail leaves. A number is a place of the recipient's
 * stored values, a name one of what belongs to the delivery itself and is known in that moment (its token, its address).
 */
export type Place = number | string

/** A text and the places in it: one literal more than there are places. */
export interface Slotted {
  readonly literals: readonly string[]
  readonly places: readonly Place[]
}

/** A text without places. */
export function still(text: string): Slotted {
  return { literals: [text], places: [] }
}

export interface StencilSource {
  readonly from: Mailbox
  readonly replyTo?: readonly Mailbox[]
  /** In its place: an address that is each delivery's own, as ASCII. */
  readonly ownReplyTo?: Slotted | null
  /** The name in To; the address is the delivery's. */
  readonly toName: Slotted
  readonly subject: Slotted
  /** Additional headers, in their order. */
  readonly headers?: readonly (readonly [name: string, value: Slotted])[]
  readonly text?: Slotted | null
  /** What is filled in must be HTML already: nothing is escaped here. */
  readonly html?: Slotted | null
  readonly attachments?: OutgoingMessage['attachments']
}

/** What is stored, as JSON. `body`: encoded text and, between, texts with places. */
interface Stored {
  readonly stencil: 1
  /** Domain and form of the author. */
  readonly internationalized: boolean
  readonly head: readonly (string | readonly [name: string, value: Slotted])[]
  readonly toName: Slotted
  readonly body: readonly (string | Slotted)[]
}

/** Stands for a text in the body while it is written; no encoding produces it. */
const MARK = '\0'
/** Boundaries need not differ from mail to mail: nobody ever holds two of them as one. */
const BOUNDARY_ID = '<stencil@waybill>'
/** Between two encoded pieces of quoted-printable: a line break that is none (RFC 2045 §6.7 rule 5). */
const SOFT_BREAK = '=\r\n'
const LINE_END = '\r\n'
/** Where the lines that only a delivery knows go. */
const TO = '\0to'
const MESSAGE_ID = '\0id'

/** Writes what is the same for all. Refuses what could be written for nobody. */
export function writeStencil(source: StencilSource, limits: ComposeLimits = { maxBytes: Number.POSITIVE_INFINITY }): string {
  const { from, replyTo = [], attachments = [], headers = [], subject, toName } = source
  refuseTooLarge({ text: lettersOf(source.text), html: lettersOf(source.html), attachments }, limits)
  const texts: Slotted[] = []
  const write: WriteText = (subtype, text, boundary) => {
    const slotted = (subtype === 'html' ? source.html : source.text) ?? still('')
    if (slotted.places.length === 0) return textPart(subtype, text, boundary)
    texts.push({ literals: slotted.literals.map((literal) => quotedText(literal)), places: slotted.places })
    return quotedPart(subtype, MARK)
  }
  const body = writeBody(
    { text: lettersOf(source.text), html: lettersOf(source.html), attachments, messageId: BOUNDARY_ID },
    write,
  )
  for (const [name, value] of headers) assertCustomHeader(name, value.literals.join(''))
  const head = [
    mailboxHeader('From', [from]) + (replyTo.length > 0 && !source.ownReplyTo ? mailboxHeader('Reply-To', replyTo) : ''),
    ...(source.ownReplyTo ? [fieldOf('Reply-To', source.ownReplyTo)] : []),
    TO,
    fieldOf('Subject', subject),
    MESSAGE_ID,
    ...headers.map(([name, value]) => fieldOf(name, value)),
    'MIME-Version: 1.0\r\n',
  ]
  const stored: Stored = {
    stencil: 1,
    internationalized: [from, ...replyTo].some(({ address }) => isInternationalized(address)),
    head,
    toName,
    body: body.split(MARK).flatMap((part, i) => (i === 0 ? [part] : [texts[i - 1] as Slotted, part])),
  }
  return toAscii(JSON.stringify(stored))
}

/** Contents are one character a byte. */
function toAscii(json: string): string {
  return json.replace(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Null where there is no text. One that has places counts as there, whatever will stand in them. */
function lettersOf(slotted: Slotted | null | undefined): string | null {
  if (!slotted) return null
  const letters = slotted.literals.join('')
  return letters === '' && slotted.places.length > 0 ? ' ' : letters
}

function fieldOf(name: string, value: Slotted): string | readonly [string, Slotted] {
  return value.places.length === 0 ? headerLine(name, value.literals[0] ?? '') : [name, value]
}

/** One recipient's mail, in the moment in which it leaves. */
export interface Filling {
  readonly recipient: string
  readonly messageId: string
  readonly date: Date
  readonly values: readonly string[]
  /** What belongs to the delivery itself, by the names of its places. */
  readonly own: Readonly<Record<string, string>>
}

export interface Stencil {
  /** Refuses what would not be one mail to one recipient: control characters in a header, a missing value, an address that is none. */
  fill(filling: Filling): ComposedMessage
}

/** Reads what `writeStencil` wrote; everything that need not be done for each recipient is done here. */
export function readStencil(content: string): Stencil {
  const { stencil, head, toName, body, internationalized } = JSON.parse(content) as Stored
  if (stencil !== 1) throw new RangeError('not a stencil of this version')
  const steps = body.flatMap((part): readonly Step[] => (typeof part === 'string' ? [part] : stepsOf(part)))
  const dateOf = datesOfSeconds()
  return {
    fill(filling) {
      const address = parseAddress(filling.recipient)
      if (!address) throw new Refusal('invalid_address', { text: filling.recipient })
      const to = { name: fillIn(toName, filling).slice(0, NAME_MAX), address }
      let content = `Date: ${dateOf(filling.date)}\r\n`
      for (const field of head) {
        if (field === TO) content += mailboxHeader('To', [to])
        else if (field === MESSAGE_ID) content += headerLine('Message-ID', filling.messageId)
        else content += typeof field === 'string' ? field : headerLine(field[0], fillIn(field[1], filling))
      }
      content += fillBody(steps, filling)
      return {
        content,
        sizeBytes: content.length,
        eightBit: false,
        internationalized: internationalized || isInternationalized(address),
      }
    },
  }
}

/** Thousands of mails leave in one second. */
function datesOfSeconds(): (date: Date) => string {
  let [second, text] = [Number.NaN, '']
  return (date) => {
    const wanted = Math.floor(date.getTime() / 1_000)
    if (wanted !== second) [second, text] = [wanted, formatDate(date)]
    return text
  }
}

const NAME_MAX = 200

/** What a body is put together from: encoded text that stands anywhere, a place, or encoded text that has to begin a line. */
type Step = string | { readonly place: Place } | { readonly atStart: string; readonly behind: string; readonly endsLine: boolean }

function stepsOf({ literals, places }: Slotted): Step[] {
  return literals.flatMap((literal, i): Step[] => {
    const text: Step[] =
      literal === '' ? [] : [{ atStart: literal, behind: SOFT_BREAK + literal, endsLine: literal.endsWith(LINE_END) }]
    const place = places[i]
    return place === undefined ? text : [...text, { place }]
  })
}

/** Each piece was encoded from the beginning of a line, so it has to stand there: a soft break comes before it where it would not. */
function fillBody(steps: readonly Step[], filling: Filling): string {
  let out = ''
  let isAtStart = true
  for (const step of steps) {
    if (typeof step === 'string') {
      out += step
      isAtStart = true
    } else if ('place' in step) {
      const value = valueAt(step.place, filling)
      if (value === '') continue
      if (value.includes('\0')) throw new Refusal('control_character', { field: 'A value' })
      const encoded = quotedText(value)
      out += isAtStart ? encoded : SOFT_BREAK + encoded
      isAtStart = encoded.endsWith(LINE_END)
    } else {
      out += isAtStart ? step.atStart : step.behind
      isAtStart = step.endsLine
    }
  }
  return out
}

function fillIn({ literals, places }: Slotted, filling: Filling): string {
  let out = literals[0] ?? ''
  for (let i = 0; i < places.length; i++) out += valueAt(places[i] as Place, filling) + (literals[i + 1] ?? '')
  return out
}

function valueAt(place: Place, { values, own }: Filling): string {
  const value = typeof place === 'number' ? values[place] : Object.hasOwn(own, place) ? own[place] : undefined
  if (value === undefined) throw new Refusal('missing_value', { name: String(place) })
  return value
}

/** Everything a stencil's stored values may hold together, in characters. */
export const MAX_VALUES = 256 * 1024
