import { isAscii } from '../../../mail/characters.ts'
import type { MailParser } from '../../../mail/mail-parser.ts'
import { readMimeTree } from '../../../mail/mime-tree.ts'
import type { ParsedMail } from '../../../mail/parse.ts'
import type { Field } from '../../../mail/raw-head.ts'
import type { Parcel } from '../http/api-provider.ts'
import type { Handoff } from '../provider.ts'
import { type People, peopleOf } from './envelope.ts'
import { SCALEWAY_LIMITS, SCALEWAY_WRITES } from './limits.ts'
import { type Carryable, carryableOf } from './structure.ts'

export interface Unable {
  readonly kind: 'unable'
  readonly lack: Extract<Parcel, { kind: 'unable' }>['lack']
  readonly message: string
}

/** A mail as the API takes it. */
export interface ScalewayEmail extends People {
  readonly project_id: string
  readonly subject: string
  readonly text?: string
  readonly html?: string
  readonly attachments?: readonly { readonly name: string; readonly type: string; readonly content: string }[]
  readonly additional_headers?: readonly { readonly key: string; readonly value: string }[]
}

/** Fields that have a place of their own in the request. */
const PLACED: ReadonlySet<string> = new Set(['from', 'to', 'cc', 'subject'])

/**
 * The request that carries a mail, taken apart into its fields. Whatever has no field there refuses the mail with its name: nothing is left
 * out in silence. The fields of SCALEWAY_WRITES are the exception, since every mail has them and the far side writes its own.
 */
export async function scalewayBody(handoff: Handoff, projectId: string, parser: MailParser): Promise<Buffer | Unable> {
  const { sender, recipients, content, internationalized } = handoff
  if (sender === '')
    return unable('content', 'Scaleway has no null sender, which this message needs so that no automatic answer comes back.')
  if (internationalized || ![sender, ...recipients].every(isAscii))
    return unable('smtputf8', 'Scaleway loses mail whose addresses or headers need SMTPUTF8.')
  // Base64 in the mail is base64 in the request: what is far over the limit need not be taken apart first.
  if (content.length > 2 * SCALEWAY_LIMITS.requestBytes) return tooLarge(content.length)
  const tree = readMimeTree(content)
  if (!tree) return unable('wellformed', 'The message cannot be taken apart into its parts.')
  const parts = carryableOf(tree)
  if (typeof parts === 'string') return unable('content', `Scaleway cannot carry the message: ${parts}.`)
  const people = peopleOf(tree.fields, recipients)
  if (typeof people === 'string') return unable('content', `Scaleway cannot carry the message: ${people}.`)
  const read = await parser.parse(Buffer.from(content, 'latin1'))
  if (read.kind === 'unreadable') return unable('wellformed', `The message cannot be taken apart: ${read.reason}.`)
  const email = emailOf(read.mail, parts, people, tree.fields, projectId)
  return 'kind' in email ? email : requestOf(email)
}

function emailOf(
  mail: ParsedMail,
  parts: Carryable,
  people: People,
  fields: readonly Field[],
  project_id: string,
): ScalewayEmail | Unable {
  if (mail.attachments.length !== parts.files.length || (mail.html !== null) !== parts.hasHtml)
    return unable('wellformed', 'The message can be taken apart in more than one way.')
  const unnamed = mail.attachments.some(({ filename }) => filename === null)
  if (unnamed) return unable('content', 'Scaleway cannot carry the message: an attachment of it has no name.')
  if (/\bcid:/i.test(mail.html ?? ''))
    return unable(
      'content',
      'Scaleway cannot carry the message: its HTML refers to a part of it (cid:), and inline images are not taken.',
    )
  const { subject } = mail
  const text = parts.hasText ? (mail.text ?? '') : undefined
  const html = mail.html ?? undefined
  const short = Object.entries({ subject, text, html }).find(([, value]) => value !== undefined && isShort(value))
  if (short)
    return unable(
      'content',
      `Scaleway cannot carry the message: its ${NAMES[short[0]] ?? short[0]} has fewer than ${SCALEWAY_LIMITS.characters} characters.`,
    )
  const additional = headersOf(fields)
  if ('kind' in additional) return additional
  return {
    project_id,
    ...people,
    subject,
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    ...(mail.attachments.length > 0 && {
      attachments: mail.attachments.map(({ filename, contentType, bytes }) => ({
        name: filename ?? '',
        type: contentType,
        content: Buffer.from(bytes).toString('base64'),
      })),
    }),
    ...(additional.length > 0 && { additional_headers: additional }),
  }
}

const NAMES: Readonly<Record<string, string>> = { html: 'HTML' }

function isShort(text: string): boolean {
  return Array.from(text.trim()).length < SCALEWAY_LIMITS.characters
}

/** Everything else in the header, as it is written: encoded words stay encoded. */
function headersOf(fields: readonly Field[]): readonly { key: string; value: string }[] | Unable {
  const rest = fields.filter(({ key }) => !PLACED.has(key) && !SCALEWAY_WRITES.has(key))
  const odd = rest.find(({ key, value }) => !isAscii(value) || key.startsWith('content-'))
  if (odd) return unable('content', `Scaleway cannot carry the message: its header ${odd.name} cannot be given to it as it is.`)
  return rest.map(({ name, value }) => ({ key: name, value: value.trim() }))
}

function requestOf(email: ScalewayEmail): Buffer | Unable {
  const body = Buffer.from(JSON.stringify(email))
  return body.length > SCALEWAY_LIMITS.requestBytes ? tooLarge(body.length) : body
}

function tooLarge(bytes: number): Unable {
  return unable(
    'size',
    `The message has ${bytes} bytes as a request, and Scaleway takes at most ${SCALEWAY_LIMITS.requestBytes} over its API.`,
  )
}

function unable(lack: Unable['lack'], message: string): Unable {
  return { kind: 'unable', lack, message }
}
