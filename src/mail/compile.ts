import { Refusal } from '../errors.ts'
import { isInternationalized, type Mailbox } from './address.ts'
import {
  type ComposedMessage,
  type ComposeLimits,
  type OutgoingMessage,
  quotedPart,
  refuseTooLarge,
  textPart,
  type WriteText,
  withQuotedHtml,
  writeBody,
  writeHead,
} from './compose.ts'
import { fill, type Pieces, piecesOf } from './placeholder.ts'
import { quotedText } from './quoted-text.ts'

/** A message for many: `{{ name }}` in subject, text, HTML and header values stands for what differs from one to the next. */
export type MessageTemplate = Omit<OutgoingMessage, 'to' | 'cc' | 'date' | 'messageId'>

/** What is one recipient's own. */
export interface Copy {
  readonly to: Mailbox
  readonly date: Date
  readonly messageId: string
  readonly values: Readonly<Record<string, string>>
}

export interface CompiledMessage {
  /** Every name that the template uses. */
  readonly names: readonly string[]
  /** The whole message for one recipient. Refuses a copy that lacks a value. */
  write(copy: Copy): ComposedMessage
}

/** Between two encoded pieces of quoted-printable: a line break that is none (RFC 2045 §6.7 rule 5). */
const SOFT_BREAK = '=\r\n'
/** Stands for a text in the body that is written once; no encoding produces it. */
const MARK = '\0'

/**
 * Writes everything that is the same for all recipients once: attachments, parts, and the encoded text between the places that differ. A copy
 * costs its header and its own values. Texts with such places are always quoted-printable, where pieces can be encoded one by one.
 */
export function compile(
  template: MessageTemplate,
  limits: ComposeLimits = { maxBytes: Number.POSITIVE_INFINITY },
): CompiledMessage {
  refuseTooLarge(template, limits)
  const texts: EncodedPieces[] = []
  const alike = template.quotedHtml ? withQuotedHtml(textPart) : textPart
  const write: WriteText = (subtype, text, boundary) => {
    const pieces = piecesOf(text)
    if (pieces.names.length === 0) return alike(subtype, text, boundary)
    texts.push({
      ...pieces,
      literals: pieces.literals.map(quotedText),
      toText: subtype === 'html' ? escapeHtml : (value) => value,
    })
    return quotedPart(subtype, MARK)
  }
  const { attachments, text, html } = template
  const body = writeBody(
    { attachments: attachments ?? [], text: text ?? null, html: html ?? null, messageId: BOUNDARY_ID },
    write,
  )
  const frame = body.split(MARK)
  const subject = piecesOf(template.subject)
  const headers = (template.headers ?? []).map(([name, value]) => [name, piecesOf(value)] as const)
  const names = [...new Set([subject, ...headers.map(([, pieces]) => pieces), ...texts].flatMap((pieces) => pieces.names))]
  return {
    names,
    write({ to, date, messageId, values }) {
      const missing = names.find((name) => !Object.hasOwn(values, name))
      if (missing !== undefined) throw new Refusal('missing_value', { name: missing })
      const head = writeHead({
        from: template.from,
        replyTo: template.replyTo ?? [],
        to: [to],
        subject: fill(subject, values),
        headers: headers.map(([name, pieces]) => [name, fill(pieces, values)] as const),
        date,
        messageId,
      })
      let content = head + (frame[0] ?? '')
      for (let i = 0; i < texts.length; i++) content += `${fillEncoded(texts[i] as EncodedPieces, values)}${frame[i + 1] ?? ''}`
      if (content.length > limits.maxBytes) throw new Refusal('message_too_large', { limit: limits.maxBytes })
      const internationalized = [template.from, to, ...(template.replyTo ?? [])].some(({ address }) =>
        isInternationalized(address),
      )
      return { content, sizeBytes: content.length, eightBit: false, internationalized }
    },
  }
}

/** Boundaries need not differ from copy to copy: nobody ever holds two of them as one. */
const BOUNDARY_ID = '<compiled@waybill>'

interface EncodedPieces extends Pieces {
  toText(value: string): string
}

function fillEncoded({ literals, names, toText }: EncodedPieces, values: Readonly<Record<string, string>>): string {
  let out = literals[0] ?? ''
  for (let i = 0; i < names.length; i++) {
    out = afterBreak(out, quotedText(toText(values[names[i] ?? ''] ?? '')))
    out = afterBreak(out, literals[i + 1] ?? '')
  }
  return out
}

/** Each piece was encoded from the beginning of a line, so it has to stand there. */
function afterBreak(out: string, piece: string): string {
  if (piece === '') return out
  return out === '' || out.endsWith('\r\n') ? out + piece : `${out}${SOFT_BREAK}${piece}`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(value: string): string {
  return /[&<>"']/.test(value) ? value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '') : value
}
