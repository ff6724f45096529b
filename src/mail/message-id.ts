/**
 * Message-IDs (RFC 5322 §3.6.4). What we make is `<id@domain>`; what we read from others may be almost anything, so reading takes what
 * stands in angle brackets and never more than a bounded number.
 */

/** The id of a message or delivery as its Message-ID: made of what is stored anyway, so that a second try has the same one. */
export function messageIdOf(id: string, domain: string): string {
  return `<${id}@${domain}>`
}

const IDS_MAX = 100
const ID_MAX = 998
// No white space, control or angle bracket within; the @ is missing in many ids of real mail.
const ID = /<([^<>\s\x00-\x1f\x7f-\x9f\u2028\u2029]{1,996})>/g

/**
 * The ids of a References or In-Reply-To header in their order, with angle brackets, without repeats. Of a longer list the first, which
 * began the conversation, and the last are kept (as RFC 5537 §3.4.4 trims them).
 */
export function parseMessageIds(value: string): string[] {
  const found = new Set<string>()
  for (const match of value.slice(0, 256 * 1024).matchAll(ID)) found.add(match[0])
  const ids = [...found]
  return ids.length <= IDS_MAX ? ids : [...ids.slice(0, 1), ...ids.slice(1 - IDS_MAX)]
}

/** The id of a Message-ID header, or null. */
export function parseMessageId(value: string): string | null {
  return parseMessageIds(value)[0] ?? null
}

const BARE = /^[^<>\s@\x00-\x1f\x7f-\x9f\u2028\u2029]{1,500}@[^<>\s@\x00-\x1f\x7f-\x9f\u2028\u2029]{1,255}$/

/** The ids of a header that came in: some programs forget the brackets, and then each word with an @ is one. */
export function parseReceivedIds(value: string): string[] {
  const ids = parseMessageIds(value)
  if (ids.length > 0) return ids
  const words = value.slice(0, 2_000).split(/[\s,]+/)
  return [...new Set(words.filter((word) => BARE.test(word)).map((word) => `<${word}>`))]
}

/** True for an id that may be written into a header of ours: brackets, one @, no character that needs quoting. */
export function isMessageId(text: string): boolean {
  return text.length <= ID_MAX && /^<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9!#$%&'*+/=?^_`{|}~.[\]:-]+>$/.test(text)
}

/** The References header of an answer (RFC 5322 §3.6.4): those of the message answered and its own id, at most `max` of them. */
export function referencesOf(parent: { readonly references: readonly string[]; readonly messageId: string }, max = 20): string[] {
  const all = [...parent.references.filter((id) => id !== parent.messageId), parent.messageId]
  return all.length <= max ? all : [...all.slice(0, 1), ...all.slice(1 - max)]
}
