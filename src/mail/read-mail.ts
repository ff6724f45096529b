import { type ParsedMail, type ParseLimits, type ParseResult, parseMail } from './parse.ts'
import { splitQuoted, type VisibleText } from './visible-text.ts'

/** A mail as it was parsed, and what of it was written now; or why it cannot be read. */
export type MailReading =
  | { readonly kind: 'parsed'; readonly mail: ParsedMail; readonly body: VisibleText }
  | Extract<ParseResult, { kind: 'unreadable' }>

/** Parses a mail and tells new words from quoted ones: what the door of the helpdesk needs, and what takes long for a large page of HTML. */
export async function readMail(bytes: Buffer, limits?: ParseLimits): Promise<MailReading> {
  const result = await parseMail(bytes, limits)
  return result.kind === 'parsed' ? { ...result, body: splitQuoted(result.mail) } : result
}
