import { Refusal } from '../errors.ts'
import { assertHeaderName } from './header.ts'
import { isMessageId } from './message-id.ts'

/** Headers that have a field of their own, that describe the body, or that only servers on the way may write. */
const RESERVED =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*|received.*|return-path|delivered-to|x-original-to|dkim-signature|domainkey-signature|arc-.*|authentication-results|resent-.*|errors-to|apparently-to|envelope-to)$/i

const VALUE_MAX = 10_000

/** Stops at an additional header that is not the writer's to set, or that cannot be what it says. */
export function assertCustomHeader(name: string, value: string): void {
  assertHeaderName(name)
  if (RESERVED.test(name)) {
    throw new Refusal('invalid_request', { why: `The header ${name} cannot be set here: ${reasonOf(name)}.` })
  }
  if (value.length > VALUE_MAX) throw new Refusal('too_many_headers', { limit: VALUE_MAX, unit: `characters in ${name}` })
  if (/^(?:in-reply-to|references)$/i.test(name) && !value.split(/[ \t]+/).every((id) => id === '' || isMessageId(id))) {
    throw new Refusal('invalid_request', { why: `${name} takes message ids such as <4711@example.com>, separated by spaces.` })
  }
}

function reasonOf(name: string): string {
  if (/^bcc$/i.test(name)) return 'it would tell everyone who got a blind copy; use the field bcc'
  if (/^(?:from|to|cc|reply-to|subject)$/i.test(name)) return 'it has a field of its own'
  if (/^(?:content-|mime-version)/i.test(name)) return 'it describes the body, which is encoded by the server'
  if (/^(?:date|message-id)$/i.test(name)) return 'it is made by the server'
  return 'it belongs to the servers that carry the mail'
}
