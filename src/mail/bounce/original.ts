import { parseMessageId } from '../message-id.ts'
import type { ParsedMail, ReceivedFile } from '../parse.ts'
import { readReceivedHead } from '../received-head.ts'
import type { OriginalMail } from './inbound.ts'

const LIMITS = { headerBytes: 256 * 1024, headers: 1_000, addresses: 100 }
const HEADERS_MAX = 100

/** The mail that came back: whole, or its headers only, as a part of the report or as text below it. */
export function originalOf(mail: ParsedMail, below: string): OriginalMail | null {
  const part = mail.attachments.find(isReturned)
  return (
    (part && readOriginal(Buffer.from(part.bytes))) ?? (below.trim() === '' ? null : readOriginal(Buffer.from(below.trimStart())))
  )
}

function isReturned({ contentType }: ReceivedFile): boolean {
  return contentType === 'message/rfc822' || contentType === 'text/rfc822-headers' || contentType === 'message/global'
}

export function readOriginal(bytes: Buffer): OriginalMail | null {
  const found = readReceivedHead(bytes.subarray(0, LIMITS.headerBytes), { ...LIMITS, headerBytes: LIMITS.headerBytes + 1 })
  if (!found.ok || found.head.headers.length === 0) return null
  const { head } = found
  return {
    messageId: messageIdOf(head.first('message-id')),
    to: ['x-hmxmroriginalrecipient', 'x-envelope-to', 'to', 'cc']
      .flatMap((key) => head.people(key))
      .map(({ address }) => address)
      .filter((address) => address.includes('@')),
    headers: head.headers.slice(0, HEADERS_MAX),
  }
}

/** Some programs leave the angle brackets out. */
function messageIdOf(value: string): string | null {
  return parseMessageId(value) ?? parseMessageId(`<${value.trim()}>`)
}
