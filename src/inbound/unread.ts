/**
 * A mail that nobody could read, as a conversation can have it: what its head says, as far as that can be told without reading on, and the whole of
 * it as a file.
 */
import { createHash } from 'node:crypto'
import { UNAUTHENTICATED } from '../mail/authentication.ts'
import { PLAIN_MESSAGE } from '../mail/bounce/inbound.ts'
import { decodeWords } from '../mail/encoded-word.ts'
import { parseReceivedIds } from '../mail/message-id.ts'
import type { ParsedMail } from '../mail/parse.ts'
import { cleanText } from '../mail/raw-head.ts'
import { type Correspondent, readReceivedHead } from '../mail/received-head.ts'
import type { ClaimedMail } from './queries.ts'
import type { ReadMail } from './read-mail.ts'

/** What lists show of a mail. */
export interface HeadFacts {
  readonly from: Correspondent | null
  readonly to: readonly Correspondent[]
  readonly subject: string
  readonly messageId: string | null
}

/** More headers than a mail that is read may have, since that is what some cannot be read for; of a head without end, what is near its beginning. */
const LOOKED_AT = 300 * 1024
const LIMITS = { headerBytes: LOOKED_AT, headers: 20_000, addresses: 50 }

/** Null where even that cannot be told. */
export function headFactsOf(bytes: Buffer): HeadFacts | null {
  const beginning = bytes.subarray(0, LOOKED_AT)
  const answer = readReceivedHead(beginning, LIMITS)
  if (!answer.ok) return null
  const { head } = answer
  return {
    from: head.people('from')[0] ?? null,
    to: head.people('to'),
    subject: cleanText(decodeWords(head.first('subject').slice(0, 10_000))).slice(0, 1_000),
    messageId: parseReceivedIds(head.first('message-id').slice(0, 2_000))[0] ?? null,
  }
}

const NOTHING: ParsedMail = {
  ...{ subject: '', from: null, sender: null, replyTo: [], to: [], cc: [], bcc: [], date: null, messageId: null },
  ...{ inReplyTo: [], references: [], headers: [], text: null, html: null, attachments: [], sealed: null, events: [] },
}

/** `head`: null where it was not looked at either. `because` begins with a small letter and has no full stop. */
export function unreadMail(claimed: ClaimedMail, bytes: Buffer, head: HeadFacts | null, because: string): ReadMail {
  const { hash, sizeBytes, isCut } = claimed
  const filename = isCut ? 'Beginning of the mail.eml' : 'Mail as it came.eml'
  const text = `This mail could not be read: ${because}. It is attached as it came${isCut ? ', as far as it was kept' : ''}.`
  const eml = { filename, contentType: 'message/rfc822', sizeBytes, contentId: null, isInline: false }
  return {
    mail: { ...NOTHING, ...(head && { from: head.from, to: head.to, subject: head.subject, messageId: head.messageId }), text },
    contentHash: createHash('sha256').update(bytes).digest(),
    reading: PLAIN_MESSAGE,
    automatic: null,
    keys: { tokens: [], references: [], subjectTags: [] },
    body: { text, quoted: null, html: null },
    files: [{ ordinal: 0, ...eml, hash }],
    blobs: [],
    authentication: UNAUTHENTICATED,
  }
}
