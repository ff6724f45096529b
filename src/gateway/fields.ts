/** Fields of a request on their way to what the mail is written from. A refusal names the field by its pointer. */
import { Refusal } from '../errors.ts'
import { explainMailbox, type Mailbox, parseMailbox } from '../mail/address.ts'
import type { Attachment } from '../mail/attachment.ts'
import type { AttachmentRequest } from './send-request.ts'

export function mailboxAt(pointer: string, text: string): Mailbox {
  const mailbox = parseMailbox(text)
  if (mailbox) return mailbox
  const why = explainMailbox(text)?.replace(/\.$/, '')
  throw new Refusal('invalid_address', { text, pointer, ...(why && { why }) })
}

export function mailboxesAt(pointer: string, texts: readonly string[]): Mailbox[] {
  return texts.map((text, i) => mailboxAt(`${pointer}/${i}`, text))
}

export function attachmentsOf(attachments: readonly AttachmentRequest[]): Attachment[] {
  return attachments.map((attachment, i) => ({
    ...attachment,
    content: bytesAt(`/attachments/${i}/content`, attachment.content),
  }))
}

/** Node's decoder passes over what it does not know: of what is base64 it leaves nothing out, and so gives the full length. */
export function bytesAt(pointer: string, base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  const digits = countDigits(base64)
  if (digits % 4 === 1 || bytes.length !== Math.floor((digits * 3) / 4)) {
    throw new Refusal('invalid_request', { pointer, why: 'The content must be base64.' })
  }
  return bytes
}

/** Without white space, and without the one or two `=` at the end. By hand: megabytes of white space are more than a regular expression may take. */
function countDigits(base64: string): number {
  let digits = 0
  let padding = 0
  for (let i = 0; i < base64.length; i++) {
    const code = base64.charCodeAt(i)
    if (code === SPACE || code === LF || code === CR || code === TAB) continue
    digits++
    padding = code === EQUALS ? padding + 1 : 0
  }
  return digits - Math.min(padding, 2)
}
const [TAB, LF, CR, SPACE, EQUALS] = [9, 10, 13, 32, 61]
